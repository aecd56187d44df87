import { describe, expect, it } from 'vitest'
import { expectLinearTime } from '../../../../scripts/vitest/linear-time.ts'
import { decode, decodeEverySplit, summary, type DecodedMessage } from '../../test/decoding.ts'
import { HTTP1Decoder } from './decoder.ts'

function one(raw: string, end = false): DecodedMessage {
  const { messages, status } = decodeEverySplit(raw, { end })
  expect(status).toBeNull()
  expect(messages).toHaveLength(1)
  return messages[0]!
}

function rejected(raw: string): [number | null, string | null] {
  const { status, reason } = decodeEverySplit(raw)
  return [status, reason]
}

describe('request line (RFC 9112 §3)', () => {
  it.each([
    ['GET / HTTP/1.1', '/'],
    ['GET /a/b?c=d&e=%20f HTTP/1.1', '/a/b?c=d&e=%20f'],
    ['GET http://a.example/x HTTP/1.1', 'http://a.example/x'],
    ['GET https://[::1]:8443?q HTTP/1.1', 'https://[::1]:8443?q'],
    ['OPTIONS * HTTP/1.1', '*'],
    ['CONNECT a.example:443 HTTP/1.1', 'a.example:443'],
    ['CONNECT [::1]:443 HTTP/1.1', '[::1]:443'],
    ['GET //a//b HTTP/1.1', '//a//b'],
    ['GET /?? HTTP/1.1', '/??'],
    ["MY-!#$%&'*+.^_`|~METHOD / HTTP/1.1", '/'],
    ['get / HTTP/1.1', '/'],
    ['GET /\xfc\xe4 HTTP/1.1', '/\xfc\xe4'],
  ])('takes %j', (line, target) => {
    const { first, complete } = one(`${line}\r\nHost: h\r\n\r\n`)
    expect(first).toBe(line)
    expect(first.split(' ')[1]).toBe(target)
    expect(complete).toBe(true)
  })

  it.each([
    ['GET  / HTTP/1.1', 'Malformed request target'],
    ['GET / HTTP/1.1 ', 'Malformed HTTP version'],
    [' GET / HTTP/1.1', 'Malformed method'],
    ['GET\t/ HTTP/1.1', 'Malformed method'],
    ['GET /\tHTTP/1.1', 'Malformed request target'],
    ['GET / \tHTTP/1.1', 'Malformed HTTP version'],
    ['GET /a b HTTP/1.1', 'Malformed HTTP version'],
    ['GET /\x00 HTTP/1.1', 'Malformed request target'],
    ['GET /\x7f HTTP/1.1', 'Malformed request target'],
    ['G@T / HTTP/1.1', 'Malformed method'],
    ['G\xc4T / HTTP/1.1', 'Malformed method'],
    ['GET /', 'Malformed request target'],
    ['GET', 'Malformed method'],
    ['GET / http/1.1', 'Malformed HTTP version'],
    ['GET / HTTP/1.', 'Malformed HTTP version'],
    ['GET / HTTP/1.11', 'Malformed HTTP version'],
    ['GET / HTTP/11', 'Malformed HTTP version'],
    ['GET / HTTP/1,1', 'Malformed HTTP version'],
    ['GET / HTTP/\xb2.0', 'Malformed HTTP version'],
    ['GET / HTTPS/1.1', 'Malformed HTTP version'],
    ['GET / ICE/1.0', 'Malformed HTTP version'],
    ['GET path HTTP/1.1', 'Malformed request target'],
    ['GET * HTTP/1.1', 'Malformed request target'],
    ['GET a.example:443 HTTP/1.1', 'Malformed request target'],
    ['CONNECT /path HTTP/1.1', 'Malformed request target'],
    ['CONNECT /path:443 HTTP/1.1', 'Malformed request target'],
    ['CONNECT a.example HTTP/1.1', 'Malformed request target'],
    ['CONNECT a.example:port HTTP/1.1', 'Malformed request target'],
    ['CONNECT a.example:99999 HTTP/1.1', 'Malformed request target'],
    ['CONNECT a:b:443 HTTP/1.1', 'Malformed request target'],
    ['CONNECT [::1:443 HTTP/1.1', 'Malformed request target'],
    ['CONNECT a.example<b>:443 HTTP/1.1', 'Malformed request target'],
    ['CONNECT :443 HTTP/1.1', 'Malformed request target'],
    ['GET http:// HTTP/1.1', 'Malformed request target'],
    ['GET http:///path HTTP/1.1', 'Malformed request target'],
    ['GET http://user@h/ HTTP/1.1', 'Malformed request target'],
    ['GET http://[::1/ HTTP/1.1', 'Malformed request target'],
    ['GET http://h:99999/ HTTP/1.1', 'Malformed request target'],
    ['GET ?query HTTP/1.1', 'Malformed request target'],
  ])('refuses %j with 400', (line, reason) => {
    expect(rejected(`${line}\r\nHost: h\r\n\r\n`)).toEqual([400, reason])
  })

  it.each(['HTTP/2.0', 'HTTP/0.9', 'HTTP/3.1', 'HTTP/9.9'])('answers 505 to %s', (version) => {
    expect(rejected(`GET / ${version}\r\nHost: h\r\n\r\n`)).toEqual([505, 'Unsupported HTTP version'])
  })

  it('B-http1-005 takes a later minor version as 1.1, the highest that is known (RFC 9110 §2.5)', () => {
    const { first, keepAlive } = one('GET / HTTP/1.9\r\nHost: h\r\n\r\n')
    expect(first).toBe('GET / HTTP/1.1')
    expect(keepAlive).toBe(true)
  })

  it('B-http1-002 skips one empty line before a request and refuses a second', () => {
    const request = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
    expect(summary(decodeEverySplit(`\r\n${request}\r\n${request}`))).toEqual(['GET /', 'GET /'])
    expect(summary(decodeEverySplit(`\r\n\r\n${request}`))).toEqual([400])
    expect(summary(decodeEverySplit(`${request}\r\n\r\n${request}`))).toEqual(['GET /', 400])
    expect(summary(decodeEverySplit(`\n${request}`))).toEqual([400])
    expect(summary(decodeEverySplit(`\r${request}`))).toEqual([400])
  })

  it('takes an empty line at the end for nothing: no message has begun (RFC 9112 §2.2)', () => {
    expect(summary(decodeEverySplit('GET / HTTP/1.1\r\nHost: h\r\n\r\n\r\n', { end: true }))).toEqual([
      'GET /',
    ])
    const decoder = new HTTP1Decoder({ role: 'server' })
    for (const byte of '\r\n') {
      decoder.receive(Buffer.from(byte))
      expect(decoder.next()).toBeNull()
      expect([decoder.betweenMessages, decoder.inHead]).toEqual([true, false])
    }
    decoder.receive(Buffer.from('G'))
    expect(decoder.next()).toBeNull()
    expect([decoder.betweenMessages, decoder.inHead]).toEqual([false, true])
  })
})

