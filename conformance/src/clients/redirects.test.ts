import { HTTPRequest } from '@tornado-ts/httpclient'
import { HTTPHeaders } from '@tornado-ts/httputil'
import { expect } from 'vitest'
import { describeEngines, failureOf, fetchFrom } from './engine-suite.ts'
import { answer, RawServer, redirect } from './raw-server.ts'

describeEngines('redirects', (test) => {
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
      const headers = { 'Content-Language': 'en', 'Content-Encoding': 'identity', 'X-Kept': 'yes' }
      await client.fetch(server.url(`/${code}`), { method, body, headers })
      const last = server.requests.at(-1)!
      expect(last.field('X-Kept')).toBe('yes')
      if (body !== null)
        for (const name of ['Content-Language', 'Content-Encoding'])
          expect([name, last.field(name) !== undefined]).toEqual([name, last.body.length > 0])
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

  test('B-client-016 another host is another origin, and hostHeader stays behind', async (client) => {
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
    await using server = await RawServer.start(({ path }) => (path === '/end' ? answer() : redirect('/end')))
    const request = new HTTPRequest(server.url('/start'))
    const response = await client.fetch(request)
    expect(response.request).toBe(request)
    expect([request.url, response.effectiveUrl]).toEqual([server.url('/start'), server.url('/end')])
  })

  test('B-client-017 requestTimeMs is that of the last hop', async (client) => {
    const late = Promise.withResolvers<void>()
    await using server = await RawServer.start(async ({ path }) => {
      if (path === '/silent') return undefined
      if (path === '/end') return answer()
      await late.promise
      return redirect('/end')
    })
    const beganMs = performance.now()
    const fetched = client.fetch(server.url('/start'))
    await failureOf(client.fetch(server.url('/silent'), { requestTimeoutMs: 100 }))
    late.resolve()
    const { requestTimeMs } = await fetched
    expect(performance.now() - beganMs - requestTimeMs).toBeGreaterThan(90)
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
