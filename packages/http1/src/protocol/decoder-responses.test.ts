import { describe, expect, it } from 'vitest'
import { expectLinearTime } from '../../../../scripts/vitest/linear-time.ts'
import { decode, decodeEverySplit, splits, type Decoded, type DecodeOptions } from '../../test/decoding.ts'
import { HTTP1Decoder } from './decoder.ts'

function responses(raw: string, options: DecodeOptions = {}): Decoded {
  return decodeEverySplit(raw, { role: 'client', ...options })
}

function brief({ messages, status }: Decoded): string[] {
  const lines = messages.map(
    ({ first, body, complete }) => `${first.slice(9)}|${body}|${complete ? 'end' : '...'}`,
  )
  return status === null ? lines : [...lines, 'error']
}

const next = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz'

describe('status line (RFC 9112 §4)', () => {
  it.each([
    ['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK'],
    ['HTTP/1.1 200 ', 'HTTP/1.1 200 '],
    ['HTTP/1.1 200', 'HTTP/1.1 200 '],
    ['HTTP/1.1 404 Not \t Found \xe4', 'HTTP/1.1 404 Not \t Found \xe4'],
    ['HTTP/1.0 200 OK', 'HTTP/1.0 200 OK'],
    ['HTTP/1.7 599 Odd', 'HTTP/1.1 599 Odd'],
  ])('takes %j', (line, first) => {
    expect(responses(`${line}\r\nContent-Length: 0\r\n\r\n`).messages[0]).toMatchObject({
      first,
      complete: true,
    })
  })

  it.each([
    'HTTP/2.0 200 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 000 OK',
    'HTTP/1.1 2x0 OK',
    'HTTP/1.1 +20 OK',
    'HTTP/1.1\t200 OK',
    'HTTP/1.1 200\tOK',
    'HTTP/1.1 200 O\0K',
    'HTTP/1.1 200 O\x7fK',
    'http/1.1 200 OK',
    'ICY 200 OK',
    'HTTP/1.1',
    ' HTTP/1.1 200 OK',
  ])('refuses %j', (line) => {
    expect(brief(responses(`${line}\r\n\r\n`))).toEqual(['error'])
  })

  it.each(['SSH-2.0-server', 'HTTQ', 'I', '\x16\x03\x01', 'h'])(
    'refuses %j at once, since an end may never come',
    (beginning) => {
      expect(brief(responses(beginning))).toEqual(['error'])
      expect(brief(responses('HTTP/'.slice(0, beginning.length)))).toEqual([])
    },
  )
})

