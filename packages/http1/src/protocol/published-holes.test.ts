import { describe, expect, it } from 'vitest'
import { decodeEverySplit, summary } from '../../test/decoding.ts'

const next = 'GET /next HTTP/1.1\r\nHost: h\r\n\r\n'

/** A POST with these fields, then what follows its head, then another request. */
function post(fields: string, rest = ''): string {
  return `POST /p HTTP/1.1\r\nHost: h\r\n${fields}\r\n\r\n${rest}${next}`
}

function chunked(coded: string): string {
  return post('Transfer-Encoding: chunked', coded)
}

const end = '0\r\n\r\n'

/** What has been smuggled past other servers: each must be refused, and nothing behind it be read as a request. */
const refused: readonly (readonly [ids: string, raws: readonly string[]])[] = [
  [
    'GHSA-qppv-j76h-2rpx CVE-2022-24761 CVE-2022-24801: lengths and chunk sizes that only a lenient parser takes',
    [
      ...['+5', '-5', '1_0', '0x5', '5.0', '5e0'].map((length) => post(`Content-Length: ${length}`, 'hello')),
      ...['+5', '-5', '1_0', '0x5'].map((size) => chunked(`${size}\r\nhello\r\n${end}`)),
    ],
  ],
  [
    'GHSA-753j-mpmx-qq6g CVE-2019-15605 CVE-2019-15606 CVE-2022-1705: codings that are not exactly chunked',
    [
      'chunked, chunked',
      'xchunked',
      '\xa0chunked',
      '\x0bchunked',
      'chunked\x0b',
      'chunked;q=1',
      '"chunked"',
      '',
    ].map((coding) => post(`Transfer-Encoding: ${coding}`, end)),
  ],
  [
    'CVE-2015-5739 CVE-2015-5740 CVE-2015-5741: a space in the name, both framings, lengths that differ',
    [
      post('Content Length: 5', 'hello'),
      post('Content-Length: 5\r\nTransfer-Encoding: chunked', end),
      post('Content-Length: 5\r\nContent-Length: 6', 'hello'),
    ],
  ],
  ['CVE-2018-7159: a space within a length', [post('Content-Length: 5 5', 'hello')]],
  [
    'CVE-2019-16276 CVE-2021-22959: a space before the colon',
    [post('Transfer-Encoding : chunked', end), post('Content-Length : 5', 'hello')],
  ],
  [
    'CVE-2019-16785 CVE-2019-16786 CVE-2019-16789 CVE-2019-16792: bare LF, odd codings, two lengths',
    [
      post('X: y\nContent-Length: 5', 'hello'),
      post('Content-Length: 5\r\nTransfer-Encoding: cow', 'hello'),
      post('Transfer-Encoding: \x0cchunked', end),
      post('Content-Length: 0\r\nContent-Length: 5', 'hello'),
    ],
  ],
  ['CVE-2020-8201: a CR for the hyphen of a name', [post('Content\rLength: 5', 'hello')]],
  [
    'CVE-2020-8287 CVE-2024-1135 CVE-2024-6827: two lines of codings',
    [
      post('Transfer-Encoding: chunked\r\nTransfer-Encoding: cow', end),
      post('Transfer-Encoding: cow\r\nTransfer-Encoding: chunked', end),
      post('Transfer-Encoding: cow\r\nContent-Length: 5', 'hello'),
    ],
  ],
  [
    'CVE-2020-10108 CVE-2020-10109: the last of two lengths, a length over chunks',
    [
      post('Content-Length: 5\r\nContent-Length: 0', 'hello'),
      post('Transfer-Encoding: chunked\r\nContent-Length: 0', end),
    ],
  ],
  [
    'CVE-2022-32213 CVE-2022-32214 CVE-2022-32215 CVE-2022-35256: codings with more behind them, folded, behind a bare LF',
    [
      post('Transfer-Encoding: chunkedx', end),
      post('X: y\nTransfer-Encoding: chunked', end),
      post('Transfer-Encoding:\r\n chunked', end),
      post('X: y\r\rTransfer-Encoding: chunked', end),
    ],
  ],
  ['CVE-2023-30589: bare CR between fields', [post('X: y\rTransfer-Encoding: chunked', end)]],
  [
    'CVE-2023-37276 CVE-2023-47627 CVE-2023-47641 CVE-2024-23829 CVE-2025-69224: digits and letters beyond ASCII',
    [
      post('Content-Length: \xb2', 'hello'),
      post(`Content-Length: ${Buffer.from('５').toString('latin1')}`, 'hello'),
      post(`Transfer-Encoding: ${Buffer.from('chun\u212aed').toString('latin1')}`, end),
    ],
  ],
  [
    'CVE-2024-27982: a space before the first field',
    [`POST /p HTTP/1.1\r\n Content-Length: 5\r\nHost: h\r\n\r\nhello${next}`],
  ],
  ['CVE-2025-23167: CR LF CR and something else', [post('X: y\r\n\rZ: z')]],
  [
    'CVE-2026-34525: several Host lines',
    [
      `GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n${next}`,
      `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${next}`,
    ],
  ],
  ['CVE-2024-49768: what follows an error is not processed', [`GET / HTTP/1.1\r\n\r\n${next}${next}`]],
  ['CVE-2021-22960: a bare LF in a chunk extension', [chunked(`5;a\nhello\r\n${end}`)]],
  ['CVE-2025-22871: a bare LF behind a chunk size', [chunked(`5\nhello\r\n${end}`)]],
  ['CVE-2025-43859: other bytes than CR LF behind a chunk', [chunked(`5\r\nhelloXX${end}`)]],
]

describe('published holes of framing', () => {
  it.each(refused)('%s', (_ids, raws) => {
    for (const raw of raws) {
      const answers = summary(decodeEverySplit(Buffer.from(raw, 'latin1')))
      expect(answers.at(-1), JSON.stringify(raw)).toBe(400)
      expect(answers.join(), JSON.stringify(raw)).not.toContain('/next')
    }
  })

  it('CVE-2022-29361: a body is never read as a request', () => {
    const body = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n'
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST']) {
      const raw = `${method} /p HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}${next}`
      expect(summary(decodeEverySplit(raw))).toEqual([`${method} /p ${body}`, 'GET /next'])
    }
  })

  it('CVE-2025-53643: trailers are read, so that nothing is smuggled behind them', () => {
    expect(summary(decodeEverySplit(chunked('0\r\nA: b\r\n\r\n')))).toEqual(['POST /p', 'GET /next'])
    expect(summary(decodeEverySplit(chunked('0\r\nGET /smuggled HTTP/1.1\r\n\r\n')))).toEqual([400])
  })

  it('CVE-2024-22019 CVE-2023-39326: chunk extensions have an end', () => {
    const extension = 'a'.repeat(1000)
    const options = { maxChunkExtensionSize: 999 }
    expect(summary(decodeEverySplit(chunked(`1;${extension}\r\nx\r\n${end}`), options))).toEqual([400])
  })
})
