import { HTTPRequest, type AsyncHTTPClient } from '@tornado-ts/httpclient'
import { expect } from 'vitest'
import { describeEngines, failureOf } from './engine-suite.ts'
import { answer, RawServer } from './raw-server.ts'

describeEngines('security', (test, { create }) => {
  /** What a client makes of a hostile reply, and whether it uses the connection again. */
  async function afterReply(
    reply: string,
    method = 'GET',
  ): Promise<{ outcome: string; connections: number }> {
    await using client = create()
    await using server = await RawServer.start(({ path }) => (path === '/good' ? answer('good') : reply))
    const outcome = await client
      .fetch(server.url('/bad'), { method, raiseError: false, requestTimeoutMs: 2_000 })
      .then(
        ({ code, body }) => `${code} ${body.toString('latin1')}`.trim(),
        (error: Error) => error.name,
      )
    expect((await client.fetch(server.url('/good'))).text()).toBe('good')
    return { outcome, connections: server.connections }
  }

  const injections = [
    '\r\n',
    '\n',
    '\r',
    '\0',
    '\u007f',
    '\u010a',
    '\u010d',
    '\u560a',
    '\u560d',
    '\u2028',
    '\ud800',
  ]

  test('GHSA-w235-7p84-xx57 CVE-2019-12387 §3: nothing can be injected into a head', async () => {
    await using client = create()
    await using server = await RawServer.start(() => answer())
    const url = server.url()
    const attempt = async (
      what: string,
      make: (client: AsyncHTTPClient) => Promise<unknown>,
    ): Promise<void> => {
      const before = server.requests.length
      const error = await failureOf(make(client))
      expect([what, error.name]).toEqual([what, expect.stringMatching(/^(TypeError|HTTPOutputError)$/)])
      expect([what, server.requests.length]).toEqual([what, before])
    }
    for (const text of injections) {
      const evil = `a${text}B: c`
      const label = JSON.stringify(text)
      await attempt(`method ${label}`, (c) =>
        c.fetch(url, { method: `GET${text}X`, allowNonstandardMethods: true }),
      )
      await attempt(`field value ${label}`, (c) => c.fetch(url, { headers: { X: evil } }))
      await attempt(`field name ${label}`, (c) => c.fetch(url, { headers: { [`X${text}`]: 'a' } }))
      await attempt(`user agent ${label}`, (c) => c.fetch(url, { userAgent: evil }))
      await attempt(`host header ${label}`, (c) => c.fetch(url, { hostHeader: `h${text}x` }))
      await attempt(`added field ${label}`, async (c) => {
        const request = new HTTPRequest(url)
        request.headers.add('X', evil)
        await c.fetch(request)
      })
    }
  })

  test('CVE-2018-12116 CVE-2019-9740 §3: paths are refused or encoded, never cut to their low bytes', async () => {
    await using client = create()
    await using server = await RawServer.start(({ path }) => answer(path))
    for (const text of injections) {
      const url = server.url(`/x${text}y`)
      const outcome = await client.fetch(url).then(
        (response) => response.text(),
        (error: Error) => error.name,
      )
      expect(outcome).toMatch(/^(TypeError|\/x(?:%[0-9A-F]{2})+y)$/)
    }
  })

  test('CVE-2023-23936 §3: a Host that is none is refused', async () => {
    await using client = create()
    for (const host of ['a b', 'a/b', 'a@b', 'a,b', 'h:99999', '[::1'])
      expect((await failureOf(client.fetch('http://127.0.0.1:1/', { hostHeader: host }))).name).toBe(
        'HTTPOutputError',
      )
  })

  test('CVE-2026-1525 §3: there is one Content-Length, and it is that of the body', async () => {
    await using client = create()
    await using server = await RawServer.start(() => answer())
    const headers = (length: string): [string, string][] => [
      ['Content-Length', length],
      ['content-length', length],
    ]
    await client.fetch(server.url(), { method: 'POST', body: 'four', headers: headers('4') })
    expect(server.requests[0]!.lines.filter((line) => /^content-length/i.test(line))).toHaveLength(1)
    for (const length of ['3', '5', '+4', '4,4', 'x'])
      expect(
        (
          await failureOf(
            client.fetch(server.url(), { method: 'POST', body: 'four', headers: headers(length) }),
          )
        ).name,
      ).toBe('HTTPOutputError')
  })

  test('CVE-2026-48931: what comes unasked on an idle connection is no answer', async () => {
    await using client = create()
    await using server = await RawServer.start(({ path }, socket) => {
      if (path === '/second') return answer('right')
      socket.write(answer('first'))
      setImmediate(() => socket.write(answer('wrong')))
      return undefined
    })
    expect((await client.fetch(server.url('/first'))).text()).toBe('first')
    expect((await client.fetch(server.url('/second'))).text()).toBe('right')
  })

  for (const [what, reply, outcome] of [
    ['bytes behind the body', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n', '200 ok'],
    ['a second response', `${answer('one').toString()}${answer('two').toString()}`, '200 one'],
    ['a body on a 204', 'HTTP/1.1 204 No\r\n\r\nbody', '204'],
    ['a body on a 304', 'HTTP/1.1 304 No\r\n\r\nbody', '304'],
    [
      'a 101 unasked',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      'HTTPProtocolError',
    ],
    [
      'a storm of 1xx',
      'HTTP/1.1 100 Continue\r\n\r\n'.repeat(11) + answer('late').toString(),
      'HTTPProtocolError',
    ],
  ] as const) {
    test(`CVE-2026-48931 6.5.8: the connection is not used again after ${what}`, async () => {
      expect(await afterReply(reply)).toEqual({ outcome, connections: 2 })
    })
  }

  test('6.5.8: ten informational responses are let pass', async () => {
    const reply = `${'HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n'.repeat(10)}${answer('last').toString()}`
    expect(await afterReply(reply)).toEqual({ outcome: '200 last', connections: 1 })
  })

  test('a body on the answer to a HEAD ends the connection', async () => {
    const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody'
    expect(await afterReply(reply, 'HEAD')).toEqual({ outcome: '200', connections: 2 })
  })

  for (const [what, fields] of [
    ['two different lengths', 'Content-Length: 2\r\nContent-Length: 3'],
    ['a signed length', 'Content-Length: +2'],
    ['a length of hexadecimal digits', 'Content-Length: 0x2'],
    ['an underscore', 'Content-Length: 1_0'],
    ['a huge length', 'Content-Length: 99999999999999999999'],
    ['length and coding', 'Content-Length: 2\r\nTransfer-Encoding: chunked'],
    ['CVE-2022-1705 an odd coding', 'Transfer-Encoding: xchunked'],
    ['CVE-2022-1705 a coding with a control character', 'Transfer-Encoding: \vchunked'],
    ['two codings', 'Transfer-Encoding: gzip, chunked'],
    ['a space before the colon', 'Content-Length : 2'],
    ['a bare CR', 'X: a\rContent-Length: 2'],
    ['a NUL', 'X: a\0b'],
    ['a folded first line', ' X: a'],
  ] as const) {
    test(`framing mirror: ${what} is an error`, async () => {
      const reply = `HTTP/1.1 200 OK\r\n${fields}\r\n\r\nok`
      expect(await afterReply(reply)).toEqual({ outcome: 'HTTPProtocolError', connections: 2 })
    })
  }

  for (const [what, chunks] of [
    ['no number', 'g\r\nok\r\n0\r\n\r\n'],
    ['a signed size', '+2\r\nok\r\n0\r\n\r\n'],
    ['a prefix', '0x2\r\nok\r\n0\r\n\r\n'],
    ['a size too small', '1\r\nok\r\n0\r\n\r\n'],
    ['a huge size', 'fffffffffffffffff\r\nok\r\n0\r\n\r\n'],
    ['a bare LF', '2\nok\n0\n\n'],
    ['endless extensions', `2;${'x'.repeat(20_000)}\r\nok\r\n0\r\n\r\n`],
  ] as const) {
    test(`framing mirror: chunks with ${what} are an error`, async () => {
      const reply = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`
      expect(await afterReply(reply)).toEqual({ outcome: 'HTTPProtocolError', connections: 2 })
    })
  }

  for (const [what, head] of [
    ['100,000 bytes of one field', `X: ${'x'.repeat(100_000)}\r\n`],
    ['20,000 fields', 'X: y\r\n'.repeat(20_000)],
  ] as const) {
    test(`header flood: ${what}`, async () => {
      expect(await afterReply(`HTTP/1.1 200 OK\r\n${head}\r\n`)).toEqual({
        outcome: 'HTTPProtocolError',
        connections: 2,
      })
    })
  }

  test('CVE-2026-22815 CVE-2025-61724: trailers have limits', async () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n'
    const reply = `${chunked}${'X: y\r\n'.repeat(20_000)}\r\n`
    expect(await afterReply(reply)).toEqual({ outcome: 'HTTPProtocolError', connections: 2 })
  })

  test('CVE-2022-33124 CVE-2021-33503: URLs that are none are refused, in linear time', async () => {
    await using client = create()
    for (const url of [
      'http://[::1%25x',
      'http://[a',
      'http://a:b@c:99999',
      'http://',
      'http:///x',
      `http://${'@'.repeat(60_000)}`,
    ])
      expect((await failureOf(client.fetch(url, { connectTimeoutMs: 500 }))).name).toBe('TypeError')
    await using server = await RawServer.start(({ path }) => answer(String(path.length)))
    expect((await client.fetch(server.url('/..'.repeat(20_000)))).text()).toBe('1')
  })
})
