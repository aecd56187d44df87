import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { Client, responsesIn, serve, statusesIn, turns } from '../test/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

function numbered(count: number): string {
  return Array.from({ length: count }, (_, i) => `GET /${i} HTTP/1.1\r\nHost: h\r\n\r\n`).join('')
}

describe('pipelining', () => {
  it('B-http1-023 answers come in order, though the first is slow and the second is not', async () => {
    const server = await serve({
      finish(exchange) {
        if (exchange.path !== '/0') exchange.answer(exchange.path)
      },
    })
    const client = new Client(server.port).send(numbered(3))
    const slow = await server.exchange(0)
    await turns(5)
    expect([client.received, server.exchanges.length]).toEqual(['', 1])
    slow.answer(slow.path)
    client.end()
    expect(responsesIn(await client.closed).map(({ body }) => body)).toEqual(['/0', '/1', '/2'])
  })

  it('B-http1-023 each answer on another turn', async () => {
    const server = await serve({
      finish: (exchange) => void setImmediate(() => exchange.answer(exchange.path)),
    })
    const client = new Client(server.port).send(numbered(50))
    await client.until('\r\n\r\n/49')
    client.end()
    expect(responsesIn(await client.closed).map(({ body }) => body)).toEqual(
      Array.from({ length: 50 }, (_, i) => `/${i}`),
    )
  })

  it('5,000 requests behind one that waits are read only as far as a small buffer', async () => {
    const server = await serve({
      finish(exchange) {
        if (exchange.path !== '/0') exchange.answer('')
      },
    })
    const filler = `X: ${'x'.repeat(2000)}\r\n`
    const many = numbered(5000).replaceAll('Host', `${filler}Host`)
    const client = new Client(server.port).send(many)
    const slow = await server.exchange(0)
    // What the operating system keeps for both ends is all that has left the client.
    await stalled(() => client.socket.bytesWritten - client.socket.writableLength)
    const { stream } = server.connections[0]!
    // A chunk or two for the decoder, and what the platform's stream reads ahead.
    expect(bytesRead(stream)).toBeLessThan(400_000)
    expect(client.socket.writableLength).toBeGreaterThan(0)
    expect(server.exchanges).toHaveLength(1)
    slow.answer('')
    client.end()
    expect(statusesIn(await client.closed)).toHaveLength(5000)
  })
})

