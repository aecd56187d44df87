import { Application, EventSourceHandler, RequestHandler } from '@tornado-ts/web'
import { chromium } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { describeWith, findProgram } from './programs.ts'

class PageHandler extends RequestHandler {
  override get(): void {
    this.write('<title>Events</title>')
  }
}

/** Three events, a break, then two more from where the client left off; the third time it is told to stay away. */
class Numbers extends EventSourceHandler {
  static visits: (string | null)[] = []

  override async open(): Promise<void> {
    Numbers.visits.push(this.lastEventId)
    if (Numbers.visits.length > 2) {
      this.stopReconnecting()
      return
    }
    const from = Number(this.lastEventId ?? 0)
    await this.send({ retry: 1 })
    await this.comment('not seen')
    for (let i = from + 1; i <= (from === 0 ? 3 : 5); i++) {
      await this.send({
        id: String(i),
        data: `line one\nnumber ${i} ünï`,
        ...(i % 2 === 0 ? { event: 'even' } : {}),
      })
    }
    this.close()
  }
}

/** Runs in the page. */
async function listen(): Promise<unknown> {
  const got: [string, string, string][] = []
  const source = new EventSource('/numbers')
  const take = (event: Event): void => {
    const { type, lastEventId, data } = event as MessageEvent
    got.push([type, lastEventId, String(data)])
  }
  source.addEventListener('message', take)
  source.addEventListener('even', take)
  await new Promise<void>((resolve) => {
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) resolve()
    })
  })
  return got
}

describeWith('Chromium', findProgram('chromium'), (program) => {
  it.each([false, true])(
    'takes events, comes again with the last id, and stays away when told; compressResponse: %s',
    { timeout: 60_000 },
    async (compressResponse) => {
      Numbers.visits = []
      const app = new Application(
        [
          ['/', PageHandler],
          ['/numbers', Numbers],
        ],
        { logFunction: () => {}, compressResponse },
      )
      const server = app.listen(0, { address: '127.0.0.1' })
      const { port } = await server.bound
      onTestFinished(async () => await server[Symbol.asyncDispose]())
      const browser = await chromium.launch({
        executablePath: program,
        args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      })
      onTestFinished(async () => await browser.close())
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${port}/`)
      const numbers = [1, 2, 3, 4, 5].map((i) => [
        i % 2 === 0 ? 'even' : 'message',
        String(i),
        `line one\nnumber ${i} ünï`,
      ])
      expect(await page.evaluate(listen)).toEqual(numbers)
      expect(Numbers.visits).toEqual([null, '3', '5'])
    },
  )
})
