import { describe, expect, it } from 'vitest'
import { decode, decodeEverySplit, summary } from '../../test/decoding.ts'
import { HTTP1Decoder } from './decoder.ts'

const post = 'POST / HTTP/1.1\r\nHost: h\r\n'

function bytewise(raw: string): Buffer[] {
  const bytes = Buffer.from(raw, 'latin1')
  return [...bytes.keys()].map((i) => bytes.subarray(i, i + 1))
}

describe('B-http1-001 the size of a head counts its first line and ends at the empty one', () => {
  const head = 'GET /path HTTP/1.1\r\nHost: h\r\nA: bcd\r\n\r\n'

  it('a head of just that size passes, one byte more gives 431', () => {
    expect(summary(decodeEverySplit(head, { maxHeaderSize: head.length }))).toEqual(['GET /path'])
    expect(summary(decodeEverySplit(head + head, { maxHeaderSize: head.length }))).toEqual([
      'GET /path',
      'GET /path',
    ])
    expect(summary(decodeEverySplit(head, { maxHeaderSize: head.length - 1 }))).toEqual([431])
  })

  it.each([...Array(head.length).keys()].slice(1))(
    'with a limit of %i the answer does not depend on the split',
    (size) => {
      const firstLine = head.indexOf('\n')
      expect(summary(decodeEverySplit(head, { maxHeaderSize: size }))).toEqual([size < firstLine ? 414 : 431])
    },
  )

  it('is 64 KiB unless told otherwise', () => {
    const filled = (size: number): string => {
      const rest = 'GET / HTTP/1.1\r\nHost: h\r\nA: \r\n\r\n'.length
      return `GET / HTTP/1.1\r\nHost: h\r\nA: ${'a'.repeat(size - rest)}\r\n\r\n`
    }
    expect(summary(decode([filled(65_536)]))).toEqual(['GET /'])
    expect(summary(decode(bytewise(filled(65_536))))).toEqual(['GET /'])
    expect(summary(decode([filled(65_537)]))).toEqual([431])
    expect(summary(decode(bytewise(filled(65_537))))).toEqual([431])
  })

  it('refuses a head without end at its limit, in whatever pieces it comes', () => {
    const endless = Buffer.alloc(70_000, 'a')
    const start = Buffer.from('GET / HTTP/1.1\r\nHost: h\r\nA: ')
    expect(summary(decode([start, endless]))).toEqual([431])
    expect(summary(decode([start, ...Array<Buffer>(70).fill(endless.subarray(0, 1000))]))).toEqual([431])
    expect(summary(decode([endless]))).toEqual([414])
    expect(summary(decode([Buffer.from('GET /'), endless]))).toEqual([414])
    const decoder = new HTTP1Decoder({ role: 'client' })
    decoder.receive(Buffer.concat([Buffer.from('HTTP/1.1 200 '), endless]))
    expect(() => decoder.next()).toThrow('Head exceeds 65536 bytes')
  })

  it('says what is wrong before the limit, and nothing of what is behind it', () => {
    const raw = `GET / HTTP/1.1\r\nHost: h\r\nA: ${'a'.repeat(40)}\0`
    expect(summary(decodeEverySplit(raw, { maxHeaderSize: 50 }))).toEqual([431])
    expect(summary(decodeEverySplit(raw, { maxHeaderSize: 80 }))).toEqual([400])
  })

  it('limits trailers as heads', () => {
    const raw = `${post}Transfer-Encoding: chunked\r\n\r\n0\r\nA: ${'a'.repeat(94)}\r\n\r\n`
    expect(summary(decodeEverySplit(raw, { maxHeaderSize: 101 }))).toEqual(['POST /'])
    expect(summary(decodeEverySplit(raw, { maxHeaderSize: 100 }))).toEqual([431])
  })
})

