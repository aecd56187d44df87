import { describe, expect, it } from 'vitest'
import { Client, responsesIn, serve } from '../test/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'

describe('maxRequestsPerConnection', () => {
  it('the last answer says that it is, and the connection ends with it', async () => {
    const { port } = await serve({}, { maxRequestsPerConnection: 3 })
    const client = new Client(port).send(get)
    await client.until('GET /')
    client.send(get + get + get)
    const responses = responsesIn(await client.closed)
    expect(responses.map(({ keepAlive }) => keepAlive)).toEqual([true, true, false])
    expect(client.ended).toBe(true)
  })

  it('of 1 is a connection for each request', async () => {
    const { port } = await serve({}, { maxRequestsPerConnection: 1 })
    expect(responsesIn(await new Client(port).send(get).closed)).toMatchObject([{ keepAlive: false }])
  })
})

describe('announceClose', () => {
  it('leaves an idle connection open for one more request, whose answer is the last', async () => {
    const server = await serve()
    const client = new Client(server.port).send(get)
    await client.until('GET /')
    server.connections[0]!.announceClose()
    client.send(get)
    const responses = responsesIn(await client.closed)
    expect(responses.map(({ keepAlive }) => keepAlive)).toEqual([true, false])
  })

  it('makes the answer under way the last', async () => {
    const server = await serve({ finish: () => {} })
    const client = new Client(server.port).send(get)
    const exchange = await server.exchange(0)
    await exchange.over
    server.connections[0]!.announceClose()
    exchange.answer('late')
    expect(responsesIn(await client.closed)).toMatchObject([{ keepAlive: false, body: 'late' }])
  })

  it('after it, closeGracefully ends an idle connection', async () => {
    const server = await serve()
    const client = new Client(server.port).send(get)
    await client.until('GET /')
    const [connection] = server.connections
    connection!.announceClose()
    await connection!.closeGracefully()
    expect(responsesIn(await client.closed)).toMatchObject([{ keepAlive: true }])
  })
})

it('the context of an exchange may be another than that of its connection, and ends with it', async () => {
  const contexts: string[] = []
  const { port } = await serve({
    head({ connection, path }) {
      if (path === '/proxied') connection.context = { remoteIp: '192.0.2.7', protocol: 'https' }
      const { remoteIp, protocol } = connection.context
      contexts.push(`${protocol} ${remoteIp}`)
    },
  })
  const proxied = get.replace('/', '/proxied')
  await new Client(port).send(get + proxied + get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')).closed
  expect(contexts).toEqual(['http 127.0.0.1', 'https 192.0.2.7', 'http 127.0.0.1'])
})
