import { HTTPInputError } from '@tornado-ts/httputil'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { Client, responsesIn, serve, statusesIn, turns, type Handlers } from '../test/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const post = 'POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello'

describe('exceptions of a delegate', () => {
  const failing = (at: 'head' | 'data' | 'finish', error: unknown): Handlers => ({
    [at]: () => {
      throw error
    },
  })

  it.each(['head', 'data', 'finish'] as const)(
    'B-http1-028 in %s are logged and answered with 500',
    async (at) => {
      const logged = expectLog('tornado.application', /^Uncaught exception/)
      const server = await serve(failing(at, new Error('boom')))
      const received = await new Client(server.port).send(post + get).closed
      expect(statusesIn(received)).toEqual([500])
      expect(received).not.toContain('boom')
      expect([logged.matched, logged.loggedStack]).toEqual([1, true])
      expect(server.exchanges).toHaveLength(1)
      expect(server.exchanges[0]!.calls.at(-1)).toBe(at === 'finish' ? 'finish' : 'close')
      logged[Symbol.dispose]()
    },
  )

  it.each(['head', 'data'] as const)('B-http1-028 as a rejection of %s likewise', async (at) => {
    const logged = expectLog('tornado.application', /^Uncaught exception/)
    const server = await serve({ [at]: () => Promise.reject(new Error('boom')) })
    expect(statusesIn(await new Client(server.port).send(post + get).closed)).toEqual([500])
    expect(server.exchanges.map(({ calls }) => calls.at(-1))).toEqual(['close'])
    logged[Symbol.dispose]()
  })

  it.each(['head', 'data', 'finish'] as const)(
    'B-http1-028 an HTTPInputError in %s is answered with its status',
    async (at) => {
      const server = await serve(failing(at, new HTTPInputError('Not like that', { status: 417 })))
      const [response] = responsesIn(await new Client(server.port).send(post + get).closed)
      expect(response).toMatchObject({
        first: 'HTTP/1.1 417 Expectation Failed',
        body: 'Expectation Failed: Not like that\n',
      })
    },
  )

  it('of startRequest likewise', async () => {
    const logged = expectLog('tornado.application', /^Uncaught exception/)
    const server = await serve()
    server.startRequest = () => {
      throw new Error('boom')
    }
    expect(statusesIn(await new Client(server.port).send(get).closed)).toEqual([500])
    logged[Symbol.dispose]()
  })

  it('no body goes with the 500 to HEAD', async () => {
    const logged = expectLog('tornado.application', /^Uncaught exception/)
    const server = await serve(failing('finish', new Error('boom')))
    const received = await new Client(server.port).send('HEAD / HTTP/1.1\r\nHost: h\r\n\r\n').closed
    expect(received).toMatch(/^HTTP\/1\.1 500 [^]*\r\n\r\n$/)
    expect(statusesIn(received, ['HEAD'])).toEqual([500])
    logged[Symbol.dispose]()
  })

  it('behind a head that was sent, the connection ends without a second one', async () => {
    const logged = expectLog('tornado.application', /^Uncaught exception/)
    const server = await serve({
      finish(exchange) {
        void exchange.head(200, { 'Content-Length': '10' }, 'half')
        throw new Error('boom')
      },
    })
    expect(await new Client(server.port).send(get + get).closed).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf',
    )
    logged[Symbol.dispose]()
  })

  it.each([new Error('boom'), new HTTPInputError('late')])(
    'behind a complete answer, the connection ends without a second one: %s',
    async (error) => {
      const logged = expectLog('tornado.application', /^Uncaught exception/)
      const server = await serve({
        finish(exchange) {
          exchange.answer('whole')
          throw error
        },
      })
      expect(await new Client(server.port).send(get + get).closed).toBe(
        'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole',
      )
      expect(server.exchanges).toHaveLength(1)
      logged[Symbol.dispose]()
    },
  )

  it('behind a complete early answer likewise', async () => {
    const logged = expectLog('tornado.application', /^Uncaught exception/)
    const server = await serve({
      data(exchange) {
        exchange.answer('whole')
        throw new Error('boom')
      },
    })
    const received = await new Client(server.port).send(post.slice(0, -1)).closed
    expect(received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwhole')
    expect(server.exchanges[0]!.calls).toEqual(['head', 'data', 'close'])
    logged[Symbol.dispose]()
  })

  it('behind a complete early answer that is still being sent, the peer gets all of it', async () => {
    const logged = expectLog('tornado.application', /^Uncaught exception/)
    const server = await serve({
      data(exchange) {
        exchange.answer(Buffer.alloc(20_000_000))
        throw new Error('boom')
      },
    })
    const [response] = responsesIn(await new Client(server.port).send(post.slice(0, -1)).closed)
    expect(response!.body).toHaveLength(20_000_000)
    logged[Symbol.dispose]()
  })

  it('in onConnectionClose, in a close callback and in onClose are logged, and each of them is called', async () => {
    const logged = expectLog('tornado.application', /^Uncaught exception/)
    const server = await serve({
      head({ connection }) {
        connection.setCloseCallback(() => {
          throw new Error('in callback')
        })
      },
      close() {
        throw new Error('in close')
      },
    })
    const onClose = server.onClose.bind(server)
    server.onClose = () => {
      onClose()
      throw new Error('in onClose')
    }
    const client = new Client(server.port).send(post.slice(0, -1))
    await server.exchange(0)
    client.socket.destroy()
    await server.until(() => server.closedCount === 1)
    await turns(1)
    expect(logged.matched).toBe(2)
    logged[Symbol.dispose]()
  })

  it('a rejection after the connection is gone is logged, unless it says just that', async () => {
    const logged = expectLog('tornado.application', /^Uncaught exception/)
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const server = await serve({ head: () => gates[server.exchanges.length - 1]!.promise })
    for (const [i, gate] of gates.entries()) {
      const client = new Client(server.port).send(post)
      const exchange = await server.exchange(i)
      await turns(2)
      client.socket.resetAndDestroy()
      await server.until(() => server.closedCount === i + 1)
      const rejected = exchange.connection.write('x')
      if (i === 0) gate.reject(new Error('boom'))
      else gate.resolve(rejected as Promise<void>)
      await turns(1)
    }
    expect(logged.matched).toBe(1)
    logged[Symbol.dispose]()
  })
})