describe('where a body ends (RFC 9112 §6.3)', () => {
  it.each([
    ['by length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', ['200 OK|hello|end']],
    [
      'by chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n',
      ['200 OK|hello|end'],
    ],
    ['equal lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello', ['200 OK|hello|end']],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', ['204 No Content||end']],
    ['204 with length 0', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', ['204 No Content||end']],
    [
      '304 with the length of what it stands for',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      ['304 Not Modified||end'],
    ],
    [
      '304 of a chunked one',
      'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n',
      ['304 Not Modified||end'],
    ],
    [
      '100 first',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na',
      ['100 Continue||end', '200 OK|a|end'],
    ],
    [
      '103 twice',
      'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 N\r\n\r\n',
      ['103 Early Hints||end', '103 Early Hints||end', '204 N||end'],
    ],
  ])('B-http1-018 %s', (_what, raw, expected) => {
    expect(brief(responses(raw + next))).toEqual([...expected, '200 OK|z|end'])
  })

  it('B-http1-018 HEAD has no body, whatever its fields say', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    const bare = 'HTTP/1.1 200 OK\r\n\r\n'
    const decoded = responses(head + chunked + bare + next, { methods: ['HEAD', 'HEAD', 'HEAD', 'GET'] })
    expect(brief(decoded)).toEqual(['200 OK||end', '200 OK||end', '200 OK||end', '200 OK|z|end'])
    expect(decoded.messages.every(({ keepAlive }) => keepAlive)).toBe(true)
  })

  it('a 2xx to CONNECT has none, and what follows is the tunnel; another status has one', () => {
    const decoder = new HTTP1Decoder({ role: 'client' })
    decoder.expectResponse('CONNECT')
    decoder.receive(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntunnel'))
    expect([decoder.next()?.kind, decoder.next()?.kind]).toEqual(['response', 'end'])
    expect(decoder.remainder().toString()).toBe('tunnel')
    const refused = 'HTTP/1.1 407 No\r\nContent-Length: 5\r\n\r\nsorry'
    expect(brief(responses(refused, { methods: ['CONNECT'] }))).toEqual(['407 No|sorry|end'])
  })

  it('101 is final, and what follows is another protocol', () => {
    const decoder = new HTTP1Decoder({ role: 'client' })
    decoder.receive(
      Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\x81\x01a'),
    )
    const head = decoder.next()
    expect(head).toMatchObject({ kind: 'response', code: 101, informational: false })
    expect(decoder.next()?.kind).toBe('end')
    expect(decoder.remainder().toString('latin1')).toBe(Buffer.from('\x81\x01a').toString('latin1'))
  })

  it('without length or chunks lasts until the close, and the connection with it', () => {
    const raw = 'HTTP/1.1 200 OK\r\n\r\nhello\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'
    const open = responses(raw)
    expect(open.messages).toMatchObject([{ complete: false, keepAlive: false }])
    const closed = responses(raw, { end: true })
    expect(closed.messages).toMatchObject([{ complete: true, body: raw.slice(19), trailers: [] }])
    expect(brief(responses('HTTP/1.1 200 OK\r\n\r\n', { end: true }))).toEqual(['200 OK||end'])
  })

  it('counts what lasts until the close against the limit', () => {
    const raw = `HTTP/1.1 200 OK\r\n\r\n${'a'.repeat(11)}`
    const { status, reason } = decode([raw], { role: 'client', maxBodySize: 10 })
    expect([status, reason]).toEqual([413, 'Body exceeds 10 bytes'])
    expect(decode([raw], { role: 'client', maxBodySize: 11, end: true }).messages).toMatchObject([
      { complete: true },
    ])
  })

  it.each([
    ['both', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ['an unknown coding', 'Transfer-Encoding: cow'],
    ['a coding besides chunked', 'Transfer-Encoding: gzip, chunked'],
    ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'],
    ['an empty coding', 'Transfer-Encoding:'],
    ['different lengths', 'Content-Length: 5\r\nContent-Length: 6'],
    ['a sign', 'Content-Length: +5'],
    ['a word', 'Content-Length: a'],
    ['no length', 'Content-Length:'],
  ])('refuses %s', (_what, lines) => {
    expect(brief(responses(`HTTP/1.1 200 OK\r\n${lines}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`))).toEqual(['error'])
  })

  it.each([
    'HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n',
    'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 101 Switching\r\nTransfer-Encoding: chunked\r\n\r\n',
  ])('B-http1-018 refuses a body where none can be: %j', (raw) => {
    expect(brief(responses(raw))).toEqual(['error'])
  })

  it('an end inside a message is an error, not a short success', () => {
    for (const raw of [
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n',
    ]) {
      for (let size = 1; size < raw.length; size++) {
        const { messages, status } = decode([raw.slice(0, size)], { role: 'client', end: true })
        expect([status, messages.some(({ complete }) => complete)]).toEqual([400, false])
      }
    }
  })
})

describe('keep-alive (RFC 9112 §9.3)', () => {
  it.each([
    ['HTTP/1.1', 'Content-Length: 0', true],
    ['HTTP/1.1', 'Content-Length: 0\r\nConnection: foo, close', false],
    ['HTTP/1.0', 'Content-Length: 0', false],
    ['HTTP/1.0', 'Content-Length: 0\r\nConnection: Keep-Alive', true],
    // Its framing counts as faulty (RFC 9112 §6.1).
    ['HTTP/1.0', 'Transfer-Encoding: chunked\r\nConnection: keep-alive', false],
  ])('%s with %j: %s', (version, lines, keepAlive) => {
    expect(responses(`${version} 200 OK\r\n${lines}\r\n\r\n`).messages[0]!.keepAlive).toBe(keepAlive)
  })
})

describe('fields', () => {
  it.each([
    ['A: b\r\n c', 'b c'],
    ['A: b \t\r\n \t c \r\n\td', 'b c d'],
    ['A:\r\n b', 'b'],
    ['A: b\r\n ', 'b'],
    ['A: b\r\n \r\n c', 'b c'],
    ['A:\r\n \r\n\t', ''],
    ['A: b c', 'b c'],
  ])('unfolds %j (RFC 9112 §5.2)', (line, value) => {
    const { messages, status } = responses(`HTTP/1.1 200 OK\r\n${line}\r\nContent-Length: 0\r\n\r\n`)
    expect(status).toBeNull()
    expect(messages[0]!.fields).toEqual([
      ['A', value],
      ['Content-Length', '0'],
    ])
  })

  it('reads a folded length and a folded coding as one line', () => {
    expect(brief(responses('HTTP/1.1 200 OK\r\nContent-Length:\r\n 1\r\n\r\na'))).toEqual(['200 OK|a|end'])
    expect(brief(responses('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 2\r\n\r\na'))).toEqual(['error'])
    expect(brief(responses('HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n'))).toEqual([
      '200 OK||end',
    ])
  })

  it.each(['\tA: b', ' A: b', 'A : b', 'A b: c', 'A: b\rc', 'A: b\nc', 'A: b\0', ': b', 'A'])(
    'refuses %j',
    (line) => {
      expect(brief(responses(`HTTP/1.1 200 OK\r\n${line}\r\n\r\n`))).toEqual(['error'])
    },
  )

  it('lets a response carry what only requests must have once', () => {
    expect(brief(responses('HTTP/1.1 204 N\r\nHost: a\r\nHost: b\r\n\r\n'))).toEqual(['204 N||end'])
  })

  it('unfolds in linear time', () => {
    expectLinearTime(' ', (blanks) => {
      const value = `${blanks}b\r\n`.repeat(2)
      decode([`HTTP/1.1 200 OK\r\nA: a\r\n ${value}\r\n\r\n`], { role: 'client', maxHeaderSize: 2_000_000 })
    })
  })
})

it('gives the same for responses one behind another, however they are split', () => {
  const raw = `HTTP/1.1 100 Continue\r\n\r\n${next}HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n0\r\n\r\nHTTP/1.1 304 N\r\n\r\n`
  const expected = ['100 Continue||end', '200 OK|z|end', '200 OK|ab|end', '304 N||end']
  for (const chunks of splits(Buffer.from(raw))) {
    expect(brief(decode(chunks, { role: 'client' }))).toEqual(expected)
  }
})

it('stops at a body that is larger than allowed, before it comes', () => {
  expect(brief(responses('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n', { maxBodySize: 10 }))).toEqual([
    '200 OK||...',
    'error',
  ])
})
