import { describe, expect, it } from 'vitest'
import { Client, serve, turns, type Exchange } from '../test/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe('detach', () => {
  const upgrade = 'GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'
  const switching = { Connection: 'Upgrade', Upgrade: 'x' }

  it.each(['head', 'finish'] as const)(
    'B-http1-030 in %s gives the stream away with the bytes behind the request',
    async (at) => {
      const seen: string[] = []
      const server = await serve({
        finish() {},
        [at]: (exchange: Exchange) => {
          void exchange.head(101, switching)
          const stream = exchange.connection.detach()
          void stream.readUntilClose().then((bytes) => {
            seen.push(bytes.toString())
            return stream.write('bye').then(() => stream.close())
          })
        },
      })
      const client = new Client(server.port).send(`${upgrade}ab`)
      await client.until('\r\n\r\n')
      client.send('cd').end()
      expect(await client.closed).toBe(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nbye',
      )
      expect(seen).toEqual(['abcd'])
      expect(server.exchanges[0]!.calls).toEqual(at === 'head' ? ['head'] : ['head', 'finish'])
    },
  )

  it('B-http1-030 may follow finish of a 101, at once or later, and nothing behind it is read before', async () => {
    for (const later of [false, true]) {
      const server = await serve({
        finish(exchange) {
          const take = (): void => {
            void exchange.head(101, switching)
            exchange.connection.finish()
            const stream = exchange.connection.detach()
            void stream.readBytes(2).then((bytes) => stream.write(bytes).then(() => stream.close()))
          }
          if (later) setImmediate(take)
          else take()
        },
      })
      const client = new Client(server.port).send(`${upgrade}\0\xff`)
      expect(await client.closed).toMatch(/\r\n\r\n\0\xff$/)
      expect(server.exchanges).toHaveLength(1)
    }
  })

  it('tells the server that the connection is no longer its own', async () => {
    const server = await serve({ finish: ({ connection }) => void connection.detach() })
    const client = new Client(server.port).send(get)
    await server.until(() => server.closedCount === 1)
    const [connection] = server.connections
    await connection!.close()
    await connection!.closeGracefully()
    expect(connection!.stream.closed()).toBe(false)
    connection!.stream.close()
    await client.closed
    expect(server.closedCount).toBe(1)
  })

  it('resolves a graceful close that waits', async () => {
    const server = await serve({ finish() {} })
    const client = new Client(server.port).send(get)
    const { connection } = await server.exchange(0)
    const closing = server.connections[0]!.closeGracefully()
    const stream = connection.detach()
    await closing
    expect(stream.closed()).toBe(false)
    stream.close()
    await client.closed
  })

  it('of a closed connection throws', async () => {
    const server = await serve({ finish() {} })
    const client = new Client(server.port).send(get)
    const { connection } = await server.exchange(0)
    client.socket.destroy()
    await server.until(() => server.closedCount === 1)
    expect(() => connection.detach()).toThrow(expect.objectContaining({ name: 'StreamClosedError' }))
  })
})

describe('closing', () => {
  it('close drops everything at once', async () => {
    const server = await serve({ finish: () => void server.connections[0]!.close() })
    expect(await new Client(server.port).send(get + get).closed).toBe('')
    expect(server.exchanges).toHaveLength(1)
    await server.connections[0]!.close()
    expect(server.closedCount).toBe(1)
  })

  it('close begins no further request, though the one under way is answered', async () => {
    const server = await serve({
      finish(exchange) {
        void server.connections[0]!.close()
        exchange.answer('too late')
      },
    })
    expect(await new Client(server.port).send(get + get).closed).toBe('')
    expect(server.exchanges).toHaveLength(1)
  })

  it('closeGracefully ends an idle connection', async () => {
    const server = await serve()
    const client = new Client(server.port).send(get)
    await client.until('GET /')
    const closing = server.connections[0]!.closeGracefully()
    await client.closed
    await closing
    expect(client.ended).toBe(true)
  })

  it('closeGracefully lets the request under way be answered, and says so', async () => {
    const server = await serve({ finish() {} })
    const client = new Client(server.port).send(get)
    const exchange = await server.exchange(0)
    const closing = server.connections[0]!.closeGracefully()
    exchange.answer('last')
    expect(await client.closed).toBe('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast')
    await closing
  })

  it('closeGracefully after the head is sent ends the connection with the response', async () => {
    const server = await serve({ finish: (exchange) => void exchange.head(200, {}, 'a') })
    const client = new Client(server.port).send(get)
    await client.until('a\r\n')
    const closing = server.connections[0]!.closeGracefully()
    server.exchanges[0]!.connection.finish()
    expect(await client.closed).toMatch(/0\r\n\r\n$/)
    await closing
  })

  it('closeGracefully waits for a request that has begun to arrive', async () => {
    const server = await serve()
    const client = new Client(server.port).send(get.slice(0, 5))
    await server.until(() => server.connections.length === 1)
    await turns(3)
    const closing = server.connections[0]!.closeGracefully()
    client.send(get.slice(5))
    expect(await client.closed).toContain('Connection: close\r\n\r\nGET /')
    await closing
  })

  it('both resolve for a connection that is closed or was never served', async () => {
    const server = await serve()
    const client = new Client(server.port).send(get)
    await client.until('GET /')
    client.socket.destroy()
    await server.until(() => server.closedCount === 1)
    await server.connections[0]!.close()
    await server.connections[0]!.closeGracefully()
    await server.connections[0]![Symbol.asyncDispose]()
    expect(server.closedCount).toBe(1)
  })
})
