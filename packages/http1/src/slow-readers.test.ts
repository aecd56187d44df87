import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { Client, serve, turns } from '../test/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
/** More than the operating system keeps for both ends. */
const size = 20_000_000

describe('a peer that takes nothing of its answer', () => {
  it.each(['kept alive', 'at the end of the connection', 'with the writer waiting'])(
    '%s is closed',
    async (how) => {
      using _log = expectLog('tornado.general', 'Timeout writing to 127.0.0.1', { level: 'info' })
      const server = await serve(
        {
          finish(exchange) {
            if (how !== 'with the writer waiting') exchange.answer(Buffer.alloc(size))
            else void exchange.head(200, {}, Buffer.alloc(size))
          },
        },
        { writeTimeoutMs: 60 },
      )
      const client = new Client(server.port)
      client.socket.pause()
      client.send(
        how === 'at the end of the connection'
          ? get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')
          : get,
      )
      const exchange = await server.exchange(0)
      const { signal } = exchange.connection
      const startedMs = performance.now()
      await server.until(() => server.closedCount === 1)
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(45)
      expect(signal.aborted).toBe(how === 'with the writer waiting')
    },
  )

  it('is let be while it reads a little now and then, even of one large write', async () => {
    const server = await serve(
      { finish: (exchange) => exchange.answer(Buffer.alloc(size)) },
      { writeTimeoutMs: 250 },
    )
    const client = new Client(server.port)
    client.socket.on('data', () => {
      client.socket.pause()
      setTimeout(() => client.socket.resume(), 2)
    })
    const startedMs = performance.now()
    client.send(get)
    while (client.received.length < size) await turns(10)
    expect(performance.now() - startedMs).toBeGreaterThan(300)
    client.end()
    await client.closed
    expect(server.closedCount).toBe(1)
  })

  it('is not looked for when all is sent', async () => {
    const server = await serve({}, { writeTimeoutMs: 20, idleConnectionTimeoutMs: 200 })
    const client = new Client(server.port).send(get)
    const startedMs = performance.now()
    await client.closed
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(150)
  })
})