describe('fields (RFC 9112 §5)', () => {
  it('keeps names, order and repetitions, and trims spaces and tabs around values', () => {
    const { fields } = one(
      'GET / HTTP/1.1\r\nhOsT:h\r\nA: \t 1 2\t \r\nB:\r\nC: \t\r\na:3\r\nD:\xff\t\x80\r\n\r\n',
    )
    expect(fields).toEqual([
      ['hOsT', 'h'],
      ['A', '1 2'],
      ['B', ''],
      ['C', ''],
      ['a', '3'],
      ['D', '\xff\t\x80'],
    ])
  })

  it.each([
    ['no colon', 'Header', 'Invalid header name'],
    ['an empty name', ': value', 'Invalid header name'],
    ['a space in the name', 'A B: c', 'Invalid header name'],
    ['a space before the colon', 'A : c', 'Invalid header name'],
    ['a tab before the colon', 'A\t: c', 'Invalid header name'],
    ['a leading space', ' A: c', 'Header line cannot start with whitespace'],
    ['a leading tab', '\tA: c', 'Header line cannot start with whitespace'],
    ['a folded value', 'A: b\r\n c', 'Header line cannot start with whitespace'],
    ['a folded empty value', 'A:\r\n\tc', 'Header line cannot start with whitespace'],
    ['a separator in the name', 'A(b): c', 'Invalid header name'],
    ['a byte above 0x7f in the name', '\xc0: c', 'Invalid header name'],
    ['NUL in the name', 'A\0: c', 'Invalid header name'],
    ['NUL in the value', 'A: b\0', 'Invalid header value'],
    ['a bare CR in the value', 'A: b\rc', 'Header line must end in CR LF'],
    ['two CR', 'A: b\r\r', 'Header line must end in CR LF'],
    ['a bare LF behind the value', 'A: b\nC: d', 'Invalid header value'],
    ['a bare LF as an empty line', 'A: b\r\n\n', 'Invalid header name'],
    ['ESC in the value', 'A: \x1b[0m', 'Invalid header value'],
    ['DEL in the value', 'A: \x7f', 'Invalid header value'],
    ['a vertical tab before the value', 'A:\vb', 'Invalid header value'],
    ['a form feed behind the value', 'A: b\f', 'Invalid header value'],
  ])('refuses %s with 400', (_what, line, reason) => {
    expect(rejected(`GET / HTTP/1.1\r\nHost: h\r\n${line}\r\n\r\n`)).toEqual([400, reason])
  })

  it('refuses a head whose lines end in LF alone', () => {
    expect(rejected('GET / HTTP/1.1\nHost: h\n\n')).toEqual([400, 'Malformed HTTP version'])
    expect(rejected('GET / HTTP/1.1\r\nHost: h\r\n\rX')).toEqual([400, 'Head must end in CR LF'])
    expect(rejected('GET / HTTP/1.1\rHost: h\r\n\r\n')).toEqual([400, 'First line must end in CR LF'])
  })

  it('finds a name among names that differ in no letter', () => {
    const decoder = new HTTP1Decoder({ role: 'server' })
    decoder.receive(Buffer.from('GET / HTTP/1.1\r\nHost: h\r\nx-^a: 1\r\nX-~A: 2\r\nx_b: 3\r\n\r\n'))
    const head = decoder.next()
    if (head?.kind !== 'request') throw new Error('expected a head')
    expect(head.fields.fieldValue(head.fields.findField('X-~a', 0))).toBe('2')
    expect(head.fields.findField('x-b', 0)).toBe(-1)
  })
})

