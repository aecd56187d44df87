import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, it } from 'vitest'
import { serve } from '../test/serve.ts'
import { Application } from './application.ts'
import { HTTPError } from './errors.ts'
import { withMiddleware, type Middleware } from './handlers/middleware.ts'
import { RequestHandler } from './request-handler.ts'
import { streamRequestBody } from './input/stream-request-body.ts'

it('what middleware keeps in an AsyncLocalStorage is known to the end of the response', async () => {
  const requestId = new AsyncLocalStorage<string>()
  const known: string[] = []
  const tell = (what: string): void => void known.push(`${what} ${requestId.getStore()}`)
  class Base extends RequestHandler {
    override logException(): void {
      tell('logException')
    }
    override onFinish(): void {
      tell('onFinish')
    }
  }
  class Plain extends Base {
    override get(): void {
      if (this.request.query === 'fail') throw new HTTPError(404)
    }
  }
  class Waiting extends Base {
    override async get(): Promise<void> {
      await Promise.resolve()
      if (this.request.query === 'fail') throw new HTTPError(404)
    }
  }
  const Streaming = streamRequestBody(class extends Waiting {})
  const identified: Middleware = (handler, next) =>
    requestId.run(handler.request.headers.get('X-Id') ?? 'none', next)
  const logFunction = (): void => tell('logFunction')
  const rules = withMiddleware(
    [identified],
    [
      ['/plain', Plain],
      ['/waiting', Waiting],
      ['/streaming', Streaming],
    ],
  )
  await using served = await serve(new Application([rules, ['/outside', Plain]], { logFunction }))
  for (const path of ['/plain', '/waiting', '/streaming']) {
    for (const query of ['', '?fail']) {
      known.length = 0
      const { status } = await served.fetch('GET', path + query, { headers: { 'X-Id': 'a' } })
      expect([path, status]).toEqual([path, query === '' ? 200 : 404])
      const failed = query === '' ? [] : ['logException a']
      expect([path, known]).toEqual([path, [...failed, 'logFunction a', 'onFinish a']])
    }
  }
  known.length = 0
  await served.fetch('GET', '/outside')
  expect(known).toEqual(['logFunction undefined', 'onFinish undefined'])
})
