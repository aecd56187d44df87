import { AsyncHTTPClient, fetch, SimpleAsyncHTTPClient } from '@tornado-ts/httpclient'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { CookieJar } from 'tough-cookie'
import { unusedPort } from '../interop/spawned-server.ts'
import { describeEngines, failureOf } from './engine-suite.ts'
import { answer, RawServer, redirect } from './raw-server.ts'

describe('configuration', () => {
  it('B-client-030 without options there is one client, with options a client of its own', async () => {
    const shared = new AsyncHTTPClient()
    expect(shared).toBeInstanceOf(SimpleAsyncHTTPClient)
    expect(new AsyncHTTPClient()).toBe(shared)
    await using forced = new AsyncHTTPClient({ forceInstance: true })
    await using own = new AsyncHTTPClient({ defaults: { userAgent: 'own' } })
    expect([forced === shared, own === shared, own.settings.userAgent]).toEqual([false, false, 'own'])
    shared.close()
    const next = new AsyncHTTPClient()
    expect(next).not.toBe(shared)
    next.close()
  })

  it('B-client-030 configure chooses class and options; explicit ones win; too late it throws', async () => {
    class MyClient extends SimpleAsyncHTTPClient {}
    AsyncHTTPClient.configure(MyClient, { maxClients: 3, defaults: { userAgent: 'configured' } })
    const shared = new AsyncHTTPClient()
    expect(shared).toBeInstanceOf(MyClient)
    expect(shared.settings.userAgent).toBe('configured')
    expect(() => AsyncHTTPClient.configure(SimpleAsyncHTTPClient)).toThrow('in use')
    await using own = new AsyncHTTPClient({ defaults: { userAgent: 'explicit' } })
    expect(own).toBeInstanceOf(MyClient)
    expect(own.settings.userAgent).toBe('explicit')
    shared.close()
    expect(() => AsyncHTTPClient.configure(Map as never)).toThrow('no subclass')
    AsyncHTTPClient.configure(null)
    const plain = new AsyncHTTPClient()
    expect([plain instanceof MyClient, plain.settings.userAgent]).toEqual([false, 'tornado-ts'])
    plain.close()
  })

  it('limits that are none are refused', () => {
    for (const options of [{ maxClients: 0 }, { maxBufferSize: -1 }, { maxHeaderSize: NaN }])
      expect(() => new SimpleAsyncHTTPClient(options)).toThrow(RangeError)
  })
})

describe('cookies', () => {
  it('a jar of tough-cookie keeps them, for each hop those of its URL', async () => {
    await using other = await RawServer.start(({ field }) => answer(field('Cookie') ?? 'none'))
    await using server = await RawServer.start(({ path, field }) => {
      if (path === '/set')
        return redirect(
          '/get',
          302,
          'Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; Path=/\r\nSet-Cookie: evil=1; Domain=com\r\n',
        )
      if (path === '/away') return redirect(other.url().replace('127.0.0.1', 'localhost'))
      return answer(field('Cookie') ?? 'none')
    })
    await using client = new SimpleAsyncHTTPClient({ defaults: { allowIpv6: false } })
    const cookieJar = new CookieJar()
    expect((await client.fetch(server.url('/set'), { cookieJar })).text()).toBe('a=1; b=2')
    expect((await client.fetch(server.url('/get'), { cookieJar, headers: { Cookie: 'own=0' } })).text()).toBe(
      'own=0; a=1; b=2',
    )
    expect(
      (await client.fetch(server.url('/away'), { cookieJar, headers: { Cookie: 'own=0' } })).text(),
    ).toBe('none')
    expect((await client.fetch(server.url('/get'))).text()).toBe('none')
  })
})

