import { HTTPClientError, HTTPRequest, HTTPStreamClosedError } from '@tornado-ts/httpclient'
import { HTTPHeaders } from '@tornado-ts/httputil'
import { expect } from 'vitest'
import { describeEngines, failureOf, fetchFrom } from './engine-suite.ts'
import { answer, RawServer, redirect } from './raw-server.ts'

describeEngines('fetches and responses', (test, { create }) => {
  test('B-client-010 options beside a request object are refused', async (client) => {
    const request = new HTTPRequest('http://127.0.0.1:1/')
    const error = await failureOf(client.fetch(request, { method: 'POST' }))
    expect([error.name, error.message.includes('method')]).toEqual(['TypeError', true])
    expect((await failureOf(client.stream(request, { method: 'POST' }))).message).toBe(error.message)
  })

  test('B-client-010 a request object is fetched, a URL object, too', async (client) => {
    await using server = await RawServer.start(({ method }) => answer(method))
    const request = new HTTPRequest(server.url(), { method: 'OPTIONS' })
    expect((await client.fetch(request, { raiseError: false })).text()).toBe('OPTIONS')
    expect((await client.fetch(new URL(server.url()))).text()).toBe('GET')
  })

  test('B-client-010 a fetch after close is refused', async (client) => {
    client.close()
    expect((await failureOf(client.fetch('http://127.0.0.1:1/'))).name).toBe('ClientClosedError')
  })

  test('close ends the fetches under way', async (client) => {
    await using server = await RawServer.start(() => {
      client.close()
    })
    expect((await failureOf(client.fetch(server.url()))).name).toBe('ClientClosedError')
  })

  test('B-client-011 the headers of the caller are copied', async (client) => {
    const headers = new HTTPHeaders({ 'X-Mine': 'a' })
    const before = headers.toString()
    await fetchFrom(client, () => answer(), { method: 'POST', body: '', headers })
    expect(headers.toString()).toBe(before)
  })

  test('B-client-011 options that are not given take the defaults of the client', async () => {
    await using client = create({ defaults: { userAgent: 'from defaults', maxRedirects: 0 } })
    await using server = await RawServer.start(({ path }) => (path === '/to' ? redirect('/') : answer()))
    await client.fetch(server.url())
    await client.fetch(server.url(), { userAgent: 'explicit' })
    const response = await client.fetch(server.url('/to'), { raiseError: false })
    expect(response.code).toBe(302)
    expect(server.requests.slice(0, 2).map(({ field }) => field('User-Agent'))).toEqual([
      'from defaults',
      'explicit',
    ])
  })

  test('B-client-012 raiseError false holds for statuses alone', async (client) => {
    const { response } = await fetchFrom(client, () => answer('gone', { status: '404 Gone Away' }), {
      raiseError: false,
    })
    expect([response.code, response.reason, response.text()]).toEqual([404, 'Gone Away', 'gone'])
    expect(() => response.rethrow()).toThrow('HTTP 404: Gone Away')
    await using server = await RawServer.start(() => null)
    expect(await failureOf(client.fetch(server.url(), { raiseError: false }))).toBeInstanceOf(
      HTTPStreamClosedError,
    )
  })

  test('B-httputil-008 a reason that was not sent is that of the table', async (client) => {
    for (const [status, reason] of [
      ['404 ', 'Not Found'],
      ['404', 'Not Found'],
      ['499 ', 'Unknown'],
    ]) {
      const { response } = await fetchFrom(client, () => answer('', { status: status! }), {
        raiseError: false,
      })
      expect([response.reason, response.error!.message]).toEqual([
        reason,
        `HTTP ${status!.trim()}: ${reason}`,
      ])
    }
  })

  test('B-client-013 every status outside 200 to 299 is an error', async (client) => {
    await using server = await RawServer.start(({ path }) =>
      answer('', { status: `${path.slice(1)} Reason` }),
    )
    for (const code of [200, 201, 299]) expect((await client.fetch(server.url(`/${code}`))).code).toBe(code)
    for (const code of [300, 304, 400, 404, 500, 599]) {
      const error = await failureOf(client.fetch(server.url(`/${code}`)))
      expect(error).toBeInstanceOf(HTTPClientError)
      expect(error.message).toBe(`HTTP ${code}: Reason`)
      expect((error as HTTPClientError).response!.code).toBe(code)
    }
  })

  test('B-client-034 an HTTPResponse has a body of bytes, and rethrow without an error does nothing', async (client) => {
    const { response } = await fetchFrom(client, () => answer('{"a":1}', { fields: 'X-A: 1\r\nX-A: 2\r\n' }))
    expect(response.body).toEqual(Buffer.from('{"a":1}'))
    expect(response.json()).toEqual({ a: 1 })
    expect(response.headers.getList('X-A')).toEqual(['1', '2'])
    expect(response.error).toBeNull()
    response.rethrow()
    expect(response.requestTimeMs).toBeGreaterThanOrEqual(0)
    expect(response.startTime).toBeGreaterThan(0)
    expect(Object.keys(response.timeInfo)).toContain('totalMs')
  })

  test('B-client-031 a signal ends the fetch with its reason, and closes the connection', async (client) => {
    const abort = new AbortController()
    const closed = Promise.withResolvers<void>()
    await using server = await RawServer.start((_request, socket) => {
      socket.once('close', () => closed.resolve())
      abort.abort(new Error('changed my mind'))
    })
    expect((await failureOf(client.fetch(server.url(), { signal: abort.signal }))).message).toBe(
      'changed my mind',
    )
    await closed.promise
    expect((await failureOf(client.fetch(server.url(), { signal: abort.signal }))).message).toBe(
      'changed my mind',
    )
    expect(server.requests).toHaveLength(1)
  })

  test('B-client-031 a signal ends the fetch with whatever it carries', async (client) => {
    await using server = await RawServer.start(() => undefined)
    for (const [reason, name] of [
      [new TypeError('mine'), 'TypeError'],
      [null, 'AbortError'],
      [undefined, 'AbortError'],
    ] as const) {
      const abort = new AbortController()
      const fetched = failureOf(client.fetch(server.url(), { signal: abort.signal, raiseError: false }))
      abort.abort(reason)
      expect((await fetched).name).toBe(name)
    }
  })

  test('a HEAD has no body, and its connection is used again', async (client) => {
    await using server = await RawServer.start(({ method }) =>
      method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n' : answer('x'),
    )
    const response = await client.fetch(server.url(), { method: 'HEAD' })
    expect([response.body.length, response.headers.get('Content-Length')]).toEqual([0, '1000'])
    await client.fetch(server.url())
    expect(server.connections).toBe(1)
  })

  test('204 and 304 have no body', async (client) => {
    await using server = await RawServer.start(({ path }) => `HTTP/1.1 ${path.slice(1)} X\r\n\r\n`)
    for (const code of [204, 304])
      expect((await client.fetch(server.url(`/${code}`), { raiseError: false })).body.length).toBe(0)
    expect(server.connections).toBe(1)
  })

  test('chunked bodies and their trailers', async (client) => {
    const { response } = await fetchFrom(
      client,
      () =>
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n',
    )
    expect([response.text(), response.trailers?.get('X-T')]).toEqual(['abcde', '1'])
  })

  test('B-client-035 the same Content-Length twice is one; HTTP/1.0 without a length goes on to the end', async (client) => {
    const twice = await fetchFrom(
      client,
      () => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok',
    )
    expect(twice.response.text()).toBe('ok')
    const old = await fetchFrom(client, (_request, socket) => {
      socket.end('HTTP/1.0 200 OK\r\n\r\nto the end')
    })
    expect(old.response.text()).toBe('to the end')
  })
})
