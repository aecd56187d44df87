import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { HTTPResponseStream } from '@tornado-ts/httpclient'
import { expectLog, serve, type ServedApplication } from '@tornado-ts/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { makeApplication } from './application.ts'
import { Board } from './board.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
let app: ServedApplication
let board: Board
afterEach(() => app?.close())

async function open(): Promise<void> {
  board = new Board()
  app = await serve(makeApplication(board))
}

function listen(headers: Record<string, string> = {}): Promise<HTTPResponseStream> {
  return app.client.stream(app.getUrl('/news'), { headers, decompressResponse: false })
}

/** Reads until `last` has come. */
async function readUntil(stream: AsyncIterator<Uint8Array>, last: string): Promise<string> {
  let text = ''
  while (!text.includes(last)) {
    const { done, value } = await stream.next()
    if (done === true) throw new Error(`The stream ended after ${JSON.stringify(text)}`)
    text += Buffer.from(value).toString()
  }
  return text
}

describe('server-sent-events', () => {
  it('sends what was posted to everybody who listens, the earlier news first', async () => {
    await open()
    board.post('before')
    const streams = await Promise.all([listen(), listen()])
    board.post('after <b>\nsecond line')
    for (const stream of streams)
      expect(await readUntil(stream[Symbol.asyncIterator](), 'second line\n\n')).toBe(
        'id: 1\ndata: before\n\nid: 2\ndata: after <b>\ndata: second line\n\n',
      )
  })

  it('sends what was missed to a page that comes again', async () => {
    await open()
    for (const text of ['one', 'two', 'three']) board.post(text)
    const stream = await listen({ 'Last-Event-ID': '2' })
    expect(await readUntil(stream[Symbol.asyncIterator](), 'three\n\n')).toBe('id: 3\ndata: three\n\n')
  })

  it('posts with the token of the page, and not without', async () => {
    using _log = expectLog('tornado', /POST \/post/)
    await open()
    const first = await app.fetch('/')
    expect(first.text()).toContain('new EventSource')
    const cookie = /_xsrf=[^;]+/.exec(first.headers.get('Set-Cookie')!)![0]
    const post = (text: string, token: string): Promise<number> =>
      app
        .fetch('/post', {
          method: 'POST',
          headers: { Cookie: cookie, 'X-XSRFToken': token },
          body: new URLSearchParams({ text }),
        })
        .then((response) => response.code)
    const token = cookie.slice('_xsrf='.length)
    expect(await post('hello', token)).toBe(204)
    expect(await post('x'.repeat(501), token)).toBe(400)
    expect(await post('hello', 'other')).toBe(403)
    expect(board.since(0)).toEqual([{ id: 1, text: 'hello' }])
  })

  it('keeps a hundred, and forgets who has gone', () => {
    const many = new Board()
    for (let index = 1; index <= 150; index++) many.post(String(index))
    expect(many.since(0)).toHaveLength(Board.keptCount)
    expect(many.since(149)).toEqual([{ id: 150, text: '150' }])
    expect(many.since(150)).toEqual([])
    // Of a page that was there before the program was started anew.
    expect(many.since(151)).toHaveLength(Board.keptCount)
    const leaving = new AbortController()
    const seen: number[] = []
    many.watch(({ id }) => seen.push(id), leaving.signal)
    many.post('x')
    leaving.abort()
    many.post('y')
    expect([seen, many.watcherCount]).toEqual([[151], 0])
  })

  it('explains its options', async () => {
    const node = ['--conditions=@tornado-ts/source', '--no-warnings', main, '--help']
    const { stdout } = await promisify(execFile)(process.execPath, node)
    for (const name of ['--port', '--address', '--clock']) expect(stdout).toContain(name)
  })
})
