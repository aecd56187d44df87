import { expect } from 'vitest'
import { describeEngines, failureOf, fetchFrom } from './engine-suite.ts'
import { answer, RawServer } from './raw-server.ts'

describeEngines('requests', (test) => {
  test('B-client-001 sends Host, User-Agent and Accept-Encoding, and the fields of the user', async (client) => {
    const { server, response } = await fetchFrom(client, () => answer(), { headers: { 'X-Mine': 'yes' } })
    const [request] = server.requests
    expect(request!.lines[0]).toBe('GET / HTTP/1.1')
    expect(request!.field('Host')).toBe(new URL(response.effectiveUrl).host)
    expect(request!.field('User-Agent')).toMatch(/^tornado-ts/)
    expect(request!.field('Accept-Encoding')).toContain('gzip')
    expect(request!.field('X-Mine')).toBe('yes')
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
    const none = await fetchFrom(client, () => answer(), { userAgent: '' })
    expect(none.server.requests[0]!.head).not.toMatch(/user-agent/i)
  })

  test('B-client-002 uses a connection again (Tornado: one connection per request)', async (client) => {
    await using server = await RawServer.start(() => answer('x'))
    for (let i = 0; i < 5; i++) await client.fetch(server.url())
    expect(server.connections).toBe(1)
  })

  test('after Connection: close a connection is not used again (RFC 9112 §9.6)', async (client) => {
    await using server = await RawServer.start(() => answer('x'))
    await client.fetch(server.url(), { headers: { Connection: 'close' } })
    await client.fetch(server.url())
    expect(server.requests.map(({ connection }) => connection)).toEqual([0, 1])
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

  test('B-client-032 ifModifiedSince takes a number or a date', async (client) => {
    await using server = await RawServer.start(() => answer())
    const ms = Date.UTC(2013, 0, 27, 18, 43, 20)
    await client.fetch(server.url(), { ifModifiedSince: ms })
    await client.fetch(server.url(), { ifModifiedSince: new Date(ms) })
    for (const { field } of server.requests)
      expect(field('If-Modified-Since')).toBe('Sun, 27 Jan 2013 18:43:20 GMT')
  })
})