describe('retries', () => {
  it('tries again after a 503, within its limits', async () => {
    let count = 0
    await using server = await RawServer.start(() =>
      ++count % 3 === 0
        ? answer('at last')
        : answer('', { status: '503 Busy', fields: 'Retry-After: 0\r\n' }),
    )
    await using client = new SimpleAsyncHTTPClient()
    const retry = { attempts: 2, backoffMs: 1 }
    expect((await client.fetch(server.url(), { retry })).text()).toBe('at last')
    expect(
      (await failureOf(client.fetch(server.url(), { retry: { attempts: 1, backoffMs: 1 } }))).message,
    ).toContain('503')
    count = 0
    expect(
      (await failureOf(client.fetch(server.url(), { retry, method: 'POST', body: '' }))).message,
    ).toContain('503')
    expect(count).toBe(1)
  })

  it('a signal ends the waiting', async () => {
    await using server = await RawServer.start(() => answer('', { status: '503 Busy' }))
    await using client = new SimpleAsyncHTTPClient()
    const abort = new AbortController()
    const failed = client.fetch(server.url(), {
      retry: { backoffMs: 60_000, budgetMs: 1e9 },
      signal: abort.signal,
    })
    while (server.requests.length === 0 || client.activeCount > 0)
      await new Promise((resolve) => setImmediate(resolve))
    abort.abort(new Error('enough'))
    expect((await failureOf(failed)).message).toBe('enough')
  })
})

describeEngines('retries', (test) => {
  test('a refused connection is tried again', async (client) => {
    const port = await unusedPort()
    const url = `http://127.0.0.1:${port}/`
    const fetched = client.fetch(url, { retry: { attempts: 1_000, backoffMs: 5, maxBackoffMs: 5 } })
    // This one began later, and was refused: so was the other.
    await failureOf(client.fetch(url))
    const server = createServer((_request, response) => response.end('at last'))
    await once(server.listen(port, '127.0.0.1'), 'listening')
    expect((await fetched).text()).toBe('at last')
    server.closeAllConnections()
    server.close()
  })
})

describe('retries and close', () => {
  it('close ends a fetch that waits for its next try', async () => {
    await using server = await RawServer.start(() => answer('', { status: '503 Busy' }))
    const client = new SimpleAsyncHTTPClient()
    const failed = failureOf(client.fetch(server.url(), { retry: { backoffMs: 60_000, budgetMs: 1e9 } }))
    while (server.requests.length === 0 || client.activeCount > 0)
      await new Promise((resolve) => setImmediate(resolve))
    client.close()
    expect((await failed).name).toBe('ClientClosedError')
  })
})

