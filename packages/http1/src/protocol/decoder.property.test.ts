import { HTTPHeaders, RequestStartLine, ResponseStartLine } from '@tornado-ts/httputil'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decode, type Decoded, type DecodeOptions } from '../../test/decoding.ts'
import { encodeChunkSize, encodeRequestHead, encodeResponseHead, lastChunk } from './encoder.ts'

const tokenCharacters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const range = (from: number, to: number): string =>
  String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, i) => from + i))
const visible = range(0x21, 0x7e) + range(0x80, 0xff)

const text = (characters: string, maxLength: number, minLength = 0): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...characters.split('')), minLength, maxLength })
const token = text(tokenCharacters, 12, 1)
/** A name that decides nothing, so that any value will do. */
const fieldName = token.map((name) => `X-${name}`)
const fieldValue = text(`${visible} \t`, 30).map((value) => value.replace(/^[ \t]+|[ \t]+$/g, ''))
const fields = fc.array(fc.tuple(fieldName, fieldValue), { maxLength: 8 })
const target = fc.oneof(
  text(visible, 20).map((rest) => `/${rest}`),
  text("abc-._~!$&'()*+;=", 10, 1).map((host) => `http://${host}/`),
)
const body = fc.uint8Array({ maxLength: 300 })
const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 6 })

interface Message {
  raw: Buffer
  first: string
  fields: [string, string][]
  body: string
}

function assemble(
  head: (headers: HTTPHeaders) => string,
  given: [string, string][],
  parts: Uint8Array[] | Uint8Array,
): Message {
  const headers = new HTTPHeaders()
  headers.add('Host', 'h')
  for (const [name, value] of given) headers.add(name, value)
  const chunked = Array.isArray(parts)
  if (chunked) headers.add('Transfer-Encoding', 'chunked')
  else headers.add('Content-Length', String(parts.length))
  const pieces = chunked
    ? [...parts.flatMap((part) => [encodeChunkSize(part.length), part, '\r\n']), lastChunk]
    : [parts]
  const coded = pieces.map((piece) => Buffer.from(piece as string, 'latin1'))
  const encoded = head(headers)
  return {
    raw: Buffer.concat([Buffer.from(`${encoded}\r\n`, 'latin1'), ...coded]),
    first: encoded.slice(0, encoded.indexOf('\r\n')),
    fields: [...headers.getAll()],
    body: Buffer.concat(chunked ? parts : [parts]).toString('latin1'),
  }
}

const request = fc
  .tuple(
    token.filter((method) => method !== 'CONNECT'),
    target,
    fields,
    fc.oneof(body, chunks),
  )
  .map(([method, path, given, parts]) => {
    const startLine = new RequestStartLine(method, path, 'HTTP/1.1')
    return assemble((headers) => encodeRequestHead(startLine, headers), given, parts)
  })
const response = fc
  .tuple(fc.integer({ min: 200, max: 999 }), text(`${visible} \t`, 20), fields, fc.oneof(body, chunks))
  .filter(([code]) => code !== 204 && code !== 304)
  .map(([code, reason, given, parts]) => {
    const startLine = new ResponseStartLine('HTTP/1.1', code, reason)
    return assemble((headers) => encodeResponseHead(startLine, headers), given, parts)
  })

/** Bytes cut at arbitrary places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b)
  return [0, ...at].map((start, i) => bytes.subarray(start, at[i] ?? bytes.length))
}

const places = fc.array(fc.nat(), { maxLength: 12 })

it.each([
  ['server', request],
  ['client', response],
] as const)('%s: decoding what was encoded gives it back, in any split and any pipeline', (role, message) => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 3 }), places, (messages, cuts) => {
      const decoded = decode(cut(Buffer.concat(messages.map(({ raw }) => raw)), cuts), { role })
      expect(decoded.status).toBeNull()
      expect(decoded.messages).toHaveLength(messages.length)
      for (const [i, { first, fields: given, body: sent }] of messages.entries()) {
        const got = decoded.messages[i]!
        const normalized = got.fields.map(([name, value]) => [
          new HTTPHeaders({ [name]: '' }).lineName(0),
          value,
        ])
        expect([got.first, normalized, got.body, got.complete]).toEqual([first, given, sent, true])
      }
    }),
    { numRuns: 300 },
  )
})

const grammar = fc.constantFrom(
  'GET / HTTP/1.1\r\n',
  'POST /a HTTP/1.1\r\n',
  'GET / HTTP/1.0\r\n',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 C\r\n',
  'HTTP/1.1 304 N\r\n',
  'Host: h\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'A: b\r\n',
  ' c\r\n',
  '\r\n',
  '\r',
  '\n',
  ' ',
  '5\r\nhello\r\n',
  '0\r\n\r\n',
  '0\r\n',
  'hello',
  ';x',
  ':',
  ',',
  '\0',
  '\xff',
  '5',
)

it.each(['server', 'client'] as const)('%s: any bytes give the same however they are split', (role) => {
  const bytes = fc.array(fc.oneof({ weight: 9, arbitrary: grammar }, text(range(0, 255), 4)), {
    maxLength: 25,
  })
  const limits = fc.record<DecodeOptions>({
    maxHeaderSize: fc.constantFrom(30, 60, 65_536),
    maxFieldCount: fc.constantFrom(2, 100),
    maxBodySize: fc.constantFrom(4, 1000),
    end: fc.boolean(),
  })
  fc.assert(
    fc.property(bytes, places, limits, (pieces, cuts, options) => {
      const raw = Buffer.from(pieces.join(''), 'latin1')
      const whole: Decoded = decode([raw], { ...options, role })
      const split = decode(cut(raw, cuts), { ...options, role })
      expect(split).toEqual(whole)
    }),
    { numRuns: 3000 },
  )
})
