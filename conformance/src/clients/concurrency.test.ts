import type { HTTPTimeoutError } from '@tornado-ts/httpclient'
import { expect } from 'vitest'
import { describeEngines, failureOf } from './engine-suite.ts'
import { answer, RawServer } from './raw-server.ts'

describeEngines('concurrency and names', (test, { create }) => {
  test('B-client-020 maxClients limits how many are under way; the others follow in order', async () => {
    await using client = create({ maxClients: 2 })
    let now = 0
    let most = 0
    const two = Promise.withResolvers<void>()
    await using server = await RawServer.start(async ({ path }) => {
      most = Math.max(most, ++now)
      if (now === 2) two.resolve()
      await two.promise
      now--
      return answer(path)
    })
    const paths = Array.from({ length: 12 }, (_, index) => `/${index}`)
    const responses = await Promise.all(paths.map((path) => client.fetch(server.url(path))))
    expect(responses.map((response) => response.text())).toEqual(paths)
    expect(server.requests.map(({ path }) => path)).toEqual(paths)
    expect([most, server.connections]).toEqual([2, 2])
  })

  test('B-client-020 the time in the queue has a limit of its own', async () => {
    await using client = create({ maxClients: 1 })
    const held = Promise.withResolvers<string>()
    await using server = await RawServer.start(async () => answer(await held.promise))
    const first = client.fetch(server.url())
    const error = await failureOf(client.fetch(server.url(), { queueTimeoutMs: 20 }))
    expect([error.message, (error as HTTPTimeoutError).phase]).toEqual([
      'HTTP 599: Timeout in request queue',
      'queue',
    ])
    held.resolve('held')
    expect((await first).text()).toBe('held')
    expect(server.requests).toHaveLength(1)
  })

  test('maxQueueSize 0 lets nobody wait, and fetches that need not wait go through', async () => {
    await using client = create({ maxClients: 1, maxQueueSize: 0 })
    const held = Promise.withResolvers<void>()
    await using server = await RawServer.start(async () => {
      await held.promise
      return answer('x')
    })
    const first = client.fetch(server.url())
    expect((await failureOf(client.fetch(server.url()))).name).toBe('HTTPQueueFullError')
    held.resolve()
    expect((await first).text()).toBe('x')
    expect((await client.fetch(server.url())).text()).toBe('x')
  })

  test('close begins nothing that waited', async () => {
    const client = create({ maxClients: 1 })
    await using server = await RawServer.start(() => undefined)
    let begun = 0
    const failed = [
      failureOf(client.fetch(server.url())),
      failureOf(client.fetch(server.url(), { method: 'PUT', bodyProducer: () => void begun++ })),
    ]
    client.close()
    expect((await Promise.all(failed)).map(({ name }) => name)).toEqual([
      'ClientClosedError',
      'ClientClosedError',
    ])
    expect(begun).toBe(0)
  })

  test('keepAliveTimeoutMs 0 keeps no connection', async () => {
    await using client = create({ keepAliveTimeoutMs: 0 })
    await using server = await RawServer.start(() => answer('x'))
    for (let i = 0; i < 2; i++) await client.fetch(server.url())
    expect(server.connections).toBe(2)
  })

  test('many fetches share few connections', async () => {
    await using client = create({ maxClients: 8 })
    await using server = await RawServer.start(({ path }) => answer(path))
    const texts = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => (await client.fetch(server.url(`/${index}`))).text()),
    )
    expect(texts).toEqual(Array.from({ length: 500 }, (_, index) => `/${index}`))
    expect(server.connections).toBe(8)
  })

  test('B-client-027 hostnameMapping and a resolver say where hosts are', async () => {
    await using server = await RawServer.start(({ field }) => answer(field('Host')!))
    await using client = create({
      hostnameMapping: {
        'www.example.com': '127.0.0.1',
        'other.example.com:8000': { host: '127.0.0.1', port: server.port },
      },
    })
    expect((await client.fetch(`http://www.example.com:${server.port}/`)).text()).toBe(
      `www.example.com:${server.port}`,
    )
    expect((await client.fetch('http://other.example.com:8000/')).text()).toBe('other.example.com:8000')
  })

  test('B-client-029 allowIpv6 false connects over IPv4', async (client) => {
    await using server = await RawServer.start((_request, socket) => answer(socket.remoteFamily!))
    const url = `http://localhost:${server.port}/`
    expect((await client.fetch(url, { allowIpv6: false })).text()).toBe('IPv4')
  })
})