describe('a peer that does not read', () => {
  it('gets no further answers until it does, and then all of them', async () => {
    const body = 'x'.repeat(100_000)
    const server = await serve({ finish: (exchange) => exchange.answer(body) })
    const client = new Client(server.port)
    client.socket.pause()
    client.send(get.repeat(300))
    await stalled(() => server.exchanges.length)
    const { stream } = server.connections[0]!
    expect(server.exchanges.length).toBeLessThan(300)
    expect(stream.bufferedAmount).toBeLessThan(1_000_000)
    client.socket.resume()
    client.end()
    expect(statusesIn(await client.closed)).toHaveLength(300)
  })

  it('makes the writer wait', async () => {
    const piece = Buffer.alloc(100_000, 'x')
    const done = Promise.withResolvers<void>()
    let written = 0
    const server = await serve({
      finish(exchange) {
        void exchange.head(200)
        const write = async (): Promise<void> => {
          for (; written < 300; written++) await exchange.connection.write(piece)
          exchange.connection.finish()
        }
        done.resolve(write())
      },
    })
    const client = new Client(server.port)
    client.socket.pause()
    client.send(get)
    await server.exchange(0)
    await stalled(() => written)
    expect(written).toBeLessThan(300)
    expect(server.connections[0]!.stream.bufferedAmount).toBeLessThan(400_000)
    client.socket.resume()
    await done.promise
    client.end()
    const [response] = responsesIn(await client.closed)
    expect(response!.body).toHaveLength(30_000_000)
  })

  it('rejects what the writer waits for when it goes', async () => {
    const rejections: unknown[] = []
    const server = await serve({
      finish(exchange) {
        void exchange.head(200)
        const write = async (): Promise<void> => {
          for (;;) await exchange.connection.write(Buffer.alloc(100_000))
        }
        write().catch((error: unknown) => rejections.push(error))
      },
    })
    const client = new Client(server.port)
    client.socket.pause()
    client.send(get)
    await server.exchange(0)
    await stalled(() => server.connections[0]!.stream.bufferedAmount)
    client.socket.resetAndDestroy()
    await server.until(() => server.closedCount === 1)
    await turns(1)
    expect(rejections).toEqual([expect.objectContaining({ name: 'StreamClosedError' })])
  })

  it('is waited for at the end of the connection: a large last answer arrives whole, however long it takes', async () => {
    const server = await serve({
      finish: (exchange) => exchange.answer(Buffer.alloc(20_000_000), { fields: { Connection: 'close' } }),
    })
    const client = new Client(server.port)
    client.socket.pause()
    client.send(get).end()
    await server.exchange(0)
    const [connection] = server.connections
    await stalled(() => connection!.stream.bufferedAmount)
    // All the time there is for lingering has passed.
    for (let i = 0; i < 20; i++) connection!.late('linger')
    expect(connection!.stream.closed()).toBe(false)
    client.socket.resume()
    const [response] = responsesIn(await client.closed)
    expect(response!.body).toHaveLength(20_000_000)
  })

  it('and more than maxWriteBufferSize of answer for it closes the connection', async () => {
    const results: unknown[] = []
    const logged = expectLog('tornado.general', /Cannot send/)
    const server = await serve({
      finish(exchange) {
        void exchange.head(200)
        for (let i = 0; i < 300; i++) {
          const waiting = exchange.connection.write(Buffer.alloc(1_000_000))
          results.push(waiting)
        }
        exchange.connection.finish()
      },
    })
    const client = new Client(server.port)
    client.socket.pause()
    client.send(get)
    await server.until(() => server.closedCount === 1)
    client.socket.resume()
    expect((await client.closed).length).toBeLessThan(250_000_000)
    expect(logged.matched).toBe(1)
    expect(results).toHaveLength(300)
    logged[Symbol.dispose]()
  })
})

describe('a delegate that takes its time', () => {
  it('makes the peer wait at the head, and at each piece', async () => {
    const gates: (() => void)[] = []
    const wait = (): Promise<void> => new Promise((resolve) => gates.push(resolve))
    const server = await serve({ head: wait, data: wait })
    const size = 20_000_000
    const client = new Client(server.port)
    client.send(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`).send(Buffer.alloc(size))
    const exchange = await server.exchange(0)
    await stalled(() => client.socket.bytesWritten - client.socket.writableLength)
    expect(exchange.pieces).toBe(0)
    expect(bytesRead(server.connections[0]!.stream)).toBeLessThan(400_000)
    gates.shift()!()
    await turns(5)
    expect(exchange.pieces).toBe(1)
    expect(bytesRead(server.connections[0]!.stream)).toBeLessThan(400_000)
    for (let pieces = 1; exchange.calls.at(-1) !== 'finish'; pieces++) {
      gates.shift()?.()
      await turns(1)
      if (gates.length > 1) throw new Error(`${gates.length} pieces at once`)
      if (pieces > 10_000) throw new Error('no end')
    }
    expect(exchange.body).toHaveLength(size)
    await client.until('200 OK')
  })

  it('gets pieces of at most chunkSize', async () => {
    const sizes = new Set<number>()
    const server = await serve(
      { data: (_exchange, chunk) => void sizes.add(chunk.length), finish: (exchange) => exchange.answer('') },
      { chunkSize: 1000 },
    )
    const body = 'x'.repeat(10_500)
    const client = new Client(server.port).send(
      `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    await client.until('200 OK')
    expect(Math.max(...sizes)).toBe(1000)
    expect(server.exchanges[0]!.body).toBe(body)
  })
})

function bytesRead(stream: unknown): number {
  return (stream as { socket: { bytesRead: number } }).socket.bytesRead
}

/** Resolves once a number has stayed the same for many turns of the loop. */
async function stalled(number: () => number): Promise<void> {
  let last = NaN
  for (let same = 0; same < 100; same++) {
    if (number() !== last) same = 0
    last = number()
    await turns(1)
  }
}