describe('B-httputil-009 Host (RFC 9112 §3.2)', () => {
  it.each(['h', 'h:80', 'h:', '', '127.0.0.1:8888', '[::1]:8888', 'a.example', 'A-b_c.example'])(
    'takes %j',
    (host) => {
      expect(one(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`).fields).toEqual([['Host', host]])
    },
  )

  it.each([
    'a b',
    'a/b',
    'a,b',
    'a@b',
    'h:http',
    'h:80:80',
    'h:99999',
    '[::1',
    '::1]',
    'a\\b',
    '\xe4',
    'a?b',
    'a#b',
    'a"b',
    '<a>',
  ])('refuses %j', (host) => {
    expect(rejected(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toEqual([400, 'Invalid Host header'])
  })

  it('asks for exactly one in HTTP/1.1, and for at most one in HTTP/1.0', () => {
    expect(rejected('GET / HTTP/1.1\r\n\r\n')).toEqual([400, 'Missing Host header'])
    expect(rejected('GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n')).toEqual([
      400,
      'More than one Host header',
    ])
    expect(rejected('GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n')).toEqual([
      400,
      'More than one Host header',
    ])
    one('GET / HTTP/1.0\r\n\r\n')
  })
})

describe('connection options', () => {
  it.each([
    ['HTTP/1.1', '', true],
    ['HTTP/1.1', 'Connection: close\r\n', false],
    ['HTTP/1.1', 'Connection: CLOSE\r\n', false],
    ['HTTP/1.1', 'Connection: foo, close\r\n', false],
    ['HTTP/1.1', 'Connection: foo\r\nConnection: close\r\n', false],
    ['HTTP/1.1', 'Connection: keep-alive,,Close ,x\r\n', false],
    ['HTTP/1.1', 'Connection: closed\r\n', true],
    ['HTTP/1.1', 'Connection: keep-alive\r\n', true],
    ['HTTP/1.1', 'X-Connection: close\r\n', true],
    ['HTTP/1.0', '', false],
    ['HTTP/1.0', 'Connection: keep-alive\r\n', true],
    ['HTTP/1.0', 'Connection: foo, Keep-Alive\r\n', true],
    ['HTTP/1.0', 'Connection: keep-alive, close\r\n', false],
  ])('B-http1-006 %s with %j: keep-alive %s', (version, line, keepAlive) => {
    for (const method of ['GET', 'HEAD', 'POST']) {
      expect(one(`${method} / ${version}\r\nHost: h\r\n${line}\r\n`).keepAlive).toBe(keepAlive)
      const body = `Content-Length: 1\r\n\r\na`
      expect(one(`${method} / ${version}\r\nHost: h\r\n${line}${body}`).keepAlive).toBe(keepAlive)
    }
  })

  it.each([
    ['HTTP/1.1', 'Expect: 100-continue\r\n', true],
    ['HTTP/1.1', 'expect: 100-CONTINUE\r\n', true],
    ['HTTP/1.1', 'Expect: 100-continued\r\n', false],
    ['HTTP/1.1', 'Expect: 200-ok\r\n', false],
    ['HTTP/1.0', 'Expect: 100-continue\r\n', false],
  ])('B-http1-019 %s with %j: expects 100 Continue %s', (version, line, expects) => {
    const message = one(`POST / ${version}\r\nHost: h\r\n${line}Content-Length: 1\r\n\r\nx`)
    expect(message.expectsContinue).toBe(expects)
    expect(message.body).toBe('x')
  })

  it.each([
    ['Connection: Upgrade\r\nUpgrade: websocket\r\n', true],
    ['Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\n', true],
    ['Upgrade: websocket\r\n', false],
    ['Connection: upgrade\r\n', false],
    ['Connection: upgraded\r\nUpgrade: websocket\r\n', false],
  ])('%j asks for an upgrade: %s', (lines, upgrade) => {
    expect(one(`GET / HTTP/1.1\r\nHost: h\r\n${lines}\r\n`).upgrade).toBe(upgrade)
  })
})

describe('bodies (RFC 9112 §6, §7)', () => {
  const post = 'POST / HTTP/1.1\r\nHost: h\r\n'

  it('B-http1-016 a request that says nothing of a body has none', () => {
    expect(summary(decodeEverySplit(`${post}\r\n${post}\r\n`))).toEqual(['POST /', 'POST /'])
  })

  it.each([
    ['0', ''],
    ['5', 'hello'],
    ['00005', 'hello'],
    ['5, 5', 'hello'],
    ['5\r\nContent-Length: 5', 'hello'],
    ['5\r\nContent-Length: 5,5 ,\t5', 'hello'],
  ])('takes Content-Length %j', (length, body) => {
    const raw = `${post}Content-Length: ${length}\r\n\r\n${body}${post}\r\n`
    expect(summary(decodeEverySplit(raw))).toEqual([`POST / ${body}`.trimEnd(), 'POST /'])
  })

  it.each([
    ['no extensions', '5\r\nhello\r\n0\r\n\r\n', 'hello', []],
    ['several chunks', '1\r\na\r\n2\r\nbc\r\n0\r\n\r\n', 'abc', []],
    ['digits of either case', 'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n', '01234567890123456789', []],
    ['leading zeros', '0005\r\nhello\r\n000\r\n\r\n', 'hello', []],
    ['CR LF as data', '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n', []],
    ['an extension', '5;name=value\r\nhello\r\n0;last\r\n\r\n', 'hello', []],
    ['a quoted extension', '5;a="b;c \\" d"\r\nhello\r\n0\r\n\r\n', 'hello', []],
    ['space before an extension', '5 \t;a\r\nhello\r\n0\r\n\r\n', 'hello', []],
    [
      'trailers',
      '5\r\nhello\r\n0\r\nA: 1\r\nb:2\r\nA:3\r\n\r\n',
      'hello',
      [
        ['A', '1'],
        ['B', '2'],
        ['A', '3'],
      ],
    ],
    ['nothing but trailers', '0\r\nA: 1\r\n\r\n', '', [['A', '1']]],
  ])('takes chunks with %s', (_what, chunks, body, trailers) => {
    const { messages, status } = decodeEverySplit(
      `${post}Transfer-Encoding: chunked\r\n\r\n${chunks}${post}\r\n`,
    )
    expect(status).toBeNull()
    expect(messages).toHaveLength(2)
    expect(messages[0]).toMatchObject({ body, trailers, complete: true })
  })

  it('B-http1-017 gives a body in pieces of at most chunkSize and never joins chunks', () => {
    const decoder = new HTTP1Decoder({ role: 'server', chunkSize: 4 })
    const chunked = '3\r\nabc\r\n9\r\n123456789\r\n0\r\n\r\n'
    decoder.receive(Buffer.from(`${post}Transfer-Encoding: chunked\r\n\r\n${chunked}`))
    const pieces: string[] = []
    for (let event = decoder.next(); event !== null; event = decoder.next()) {
      if (event.kind === 'data') pieces.push(event.data.toString())
    }
    expect(pieces).toEqual(['abc', '1234', '5678', '9'])
    const large = new HTTP1Decoder({ role: 'server' })
    large.receive(Buffer.from(`${post}Content-Length: 100000\r\n\r\n${'a'.repeat(100_000)}`))
    const sizes: number[] = []
    for (let event = large.next(); event !== null; event = large.next()) {
      if (event.kind === 'data') sizes.push(event.data.length)
    }
    expect(sizes).toEqual([65_536, 34_464])
  })

  it('gives bytes of a body without a copy', () => {
    const decoder = new HTTP1Decoder({ role: 'server' })
    const chunk = Buffer.from(`${post}Content-Length: 5\r\n\r\nhello`)
    decoder.receive(chunk)
    decoder.next()
    const data = decoder.next()
    if (data?.kind !== 'data') throw new Error('expected data')
    expect(data.data.buffer).toBe(chunk.buffer)
    expect(decoder.next()).toEqual({ kind: 'end', trailers: null })
  })
})

describe('the end of the input', () => {
  it('is an error inside a message and nothing between messages', () => {
    const raw = 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\n\r\n'
    for (let size = 0; size <= raw.length; size++) {
      const { messages, status } = decode([raw.slice(0, size)], { end: true })
      expect(status).toBe(size === 0 || size === raw.length ? null : 400)
      expect(messages.filter(({ complete }) => complete)).toHaveLength(size === raw.length ? 1 : 0)
    }
  })
})

describe('remainder', () => {
  const upgrade = 'GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'

  it('gives what follows a message, over several chunks', () => {
    const decoder = new HTTP1Decoder({ role: 'server' })
    for (const chunk of [`${upgrade}ab`, 'cd', 'ef']) decoder.receive(Buffer.from(chunk))
    expect(decoder.next()?.kind).toBe('request')
    expect(decoder.next()?.kind).toBe('end')
    expect(decoder.bufferedSize).toBe(6)
    expect(decoder.remainder().toString()).toBe('abcdef')
    expect(decoder.bufferedSize).toBe(0)
    expect(decoder.remainder().toString()).toBe('')
  })

  it('gives back a head that has only begun', () => {
    const decoder = new HTTP1Decoder({ role: 'server' })
    decoder.receive(Buffer.from(`${upgrade}ab`))
    decoder.next()
    decoder.next()
    expect(decoder.next()).toBeNull()
    decoder.receive(Buffer.from('cd'))
    expect(decoder.next()).toBeNull()
    expect(decoder.remainder().toString()).toBe('abcd')
  })
})

describe('hostile sizes take linear time', () => {
  const limits = { maxHeaderSize: 4_000_000, maxFieldCount: 1_000_000 }
  const get = (lines: string): Buffer =>
    Buffer.from(`GET / HTTP/1.1\r\nHost: h\r\n${lines}\r\n\r\n`, 'latin1')

  it.each([
    ['a list with long spaces', ' ', (filling: string) => `Connection: a,${filling}b`],
    ['lengths with long spaces', ' ', (filling: string) => `Content-Length: 1,${filling}1`],
    ['a list of commas', ',', (filling: string) => `Connection: ${filling}`],
    ['CVE-2025-67725: many lines of one name', 'X: 1\r\n', (filling: string) => `${filling}Y: 1`],
    ['many Connection lines', 'Connection: a\r\n', (filling: string) => `${filling}Y: 1`],
    ['a long host', 'a.', (filling: string) => `Host2: ${filling}`],
  ])('%s', (_what, unit, lines) => {
    expectLinearTime(unit, (filling) => decode([get(lines(filling))], limits))
  })

  it('a head by single bytes', () => {
    expectLinearTime(
      'a',
      (filling) => {
        const bytes = get(`A: ${filling}`)
        const pieces = [...bytes.keys()].map((i) => bytes.subarray(i, i + 1))
        expect(summary(decode(pieces, limits))).toEqual(['GET /'])
      },
      { size: 2_000 },
    )
  })
})