describe('fetch', () => {
  it('a redirect that is not followed is an error, as are too many', async () => {
    await using server = await RawServer.start(({ path }) => {
      if (path === '/loop') return redirect('/loop')
      if (path === '/script') return redirect('javascript:1')
      if (path === '/choices') return answer('choose', { status: '300 Choices', fields: 'Location: /x\r\n' })
      return answer('no place to go', { status: '302 Found' })
    })
    await using client = new SimpleAsyncHTTPClient()
    for (const path of ['/loop', '/script'])
      expect((await failureOf(fetch(server.url(path), { client }))).name).toBe('TypeError')
    const choices = await fetch(server.url('/choices'), { client, redirect: 'error' })
    expect([choices.status, await choices.text()]).toEqual([300, 'choose'])
    expect(await (await fetch(server.url('/none'), { client })).text()).toBe('no place to go')
    expect(client.activeCount).toBe(0)
  })

  it('a response that the platform has no object for leaves no connection behind', async () => {
    await using server = await RawServer.start(() => 'HTTP/1.1 777 Odd\r\nContent-Length: 100\r\n\r\nbegun')
    await using client = new SimpleAsyncHTTPClient()
    expect((await failureOf(fetch(server.url(), { client }))).name).toBe('TypeError')
    await server.settled(0)
    expect([server.sockets.size, client.activeCount]).toEqual([0, 0])
  })

  it('a body that is cancelled ends the fetch, read or not', async () => {
    await using server = await RawServer.start(() => 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun')
    await using client = new SimpleAsyncHTTPClient()
    await (await fetch(server.url(), { client })).body!.cancel()
    expect(client.activeCount).toBe(0)
    const reader = (await fetch(server.url(), { client })).body!.getReader()
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('begun')
    await reader.cancel()
    expect(client.activeCount).toBe(0)
    await server.settled(0)
    expect(server.sockets.size).toBe(0)
  })

  it('responses without a body have none, and their connection is used again', async () => {
    await using server = await RawServer.start(({ method, path }) =>
      method === 'HEAD'
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'
        : `HTTP/1.1 ${path.slice(1)} X\r\n\r\n`,
    )
    await using client = new SimpleAsyncHTTPClient()
    expect((await fetch(server.url(), { client, method: 'HEAD' })).body).toBeNull()
    for (const status of [204, 304])
      expect((await fetch(server.url(`/${status}`), { client })).body).toBeNull()
    expect(server.connections).toBe(1)
  })

  it('the address of a response has no fragment', async () => {
    await using server = await RawServer.start(() => answer('x'))
    await using client = new SimpleAsyncHTTPClient()
    const { url, redirected } = await fetch(`${server.url('/a')}#part`, { client })
    expect([url, redirected]).toEqual([server.url('/a'), false])
  })

  it('JSON, forms with files, bytes; and a signal ends a body that is being read', async () => {
    await using server = await RawServer.start(({ path, body, field }, socket) => {
      if (path !== '/slow') return answer(body, { fields: `X-Type: ${field('Content-Type') ?? '-'}\r\n` })
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun')
      return undefined
    })
    await using client = new SimpleAsyncHTTPClient()
    const init = { client, method: 'POST' }
    const json = await fetch(server.url(), { ...init, body: '{"a":1}', headers: new Headers({ A: 'b' }) })
    expect(await json.json()).toEqual({ a: 1 })
    const form = new FormData()
    form.append('file', new Blob(['contents'], { type: 'text/x' }), 'name.txt')
    const sent = await fetch(server.url(), { ...init, body: form })
    expect(sent.headers.get('X-Type')).toMatch(/^multipart\/form-data; boundary=/)
    expect(await sent.text()).toContain('filename="name.txt"\r\nContent-Type: text/x\r\n\r\ncontents')
    const bytes = await fetch(server.url(), { ...init, body: Uint8Array.of(0, 255) })
    expect(new Uint8Array(await bytes.arrayBuffer())).toEqual(Uint8Array.of(0, 255))
    const abort = new AbortController()
    const slow = await fetch(new Request(server.url('/slow'), { signal: abort.signal }), { client })
    const read = failureOf(slow.text())
    abort.abort()
    expect((await read).name).toBe('AbortError')
    await server.settled(0)
  })

  it('has the shape of the platform', async () => {
    await using server = await RawServer.start(({ path, method, body, field }) => {
      if (path === '/redirect') return redirect('/echo')
      if (path === '/missing') return answer('nothing', { status: '404 Not Found' })
      if (path === '/empty') return 'HTTP/1.1 204 No Content\r\n\r\n'
      return answer(`${method} ${field('Content-Type') ?? '-'} ${body.toString()}`, { fields: 'X-A: 1\r\n' })
    })
    await using client = new SimpleAsyncHTTPClient()
    const init = { client }
    const response = await fetch(server.url('/redirect'), init)
    expect([response.status, response.ok, response.redirected, response.url]).toEqual([
      200,
      true,
      true,
      server.url('/echo'),
    ])
    expect([response.headers.get('x-a'), await response.text()]).toEqual(['1', 'GET - '])
    expect((await fetch(server.url('/missing'), init)).status).toBe(404)
    expect((await fetch(server.url('/empty'), init)).body).toBeNull()
    const form = await fetch(server.url(), { ...init, method: 'POST', body: new URLSearchParams('a=b') })
    expect(await form.text()).toBe('POST application/x-www-form-urlencoded;charset=UTF-8 a=b')
    const upload = new Blob(['streamed']).stream()
    const streamed = await fetch(server.url(), {
      ...init,
      method: 'PUT',
      body: upload,
      duplex: 'half',
    } as never)
    expect(await streamed.text()).toBe('PUT - streamed')
    expect((await fetch(server.url('/redirect'), { ...init, redirect: 'manual' })).status).toBe(302)
    expect((await failureOf(fetch(server.url('/redirect'), { ...init, redirect: 'error' }))).name).toBe(
      'TypeError',
    )
    const refused = await failureOf(fetch('http://127.0.0.1:1/', init))
    expect([refused.name, (refused.cause as NodeJS.ErrnoException).code]).toEqual([
      'TypeError',
      'ECONNREFUSED',
    ])
    const aborted = fetch(server.url(), { ...init, signal: AbortSignal.abort() })
    expect((await failureOf(aborted)).name).toBe('AbortError')
  })
})
