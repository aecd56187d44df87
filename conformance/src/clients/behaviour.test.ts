import {
  HTTPClientError,
  HTTPRequest,
  HTTPStreamClosedError,
  HTTPTimeoutError,
  type AsyncHTTPClient,
  type FetchOptions,
  type HTTPResponse,
} from '@tornado-ts/httpclient'
import { HTTPHeaders } from '@tornado-ts/httputil'
import { gzipSync, brotliCompressSync, deflateSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { engines, type Engine } from './engines.ts'
import { answer, RawServer, redirect, type RawHandler } from './raw-server.ts'

/** What Tornado's manual and the RFCs promise of a client, for any engine. */
function behaviourSuite({ name, create, differences = {} }: Engine): void {
  function test(title: string, run: (client: AsyncHTTPClient) => Promise<void>): void {
    const different = Object.keys(differences).some((each) => title.startsWith(each))
    it.skipIf(different)(`${title}`, async () => {
      expect.hasAssertions()
      await using client = create()
      await run(client)
    })
  }

  /** One server and one fetch. */
  async function fetchFrom(
    client: AsyncHTTPClient,
    handler: RawHandler,
    options: FetchOptions = {},
    path = '/',
  ): Promise<{ response: HTTPResponse; server: RawServer }> {
    await using server = await RawServer.start(handler)
    return { response: await client.fetch(server.url(path), options), server }
  }

  async function failureOf(promise: Promise<unknown>): Promise<Error> {
    return await promise.then(
      () => Promise.reject(new Error('The fetch succeeded')),
      (error: Error) => error,
    )
  }

  describe(`${name}`, () => {
    describe('requests', () => {
      test('B-client-001 sends Host, User-Agent and Accept-Encoding, and the fields of the user', async (client) => {
        const { server } = await fetchFrom(client, () => answer(), { headers: { 'X-Mine': 'yes' } })
        const [request] = server.requests
        expect(request!.lines[0]).toBe('GET / HTTP/1.1')
        expect(request!.field('Host')).toBe(
          `127.0.0.1:${new URL(request!.field('Host')!, 'http://x').port || request!.field('Host')!.split(':')[1]}`,
        )
        expect(request!.field('User-Agent')).toMatch(/^tornado-ts/)
        expect(request!.field('Accept-Encoding')).toContain('gzip')
        expect(request!.field('X-Mine')).toBe('yes')
      })

      test('B-client-001 a POST without Content-Type is a form, with the length of its body', async (client) => {
        const { server } = await fetchFrom(client, () => answer(), { method: 'POST', body: 'a=1' })
        expect(server.requests[0]!.field('Content-Type')).toBe('application/x-www-form-urlencoded')
        expect(server.requests[0]!.field('Content-Length')).toBe('3')
      })

      test('B-client-001 the user may replace the fields of the client', async (client) => {
        const { server } = await fetchFrom(client, () => answer(), {
          headers: { Host: 'example.com', 'User-Agent': 'mine', 'Accept-Encoding': 'identity' },
        })
        const [request] = server.requests
        expect(request!.field('Host')).toBe('example.com')
        expect(request!.field('User-Agent')).toBe('mine')
        expect(request!.field('Accept-Encoding')).toBe('identity')
        expect(request!.lines.filter((line) => /^host:/i.test(line))).toHaveLength(1)
      })

      test('userAgent, hostHeader and no user agent at all', async (client) => {
        const { server } = await fetchFrom(client, () => answer(), {
          userAgent: 'agent/1',
          hostHeader: 'h.example:81',
        })
        expect(server.requests[0]!.field('User-Agent')).toBe('agent/1')
        expect(server.requests[0]!.field('Host')).toBe('h.example:81')
      })

      test('B-client-002 uses a connection again (Tornado: one connection per request)', async (client) => {
        await using server = await RawServer.start(() => answer('x'))
        for (let i = 0; i < 5; i++) await client.fetch(server.url())
        expect(server.connections).toBe(1)
      })

      test('B-client-003 the fragment is not sent, and an empty path is /', async (client) => {
        await using server = await RawServer.start(() => answer())
        await client.fetch(`${server.url('').replace(/\/$/, '')}#part`)
        await client.fetch(`${server.url('/a?b=c')}#part`)
        expect(server.requests.map(({ path }) => path)).toEqual(['/', '/a?b=c'])
      })

      test('B-client-003 other schemes are refused', async (client) => {
        for (const url of [
          'ftp://127.0.0.1/',
          'file:///etc/passwd',
          'gopher://127.0.0.1/',
          'javascript:1',
          'nothing',
        ])
          expect((await failureOf(client.fetch(url))).name).toBe('TypeError')
      })

      test('B-client-004 credentials of the URL win over authUsername, and are not in Host', async (client) => {
        await using server = await RawServer.start(() => answer())
        const url = server.url().replace('http://', 'http://us%C3%A9r:p%40ss@')
        await client.fetch(url, { authUsername: 'other', authPassword: 'word' })
        const { field } = server.requests[0]!
        expect(field('Authorization')).toBe(`Basic ${Buffer.from('usér:p@ss').toString('base64')}`)
        expect(field('Host')).toBe(`127.0.0.1:${server.port}`)
      })

      test('B-client-004 basic authentication by options; another authMode is refused', async (client) => {
        const { server } = await fetchFrom(client, () => answer(), { authUsername: 'u', authPassword: 'p' })
        expect(server.requests[0]!.field('Authorization')).toBe(`Basic ${btoa('u:p')}`)
        const wrong = client.fetch(server.requests[0]!.path === '/' ? 'http://127.0.0.1:1/' : '', {
          authUsername: 'u',
          authMode: 'asdf' as 'basic',
        })
        expect((await failureOf(wrong)).message).toContain('authMode')
      })

      test('B-client-005 POST, PUT and PATCH have a body, the others have none, and methods are known', async (client) => {
        await using server = await RawServer.start(() => answer())
        for (const method of ['POST', 'PUT', 'PATCH'])
          expect((await failureOf(client.fetch(server.url(), { method }))).message).toContain(
            'Body must be given',
          )
        for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS'])
          expect((await failureOf(client.fetch(server.url(), { method, body: 'x' }))).message).toContain(
            'must not be given',
          )
        expect((await failureOf(client.fetch(server.url(), { method: 'FOO' }))).message).toContain(
          'Unknown method',
        )
        expect(server.requests).toHaveLength(0)
        await client.fetch(server.url(), { method: 'FOO', allowNonstandardMethods: true })
        await client.fetch(server.url(), { method: 'DELETE', body: 'x', allowNonstandardMethods: true })
        await client.fetch(server.url(), { method: 'POST', allowNonstandardMethods: true })
        expect(server.requests.map((each) => [each.method, each.body.toString()])).toEqual([
          ['FOO', ''],
          ['DELETE', 'x'],
          ['POST', ''],
        ])
        expect(server.requests[2]!.field('Content-Length')).toBe('0')
      })

      test('B-client-006 networkInterface is an address in numbers', async (client) => {
        await using server = await RawServer.start((_request, socket) => answer(socket.remoteAddress!))
        expect((await client.fetch(server.url(), { networkInterface: '127.0.0.2' })).text()).toBe('127.0.0.2')
        expect((await failureOf(client.fetch(server.url(), { networkInterface: 'eth0' }))).message).toContain(
          'eth0',
        )
      })

      test('B-client-007 text is sent as UTF-8', async (client) => {
        const { server } = await fetchFrom(client, () => answer(), { method: 'PUT', body: 'é€' })
        expect(server.requests[0]!.body).toEqual(Buffer.from('é€'))
        expect(server.requests[0]!.field('Content-Length')).toBe('5')
      })

      test('bytes and forms are bodies', async (client) => {
        await using server = await RawServer.start(({ body }) => answer(body))
        const bytes = Uint8Array.from([0, 255, 13, 10])
        expect((await client.fetch(server.url(), { method: 'POST', body: bytes })).body).toEqual(
          Buffer.from(bytes),
        )
        const form = new URLSearchParams({ a: 'ü', b: '2' })
        expect((await client.fetch(server.url(), { method: 'POST', body: form })).text()).toBe('a=%C3%BC&b=2')
      })

      test('B-client-008 a bodyProducer writes in chunks', async (client) => {
        const { server } = await fetchFrom(client, () => answer(), {
          method: 'POST',
          bodyProducer: async (write) => {
            await write('1234')
            await write(Buffer.from('5678'))
          },
        })
        expect(server.requests[0]!.field('Transfer-Encoding')).toBe('chunked')
        expect(server.requests[0]!.body.toString()).toBe('12345678')
      })

      test('B-client-008 a bodyProducer with a Content-Length sends no chunks', async (client) => {
        const { server } = await fetchFrom(client, () => answer(), {
          method: 'POST',
          headers: { 'Content-Length': '4' },
          bodyProducer: async (write) => await write('1234'),
        })
        expect(server.requests[0]!.field('Transfer-Encoding')).toBeUndefined()
        expect(server.requests[0]!.body.toString()).toBe('1234')
      })

      test('B-client-008 what a bodyProducer throws fails the fetch', async (client) => {
        await using server = await RawServer.start(() => undefined)
        const failed = client.fetch(server.url(), {
          method: 'POST',
          bodyProducer: async (write) => {
            await write('begun')
            throw new Error('out of paper')
          },
        })
        expect((await failureOf(failed)).message).toBe('out of paper')
      })

      test('an async iterable is a body', async (client) => {
        async function* pieces(): AsyncGenerator<string> {
          yield 'one '
          yield 'two'
        }
        const { server } = await fetchFrom(client, () => answer(), { method: 'PUT', body: pieces() })
        expect(server.requests[0]!.body.toString()).toBe('one two')
      })

      test('B-client-009 expect100Continue sends the body after the 100', async (client) => {
        let received = ''
        await using server = await RawServer.start((request, socket) => {
          expect(request.field('Expect')).toBe('100-continue')
          received = request.body.toString()
          socket.write('HTTP/1.1 100 Continue\r\n\r\n')
          socket.once('data', (body: Buffer) => {
            received += body.toString()
            socket.write(answer('thanks'))
          })
        })
        const response = await client.fetch(server.url(), {
          method: 'POST',
          body: '1234',
          expect100Continue: true,
        })
        expect([response.text(), received]).toEqual(['thanks', '1234'])
      })

      test('B-client-009 an early answer ends an expect100Continue without the body', async (client) => {
        await using server = await RawServer.start(() => answer('no', { status: '417 No' }))
        const options = { method: 'POST', body: '1234', expect100Continue: true, raiseError: false }
        expect((await client.fetch(server.url(), options)).code).toBe(417)
        expect((await client.fetch(server.url(), { ...options, expect100Continue: false })).code).toBe(417)
        expect(server.requests.map(({ body }) => body.toString())).toEqual(['', '1234'])
      })

      test('B-client-032 ifModifiedSince takes a number or a date', async (client) => {
        await using server = await RawServer.start(() => answer())
        const ms = Date.UTC(2013, 0, 27, 18, 43, 20)
        await client.fetch(server.url(), { ifModifiedSince: ms })
        await client.fetch(server.url(), { ifModifiedSince: new Date(ms) })
        for (const { field } of server.requests)
          expect(field('If-Modified-Since')).toBe('Sun, 27 Jan 2013 18:43:20 GMT')
      })
    })

    describe('fetch', () => {
      test('B-client-010 options beside a request object are refused', async (client) => {
        const request = new HTTPRequest('http://127.0.0.1:1/')
        const error = await failureOf(client.fetch(request, { method: 'POST' }))
        expect([error.name, error.message.includes('method')]).toEqual(['TypeError', true])
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

      test('B-client-013 every status outside 200 to 299 is an error', async (client) => {
        await using server = await RawServer.start(({ path }) =>
          answer('', { status: `${path.slice(1)} Reason` }),
        )
        for (const code of [200, 201, 299])
          expect((await client.fetch(server.url(`/${code}`))).code).toBe(code)
        for (const code of [300, 304, 400, 404, 500, 599]) {
          const error = await failureOf(client.fetch(server.url(`/${code}`)))
          expect(error).toBeInstanceOf(HTTPClientError)
          expect(error.message).toBe(`HTTP ${code}: Reason`)
          expect((error as HTTPClientError).response!.code).toBe(code)
        }
      })

      test('B-client-034 an HTTPResponse has a body of bytes, and rethrow without an error does nothing', async (client) => {
        const { response } = await fetchFrom(client, () =>
          answer('{"a":1}', { fields: 'X-A: 1\r\nX-A: 2\r\n' }),
        )
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
        expect(response.text()).toBe('abcde')
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

    describe('redirects', () => {
      test('B-client-014 follows 301, 302, 303, 307 and 308', async (client) => {
        await using server = await RawServer.start(({ path }) =>
          path === '/end' ? answer('there') : redirect('/end', Number(path.slice(1))),
        )
        for (const code of [301, 302, 303, 307, 308]) {
          const response = await client.fetch(server.url(`/${code}`))
          expect([response.text(), response.effectiveUrl]).toEqual(['there', server.url('/end')])
        }
        expect(server.connections).toBe(1)
      })

      test('B-client-014 without Location, when exhausted, or not to be followed, the 3xx is the response', async (client) => {
        await using server = await RawServer.start(({ path }) =>
          path === '/none' ? answer('', { status: '302 Found' }) : redirect(`${path}x`),
        )
        expect((await failureOf(client.fetch(server.url('/none')))).message).toBe('HTTP 302: Found')
        const exhausted = await client.fetch(server.url('/a'), { maxRedirects: 3, raiseError: false })
        expect([exhausted.code, exhausted.effectiveUrl, exhausted.headers.get('Location')]).toEqual([
          302,
          server.url('/axxx'),
          '/axxxx',
        ])
        expect((await client.fetch(server.url('/b'), { raiseError: false })).effectiveUrl).toBe(
          server.url('/bxxxxx'),
        )
        const stays = await client.fetch(server.url('/c'), { followRedirects: false, raiseError: false })
        expect(stays.effectiveUrl).toBe(server.url('/c'))
      })

      test('B-client-015 CVE-2023-45803: methods and bodies over redirects', async (client) => {
        await using server = await RawServer.start(({ path }) =>
          path === '/end' ? answer() : redirect('/end', Number(path.slice(1))),
        )
        const seen = async (code: number, method: string): Promise<(string | undefined)[]> => {
          const body = method === 'POST' || method === 'PUT' ? 'body' : null
          await client.fetch(server.url(`/${code}`), { method, body, headers: { 'Content-Language': 'en' } })
          const last = server.requests.at(-1)!
          return [last.method, last.body.toString(), last.field('Content-Type'), last.field('Content-Length')]
        }
        const form = 'application/x-www-form-urlencoded'
        for (const code of [301, 302, 303])
          expect(await seen(code, 'POST')).toEqual(['GET', '', undefined, undefined])
        for (const code of [307, 308]) expect(await seen(code, 'POST')).toEqual(['POST', 'body', form, '4'])
        expect(await seen(302, 'PUT')).toEqual(['PUT', 'body', undefined, '4'])
        expect((await seen(303, 'PUT'))[0]).toBe('GET')
        for (const code of [301, 302, 303, 307, 308]) expect((await seen(code, 'HEAD'))[0]).toBe('HEAD')
      })

      test('B-client-016 CVE-2018-20060 CVE-2026-49853: credentials do not go to another origin, nor come back', async (client) => {
        await using other = await RawServer.start(() => redirect(server.url('/end')))
        await using server: RawServer = await RawServer.start(({ path }) =>
          path === '/end' ? answer() : path === '/same' ? redirect('/away') : redirect(other.url('/b')),
        )
        const headers = new HTTPHeaders({ Cookie: 'a=1', 'Proxy-Authorization': 'x', 'X-Kept': 'yes' })
        headers.add('Authorization', 'one')
        headers.add('Authorization', 'two')
        await client.fetch(server.url('/same'), { headers })
        await client.fetch(server.url('/same').replace('//', '//u:p@'))
        await client.fetch(server.url('/same'), { authUsername: 'u', authPassword: 'p' })
        for (const index of [0, 3, 6]) {
          const [same, away, back] = server.requests.slice(index, index + 3)
          expect(same!.field('Authorization')).toBeDefined()
          expect(away!.field('Authorization')).toBe(same!.field('Authorization'))
          expect(back!.field('Authorization')).toBeUndefined()
        }
        for (const request of [...other.requests, server.requests[2]!])
          for (const name of ['Authorization', 'Cookie', 'Proxy-Authorization'])
            expect(request.field(name)).toBeUndefined()
        expect(other.requests[0]!.field('X-Kept')).toBe('yes')
        expect(other.requests[0]!.field('Host')).toBe(`127.0.0.1:${other.port}`)
      })

      test('B-client-016 another scheme or host is another origin, and hostHeader stays behind', async (client) => {
        await using server = await RawServer.start(({ path, field }) =>
          path === '/end'
            ? answer(field('Authorization') ?? 'none')
            : redirect(`http://localhost:${server.port}/end`),
        )
        const response = await client.fetch(server.url(), {
          headers: { Authorization: 'secret' },
          hostHeader: 'named.example',
          allowIpv6: false,
        })
        expect(response.text()).toBe('none')
        expect(server.requests[1]!.field('Host')).toBe(`localhost:${server.port}`)
      })

      test('B-client-017 response.request is the original one', async (client) => {
        await using server = await RawServer.start(({ path }) =>
          path === '/end' ? answer() : redirect('/end'),
        )
        const request = new HTTPRequest(server.url('/start'))
        const response = await client.fetch(request)
        expect(response.request).toBe(request)
        expect([request.url, response.effectiveUrl]).toEqual([server.url('/start'), server.url('/end')])
      })

      test('B-client-018 callbacks are called for the final response alone', async (client) => {
        await using server = await RawServer.start(({ path }) =>
          path === '/end' ? answer('final', { fields: 'X-Final: 1\r\n' }) : redirect('/end'),
        )
        const lines: string[] = []
        const chunks: string[] = []
        const heads: number[] = []
        const response = await client.fetch(server.url(), {
          headerCallback: (line) => lines.push(line),
          streamingCallback: (chunk) => void chunks.push(chunk.toString()),
          headCallback: ({ code }) => heads.push(code),
        })
        expect(chunks.join('')).toBe('final')
        expect(lines.filter((line) => line.startsWith('HTTP/'))).toEqual(['HTTP/1.1 200 OK\r\n'])
        expect(heads).toEqual([200])
        expect(response.body.length).toBe(0)
      })

      test('redirects that cannot be followed are the response', async (client) => {
        const locations = [
          'javascript:alert(1)',
          'file:///etc/passwd',
          'gopher://127.0.0.1/',
          '',
          'http://[',
          'http://a b/',
        ]
        for (const location of locations) {
          const { response } = await fetchFrom(client, () => redirect(location), { raiseError: false })
          expect([location, response.code]).toEqual([location, 302])
        }
        const two = await fetchFrom(client, () => redirect('/a', 302, 'Location: /b\r\n'), {
          raiseError: false,
        })
        expect(two.response.code).toBe(302)
      })

      test('relative, scheme-relative and non-ASCII locations', async (client) => {
        await using server = await RawServer.start(({ path }) => {
          if (path === '/a/b') return redirect('../c?d#e')
          if (path === '/c?d') return redirect(`//127.0.0.1:${server.port}/f`)
          return path === '/f' ? redirect(Buffer.from('/gé').toString('latin1')) : answer(path)
        })
        expect((await client.fetch(server.url('/a/b'))).text()).toBe('/g%C3%A9')
      })

      test('the endless body of a redirect is left behind', async (client) => {
        await using server = await RawServer.start(({ path }, socket) => {
          if (path === '/end') return answer('there')
          socket.write('HTTP/1.1 302 X\r\nLocation: /end\r\nTransfer-Encoding: chunked\r\n\r\n')
          const more = (): void => {
            while (!socket.destroyed && socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`));
          }
          socket.on('drain', more)
          more()
          return undefined
        })
        expect((await client.fetch(server.url('/'))).text()).toBe('there')
      })
    })

    describe('streams', () => {
      test('B-client-019 headerCallback gets the status line, each field and an empty line', async (client) => {
        const lines: string[] = []
        await fetchFrom(client, () => answer('x', { fields: 'X-A: 1\r\n' }), {
          headerCallback: (line) => lines.push(line),
        })
        expect(lines).toEqual(['HTTP/1.1 200 OK\r\n', 'X-A: 1\r\n', 'Content-Length: 1\r\n', '\r\n'])
      })

      test('B-client-019 streamingCallback may be async, and the server waits for it', async (client) => {
        const size = 3_000_000
        let sent = 0
        await using server = await RawServer.start((_request, socket) => {
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
          const piece = Buffer.alloc(50_000, 'x')
          const more = (): void => {
            while (sent < size) {
              sent += piece.length
              if (!socket.write(piece)) return
            }
          }
          socket.on('drain', more)
          more()
        })
        let received = 0
        let concurrent = 0
        await client.fetch(server.url(), {
          streamingCallback: async (chunk) => {
            expect(++concurrent).toBe(1)
            await new Promise((resolve) => setImmediate(resolve))
            received += chunk.length
            concurrent--
          },
        })
        expect(received).toBe(size)
      })

      test('what a callback throws fails the fetch', async (client) => {
        await using server = await RawServer.start(() => answer('x'))
        const thrower = (): never => {
          throw new Error('do not like it')
        }
        for (const options of [
          { streamingCallback: thrower },
          { headerCallback: thrower },
          { headCallback: thrower },
        ])
          expect((await failureOf(client.fetch(server.url(), options))).message).toBe('do not like it')
        expect((await client.fetch(server.url())).text()).toBe('x')
      })

      test('a response is iterated over', async (client) => {
        await using server = await RawServer.start(() => answer('x'.repeat(200_000)))
        const stream = await client.stream(server.url())
        expect([stream.code, stream.headers.get('Content-Length')]).toEqual([200, '200000'])
        let size = 0
        for await (const chunk of stream) size += chunk.length
        expect(size).toBe(200_000)
        expect((await (await client.stream(server.url())).body()).length).toBe(200_000)
      })

      test('leaving the iteration ends the fetch', async (client) => {
        const closed = Promise.withResolvers<void>()
        await using server = await RawServer.start((_request, socket) => {
          socket.once('close', () => closed.resolve())
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegun')
        })
        for await (const chunk of await client.stream(server.url())) {
          expect(chunk.toString()).toBe('begun')
          break
        }
        await closed.promise
      })

      test('an iteration fails when the response breaks off', async (client) => {
        await using server = await RawServer.start((_request, socket) => {
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun')
        })
        const stream = await client.stream(server.url())
        expect(await failureOf(stream.body())).toBeInstanceOf(HTTPStreamClosedError)
        await using missing = await RawServer.start(() => answer('', { status: '404 Not Found' }))
        expect((await failureOf(client.stream(missing.url()))).message).toBe('HTTP 404: Not Found')
      })
    })

    describe('compression', () => {
      const text = 'hello '.repeat(1000)
      for (const [coding, compress] of [
        ['gzip', gzipSync],
        ['deflate', deflateSync],
        ['br', brotliCompressSync],
        ['zstd', zstdCompressSync],
      ] as const) {
        test(`B-client-026 decompresses ${coding}`, async (client) => {
          const { response, server } = await fetchFrom(client, () =>
            answer(compress(Buffer.from(text)), { fields: `Content-Encoding: ${coding}\r\n` }),
          )
          expect(response.text()).toBe(text)
          expect(response.headers.get('X-Consumed-Content-Encoding')).toBe(coding)
          expect(server.requests[0]!.field('Accept-Encoding')).toContain(coding)
        })
      }

      test('B-client-026 decompressResponse false leaves the bytes as they are', async (client) => {
        const bytes = gzipSync(text)
        const { response, server } = await fetchFrom(
          client,
          () => answer(bytes, { fields: 'Content-Encoding: gzip\r\n' }),
          {
            decompressResponse: false,
            headers: { 'Accept-Encoding': 'gzip' },
          },
        )
        expect(response.body).toEqual(bytes)
        expect(server.requests[0]!.field('Accept-Encoding')).toBe('gzip')
      })

      test('B-client-026 a stream is decompressed, too', async (client) => {
        const chunks: Buffer[] = []
        await fetchFrom(client, () => answer(gzipSync(text), { fields: 'Content-Encoding: gzip\r\n' }), {
          streamingCallback: (chunk) => void chunks.push(chunk),
        })
        expect(Buffer.concat(chunks).toString()).toBe(text)
      })

      test('CVE-2026-49855 GHSA bomb: the limit holds after decompression', async () => {
        await using client = create({ maxBodySize: 1_000_000 })
        const bomb = gzipSync(Buffer.alloc(50_000_000))
        const failed = fetchFrom(client, () => answer(bomb, { fields: 'Content-Encoding: gzip\r\n' }))
        const error = await failureOf(failed)
        expect([error.name, (error as HTTPClientError).code]).toEqual(['HTTPProtocolError', 599])
      })

      test('CVE-2026-22036: a chain of codings is not unpacked', async (client) => {
        const fields = `Content-Encoding: ${Array.from({ length: 1000 }, () => 'gzip').join(', ')}\r\n`
        const { response } = await fetchFrom(client, () => answer('packed', { fields }))
        expect(response.text()).toBe('packed')
      })

      test('what is no gzip, or cut short, is an error', async (client) => {
        const fields = 'Content-Encoding: gzip\r\n'
        for (const body of [Buffer.from('no gzip'), gzipSync(text).subarray(0, -10)])
          expect((await failureOf(fetchFrom(client, () => answer(body, { fields })))).name).toBe(
            'HTTPProtocolError',
          )
      })
    })

    describe('time-outs and limits', () => {
      test('B-client-021 requestTimeoutMs ends a request to a silent server', async (client) => {
        await using server = await RawServer.start(() => undefined)
        const error = await failureOf(client.fetch(server.url(), { requestTimeoutMs: 30 }))
        expect(error).toBeInstanceOf(HTTPTimeoutError)
        expect([error.message, (error as HTTPTimeoutError).phase]).toEqual([
          'HTTP 599: Timeout during request',
          'request',
        ])
      })

      test('B-client-021 requestTimeoutMs covers the body', async (client) => {
        await using server = await RawServer.start(() => 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab')
        const error = await failureOf(client.fetch(server.url(), { requestTimeoutMs: 30 }))
        expect((error as HTTPTimeoutError).phase).toBe('request')
      })

      test('B-client-022 a time-out is an HTTPTimeoutError with code 599, a close an HTTPStreamClosedError', async (client) => {
        await using silent = await RawServer.start(() => undefined)
        const late = (await failureOf(
          client.fetch(silent.url(), { requestTimeoutMs: 20 }),
        )) as HTTPClientError
        expect([late.name, late.code, late instanceof HTTPClientError]).toEqual([
          'HTTPTimeoutError',
          599,
          true,
        ])
        await using closing = await RawServer.start(() => null)
        const closed = (await failureOf(client.fetch(closing.url()))) as HTTPClientError
        expect([closed.name, closed.code]).toEqual(['HTTPStreamClosedError', 599])
        expect(closed.message).toContain('Connection closed')
      })

      test('B-client-022 a refused connection is the error of the system', async (client) => {
        const server = await RawServer.start(() => null)
        const url = server.url()
        await server[Symbol.asyncDispose]()
        expect(((await failureOf(client.fetch(url))) as NodeJS.ErrnoException).code).toBe('ECONNREFUSED')
      })

      test('B-client-023 a body cut short is an HTTPStreamClosedError', async (client) => {
        for (const body of [
          'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc',
          'HTTP/1.1 200 OK\r\nContent-',
        ]) {
          const failed = fetchFrom(client, (_request, socket) => void socket.end(body))
          expect(await failureOf(failed)).toBeInstanceOf(HTTPStreamClosedError)
        }
      })

      test('B-client-024 a malformed status line fails at once', async (client) => {
        for (const line of [
          'asdf',
          'HTTP/2.0 200 OK',
          'HTTP/1.1 2000 OK',
          'HTTP/1.1 20',
          '\0\0',
          'HTTP/1.1 200 OK\r\nno colon',
        ])
          expect((await failureOf(fetchFrom(client, () => `${line}\r\n\r\n`))).name).toBe('HTTPProtocolError')
      })

      test('B-client-025 heads and bodies have limits', async () => {
        await using client = create({ maxHeaderSize: 1024, maxBodySize: 64 * 1024 })
        const head = failureOf(fetchFrom(client, () => answer('', { fields: `X: ${'x'.repeat(2000)}\r\n` })))
        expect((await head).name).toBe('HTTPProtocolError')
        const body = 'x'.repeat(64 * 1024)
        expect((await fetchFrom(client, () => answer(body))).response.body.length).toBe(body.length)
        expect((await failureOf(fetchFrom(client, () => answer(`${body}x`)))).message).toContain('exceeds')
        const endless = fetchFrom(
          client,
          (_request, socket) => void socket.end(`HTTP/1.1 200 OK\r\n\r\n${body}x`),
        )
        expect((await failureOf(endless)).message).toContain('exceeds')
        expect(
          (await fetchFrom(client, () => answer(`${body}x`), { maxBodySize: 100_000 })).response.code,
        ).toBe(200)
      })
    })

    describe('concurrency', () => {
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

      test('many fetches share few connections', async () => {
        await using client = create({ maxClients: 8 })
        await using server = await RawServer.start(({ path }) => answer(path))
        const texts = await Promise.all(
          Array.from({ length: 500 }, async (_, index) =>
            (await client.fetch(server.url(`/${index}`))).text(),
          ),
        )
        expect(texts).toEqual(Array.from({ length: 500 }, (_, index) => `/${index}`))
        expect(server.connections).toBe(8)
      })
    })

    describe('names and addresses', () => {
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
  })
}

for (const engine of engines) behaviourSuite(engine)
