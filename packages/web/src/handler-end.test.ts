import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { serve } from '../test/serve.ts'
import { Application } from './application.ts'
import { EventSourceHandler } from './events/event-source-handler.ts'
import { withMiddleware, type Middleware } from './handlers/middleware.ts'
import { RequestHandler } from './request-handler.ts'
import { streamRequestBody } from './input/stream-request-body.ts'

const head = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const upload = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n1'

/** What a handler of these kinds does until its client goes. */
const kinds: Readonly<Record<string, { request: string; made: (class_: Ends) => Ends }>> = {
  'that writes': {
    request: head,
    made: (Base) =>
      class extends Base {
        override async get(): Promise<void> {
          for (;;) {
            this.write('piece')
            await this.flush()
          }
        }
      },
  },
  'that returns pieces': {
    request: head,
    made: (Base) =>
      class extends Base {
        override get(): AsyncGenerator<string> {
          return (async function* () {
            for (;;) yield 'piece'
          })()
        }
      },
  },
  'that waits with the signal of the request': {
    request: head,
    made: (Base) =>
      class extends Base {
        override async get(): Promise<void> {
          const { signal } = this.request
          this.began()
          if (!signal.aborted) await once(signal, 'abort')
          signal.throwIfAborted()
        }
      },
  },
  'that takes an upload in pieces': {
    request: upload,
    made: (Base) =>
      streamRequestBody(
        class extends Base {
          override dataReceived(): void {
            this.began()
          }
          override post(): void {
            throw new Error('it must not run')
          }
        },
      ),
  },
  'that reads an upload': {
    request: upload,
    made: (Base) =>
      streamRequestBody(
        class extends Base {
          override async post(): Promise<void> {
            for await (const _ of this.bodyChunks()) this.began()
          }
        },
      ),
  },
}

type Ends = new (...args: never[]) => RequestHandler & { began(): void }

it.each(
  Object.entries(kinds).flatMap(([what, kind]) =>
    [false, true].map((within) => [what, within, kind] as const),
  ),
)(
  'onFinish is called once for a handler %s when its client goes (within middleware: %s)',
  async (_what, within, { request, made }) => {
    const events: string[] = []
    const began = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    class Base extends RequestHandler {
      began(): void {
        began.resolve()
      }
      override prepare(): void {
        events.push('prepare')
      }
      override onConnectionClose(): void {
        events.push('onConnectionClose')
      }
      override onFinish(): void {
        events.push('onFinish')
        ended.resolve()
      }
    }
    const Handler = made(Base) as unknown as typeof RequestHandler
    const around: Middleware = (_handler, next) => next()
    const rule = ['.*', Handler] as const
    await using served = await serve(
      new Application([within ? withMiddleware([around], [rule]) : rule], { logFunction: () => {} }),
    )
    const socket = connect(served.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(request)
    await Promise.race([began.promise, once(socket, 'data')])
    socket.resetAndDestroy()
    await ended.promise
    await new Promise(setImmediate)
    expect(events.filter((event) => event === 'onFinish')).toEqual(['onFinish'])
    expect(events[0]).toBe('prepare')
  },
)

it('onFinish follows onClose of a stream of events', async () => {
  const events: string[] = []
  const ended = Promise.withResolvers<void>()
  class Events extends EventSourceHandler {
    override onClose(): void {
      events.push('onClose')
    }
    override onFinish(): void {
      events.push('onFinish')
      ended.resolve()
    }
  }
  await using served = await serve(new Application([['/', Events]], { logFunction: () => {} }))
  const socket = connect(served.port, '127.0.0.1')
  socket.write(head)
  await once(socket, 'data')
  socket.destroy()
  await ended.promise
  expect(events).toEqual(['onClose', 'onFinish'])
})

it('a request that was never answered has no line in the access log', async () => {
  const logged: string[] = []
  const began = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  class Waiting extends RequestHandler {
    override async get(): Promise<void> {
      const { signal } = this.request
      began.resolve()
      if (!signal.aborted) await once(signal, 'abort')
      signal.throwIfAborted()
    }
    override onFinish(): void {
      ended.resolve()
    }
  }
  const logFunction = ({ request }: RequestHandler): void => void logged.push(request.path)
  await using served = await serve(
    new Application(
      [
        ['/waiting', Waiting],
        ['/answered', () => 'answer'],
      ],
      { logFunction },
    ),
  )
  const socket = connect(served.port, '127.0.0.1')
  socket.write('GET /waiting HTTP/1.1\r\nHost: a\r\n\r\n')
  await began.promise
  socket.destroy()
  await ended.promise
  await served.fetch('GET', '/answered')
  expect(logged).toEqual(['/answered'])
})
