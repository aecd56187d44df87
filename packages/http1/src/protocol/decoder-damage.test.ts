// Whatever is cut off or damaged, a decoder answers with events, `null` or an HTTPInputError (`decode` throws any other).
import { describe, expect, it } from 'vitest'
import { decode, splits, summary } from '../../test/decoding.ts'

const requests: [name: string, raw: string][] = [
  ['a plain GET', 'GET /path?a=b HTTP/1.1\r\nHost: h:80\r\nConnection: keep-alive\r\nAccept: */*\r\n\r\n'],
  ['a form', 'POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\na=b&c=d'],
  [
    'chunks with trailers',
    'POST /up HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n',
  ],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'],
  ['an upgrade', 'GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
]
const responses: [name: string, raw: string][] = [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello'],
  [
    'chunks',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nA: b\r\n\r\n',
  ],
  ['a folded field until close', 'HTTP/1.0 200 OK\r\nA: b\r\n c\r\n\r\nhello'],
]

describe.each([
  ['server', requests],
  ['client', responses],
] as const)('%s', (role, seeds) => {
  it.each(seeds)('every truncation of %s', (_name, raw) => {
    for (let size = 0; size < raw.length; size++) {
      const { messages } = decode([raw.slice(0, size)], { role })
      expect(messages.filter(({ first, complete }) => complete && !first.includes(' 100 '))).toEqual([])
      decode([raw.slice(0, size)], { role, end: true })
    }
  })

  it.each(seeds)('every single byte of %s replaced by every other', (_name, raw) => {
    const bytes = Buffer.from(raw, 'latin1')
    const statuses = new Set<number | null>()
    for (let i = 0; i < bytes.length; i++) {
      for (let value = 0; value < 256; value++) {
        const damaged = Buffer.from(bytes)
        damaged[i] = value
        const whole = decode([damaged], { role, end: true })
        statuses.add(whole.status)
        // Split where it hurts: at the damage.
        const chunks = [damaged.subarray(0, i), damaged.subarray(i, i + 1), damaged.subarray(i + 1)]
        const split = decode(chunks, { role, end: true })
        if (JSON.stringify(split) !== JSON.stringify(whole)) expect(split).toEqual(whole)
      }
    }
    expect([null, 400, 413, 431, 505]).toEqual(expect.arrayContaining([...statuses]))
  })

  it.each(seeds)('every byte of %s dropped, doubled, or with another before it', (_name, raw) => {
    const inserted = ['\r', '\n', '\0', ' ', '\t', ':', ',', ';', '\x7f', '\xff', '\r\n', '0']
    const statuses = new Set<number | null>()
    for (let i = 0; i < raw.length; i++) {
      const variants = [
        raw.slice(0, i) + raw.slice(i + 1),
        raw.slice(0, i + 1) + raw.slice(i),
        ...inserted.map((text) => raw.slice(0, i) + text + raw.slice(i)),
      ]
      for (const variant of variants) statuses.add(decode([variant], { role, end: true }).status)
    }
    expect([null, 400, 413, 431, 505]).toEqual(expect.arrayContaining([...statuses]))
  })
})

it('every split of every pair of requests gives both', () => {
  for (const [, first] of requests) {
    for (const [, second] of requests) {
      const expected = summary(decode([first + second]))
      expect(expected).toHaveLength(2)
      for (const chunks of splits(Buffer.from(first + second, 'latin1'))) {
        const got = summary(decode(chunks))
        if (got.join() !== expected.join()) expect(got).toEqual(expected)
      }
    }
  }
})

it('a damaged request never gives more messages than were sent', () => {
  for (const [, raw] of requests) {
    const bytes = Buffer.from(raw, 'latin1')
    for (let i = 0; i < bytes.length; i++) {
      for (const value of Buffer.from('\r\n\0 :;,01\x7f\xff')) {
        const damaged = Buffer.from(bytes)
        damaged[i] = value
        expect(decode([damaged]).messages.length).toBeLessThanOrEqual(1)
      }
    }
  }
})