describe('fields', () => {
  const fields = (count: number): string => 'A: b\r\n'.repeat(count)

  it('one more than the limit gives 431, in heads and in trailers', () => {
    expect(summary(decodeEverySplit(`${post}${fields(2)}\r\n`, { maxFieldCount: 3 }))).toEqual(['POST /'])
    expect(summary(decodeEverySplit(`${post}${fields(3)}\r\n`, { maxFieldCount: 3 }))).toEqual([431])
    const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n`
    expect(summary(decodeEverySplit(`${chunked}${fields(3)}\r\n`, { maxFieldCount: 3 }))).toEqual(['POST /'])
    expect(summary(decodeEverySplit(`${chunked}${fields(4)}\r\n`, { maxFieldCount: 3 }))).toEqual([431])
  })

  it('are 100 unless told otherwise', () => {
    expect(summary(decode([`${post}${fields(99)}\r\n`]))).toEqual(['POST /'])
    expect(summary(decode([`${post}${fields(100)}\r\n`]))).toEqual([431])
  })
})

describe('B-http1-012 the size of a body', () => {
  const options = { maxBodySize: 10 }

  it('by length is refused with 413 before a byte of it is read', () => {
    expect(summary(decodeEverySplit(`${post}Content-Length: 10\r\n\r\n0123456789`, options))).toEqual([
      'POST / 0123456789',
    ])
    expect(summary(decodeEverySplit(`${post}Content-Length: 11\r\n\r\n`, options))).toEqual([413])
  })

  it('by chunks is refused with 413 at the size that passes it', () => {
    const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`
    expect(summary(decodeEverySplit(`${chunked}6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n`, options))).toEqual([
      'POST / 0123456789',
    ])
    expect(summary(decodeEverySplit(`${chunked}6\r\n012345\r\n5\r\n`, options))).toEqual([413])
    expect(summary(decodeEverySplit(`${chunked}fffffffffffffff\r\n`, options))).toEqual([413])
  })

  it('is 100 MiB unless told otherwise', () => {
    const size = 100 * 1024 * 1024
    expect(decode([`${post}Content-Length: ${size}\r\n\r\n`]).status).toBeNull()
    expect(decode([`${post}Content-Length: ${size + 1}\r\n\r\n`]).status).toBe(413)
  })

  it('B-http1-022 may be changed for one message, once its head is there', () => {
    for (const framing of ['Content-Length: 20\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\n14\r\n']) {
      const decoder = new HTTP1Decoder({ role: 'server', ...options })
      const raw = `${post}${framing}${'a'.repeat(20)}`
      decoder.receive(Buffer.from(raw + (framing.startsWith('T') ? '\r\n0\r\n\r\n' : '') + raw))
      expect(decoder.next()?.kind).toBe('request')
      decoder.maxBodySize = 20
      expect(decoder.next()).toMatchObject({ kind: 'data' })
      expect(decoder.next()?.kind).toBe('end')
      expect(decoder.next()?.kind).toBe('request')
      expect(decoder.maxBodySize).toBe(10)
      expect(() => decoder.next()).toThrow('Body exceeds 10 bytes')
    }
  })
})

describe('chunk extensions', () => {
  const chunked = (coded: string): string => `${post}Transfer-Encoding: chunked\r\n\r\n${coded}`

  it('count over the whole message', () => {
    const raw = chunked('1;abc\r\nx\r\n1;def\r\ny\r\n0\r\n\r\n')
    expect(summary(decodeEverySplit(raw, { maxChunkExtensionSize: 10 }))).toEqual(['POST / xy'])
    expect(summary(decodeEverySplit(raw, { maxChunkExtensionSize: 6 }))).toEqual([400])
    expect(summary(decodeEverySplit(raw + raw, { maxChunkExtensionSize: 10 }))).toEqual([
      'POST / xy',
      'POST / xy',
    ])
  })

  it('are 16 KiB unless told otherwise', () => {
    expect(summary(decode([chunked(`1;${'a'.repeat(16_000)}\r\nx\r\n0\r\n\r\n`)]))).toEqual(['POST / x'])
    expect(summary(decode([chunked(`1;${'a'.repeat(17_000)}\r\nx\r\n0\r\n\r\n`)]))).toEqual([400])
  })
})
