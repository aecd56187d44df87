import { HTTPHeaders, ResponseStartLine, type HTTPServerRequest } from '@tornado-ts/httputil'
import { describe, expect, it } from 'vitest'
import { AsyncHTTPSTestCase } from './async-https-test-case.ts'
import { inject } from './inject.ts'
import { serve } from './serve.ts'

/** Answers with what was asked. */
function echo(request: HTTPServerRequest): void {
  const text = JSON.stringify({
    method: request.method,
    uri: request.uri,
    host: request.host,
    remoteIp: request.remoteIp,
    protocol: request.protocol,
    type: request.headers.get('Content-Type') ?? null,
    body: Buffer.from(request.body).toString(),
  })
  const headers = new HTTPHeaders({ 'Content-Length': String(Buffer.byteLength(text)), 'X-Two': 'a' })
  headers.add('X-Two', 'b')
  const { connection } = request
  if (request.path === '/moved') headers.set('Location', '/')
  const code = request.path === '/moved' ? 302 : request.path === '/missing' ? 404 : 200
  void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', code, 'Reason'), headers, text)
  connection!.finish()
}

describe('serve', () => {
  it('serves on a port of its own until it is disposed', async () => {
    await using app = await serve(echo)
    expect(app.url).toBe(`http://127.0.0.1:${app.port}`)
    const response = await app.fetch('/a?b=1')
    expect(response.code).toBe(200)
    expect(response.json()).toMatchObject({ method: 'GET', uri: '/a?b=1', remoteIp: '127.0.0.1' })
    const posted = await app.fetch(`${app.url}/b`, { method: 'POST', body: 'text' })
    expect(posted.json()).toMatchObject({ method: 'POST', uri: '/b', body: 'text' })
    await using other = await serve(echo)
    expect(other.port).not.toBe(app.port)
  })

  it('tells any status as a response, and follows no redirect unless asked', async () => {
    await using app = await serve(echo)
    expect((await app.fetch('/missing')).code).toBe(404)
    expect((await app.fetch('/moved')).code).toBe(302)
    expect((await app.fetch('/moved', { followRedirects: true })).effectiveUrl).toBe(`${app.url}/`)
  })

  it('serves over TLS; close ends everything', async () => {
    const app = await serve(echo, { sslOptions: AsyncHTTPSTestCase.defaultSslOptions() })
    expect((await app.fetch('/')).json()).toMatchObject({ protocol: 'https' })
    await app.close()
    expect(app.server.connectionCount).toBe(0)
    await expect(serve(echo).then((again) => again.close())).resolves.toBeUndefined()
    await expect(fetch(app.url)).rejects.toThrow('fetch failed')
  })

  it('rejects when the port is taken', async () => {
    await using app = await serve(echo)
    await expect(serve(echo, { port: app.port })).rejects.toThrow('address already in use')
  })
})

describe('inject', () => {
  it('asks without a socket', async () => {
    const response = await inject(echo, '/path?x=%20')
    expect([response.code, response.reason, response.headers.getList('X-Two')]).toEqual([
      200,
      'Reason',
      ['a', 'b'],
    ])
    expect(response.json()).toEqual({
      method: 'GET',
      uri: '/path?x=%20',
      host: 'localhost',
      remoteIp: '127.0.0.1',
      protocol: 'http',
      type: null,
      body: '',
    })
    expect(response.effectiveUrl).toBe('http://localhost/path?x=%20')
  })

  it('sends bodies, headers and addresses', async () => {
    const form = await inject(echo, '/', { body: new URLSearchParams({ a: 'é' }) })
    expect(form.json()).toMatchObject({
      method: 'POST',
      type: 'application/x-www-form-urlencoded',
      body: 'a=%C3%A9',
    })
    const other = await inject(echo, '/', {
      method: 'PUT',
      headers: { Host: 'example.org', 'X-Real-Ip': '10.1.2.3' },
      body: Buffer.from('bytes'),
      remoteIp: '192.0.2.1',
      protocol: 'https',
      serverOptions: { xheaders: true },
    })
    expect(other.json()).toMatchObject({
      method: 'PUT',
      host: 'example.org',
      protocol: 'https',
      body: 'bytes',
    })
    expect((await inject(echo, '/', { remoteIp: '192.0.2.1' })).json()).toMatchObject({
      remoteIp: '192.0.2.1',
    })
    expect((await inject(echo, '/missing')).code).toBe(404)
    expect((await inject(echo, '/', { method: 'HEAD' })).body).toHaveLength(0)
  })

  it('gives the whole of an answer in pieces, and the answer behind an interim one', async () => {
    const response = await inject(({ connection }) => {
      const hints = new ResponseStartLine('HTTP/1.1', 103, 'Early Hints')
      void connection!.writeHeaders(hints, new HTTPHeaders())
      const head = new ResponseStartLine('HTTP/1.1', 200, 'OK')
      void connection!.writeHeaders(head, new HTTPHeaders(), 'one ')
      setImmediate(() => {
        void connection!.write('two')
        connection!.finish()
      })
    }, '/')
    expect([response.code, response.text()]).toEqual([200, 'one two'])
  })

  it('rejects without a whole answer', async () => {
    await expect(inject(() => {}, '/', { timeoutMs: 5 })).rejects.toThrow('timed out after 0.005 seconds')
    await expect(inject(({ connection }) => connection!.abort(), '/')).rejects.toThrow(/closed/i)
  })
})
