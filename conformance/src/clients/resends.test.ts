import type { FetchOptions } from '@tornado-ts/httpclient'
import { expect } from 'vitest'
import { describeEngines, failureOf } from './engine-suite.ts'
import { answer, RawServer } from './raw-server.ts'

const bodies: Readonly<Record<string, FetchOptions>> = {
  'with bytes': { body: 'hello' },
  'with many bytes': { body: 'x'.repeat(3_000_000) },
  'without bytes': { body: '' },
  'with a producer': {
    headers: { 'Content-Length': '5' },
    bodyProducer: async (write) => await write('hello'),
  },
}

describeEngines('requests on a kept connection that dies', (test) => {
  for (const [what, options] of Object.entries(bodies)) {
    for (const method of ['POST', 'PATCH', 'UNKNOWN']) {
      test(`a ${method} ${what} that may have been seen is not sent again`, async (client) => {
        // The first connection ends with its second request.
        await using server = await RawServer.start(({ connection, index }) =>
          connection === 0 && index > 0 ? null : answer('x'),
        )
        await client.fetch(server.url())
        const outcome = client.fetch(server.url(), { ...options, method, allowNonstandardMethods: true })
        // Or it goes over a new connection, where there is nothing to be afraid of.
        const failure = await outcome.then(
          () => null,
          (error: Error) => error,
        )
        expect(failure?.name ?? `${server.connections} connections`).toMatch(
          /^(HTTPStreamClosedError|2 connections)$/,
        )
        expect(server.requests.filter((request) => request.method === method)).toHaveLength(1)
        expect((await client.fetch(server.url())).text()).toBe('x')
      })
    }
  }

  test('a GET, a PUT and a DELETE are sent again, once', async (client) => {
    for (const options of [{}, { method: 'PUT', body: 'hello' }, { method: 'DELETE' }]) {
      const endings = { left: 1 }
      await using server = await RawServer.start(({ index }) =>
        index > 0 && endings.left-- > 0 ? null : answer('again'),
      )
      await client.fetch(server.url())
      expect((await client.fetch(server.url(), options)).text()).toBe('again')
      expect(server.requests).toHaveLength(3)
    }
  })

  test('what dies after a line of the answer, or on a new connection, is not sent again', async (client) => {
    await using server = await RawServer.start(({ index, path }, socket) => {
      if (path === '/new') return null
      if (index === 0) return answer('x')
      socket.end('HTTP/1.1 200 OK\r\nContent-')
      return undefined
    })
    expect((await failureOf(client.fetch(server.url('/new')))).name).toBe('HTTPStreamClosedError')
    await client.fetch(server.url('/'))
    expect((await failureOf(client.fetch(server.url('/')))).name).toBe('HTTPStreamClosedError')
    expect(server.requests).toHaveLength(3)
  })
})
