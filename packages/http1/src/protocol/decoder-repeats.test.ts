// A decoder recognises the fields of the request before. Whatever it remembers, each request must read as it does alone.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, decodeEverySplit, summary } from '../../test/decoding.ts'
import { HTTP1Decoder } from './decoder.ts'

const host = 'Host: h\r\n\r\n'
const cookies = 'Host: h\r\nCookie: a=b\r\nAccept: */*\r\n\r\n'

it('requests with the same fields and different first lines', () => {
  const raw = `GET /a HTTP/1.1\r\n${cookies}GET /longer HTTP/1.1\r\n${cookies}\r\nDELETE /b HTTP/1.1\r\n${cookies}`
  const { messages } = decodeEverySplit(raw)
  expect(messages.map(({ first }) => first)).toEqual([
    'GET /a HTTP/1.1',
    'GET /longer HTTP/1.1',
    'DELETE /b HTTP/1.1',
  ])
  for (const { fields } of messages)
    expect(fields).toEqual([
      ['Host', 'h'],
      ['Cookie', 'a=b'],
      ['Accept', '*/*'],
    ])
})

it('the same fields in another version mean something else', () => {
  const keep = `Connection: keep-alive\r\n${host}`
  const raw = `GET / HTTP/1.1\r\n${host}GET / HTTP/1.0\r\n${host}GET / HTTP/1.1\r\n${keep}GET / HTTP/1.0\r\n${keep}`
  expect(decodeEverySplit(raw).messages.map(({ keepAlive }) => keepAlive)).toEqual([true, false, true, true])
  expect(summary(decodeEverySplit('GET / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\n\r\n'))).toEqual(['GET /', 400])
  const coded = `Transfer-Encoding: chunked\r\n${host}0\r\n\r\n`
  expect(summary(decodeEverySplit(`POST / HTTP/1.1\r\n${coded}POST / HTTP/1.0\r\n${coded}`))).toEqual([
    'POST /',
    400,
  ])
})

it.each([
  ['one byte', 'Host: h\r\nA: b\r\n\r\n', 'Host: h\r\nA: c\r\n\r\n'],
  ['a name', 'Host: h\r\nA: b\r\n\r\n', 'Host: h\r\nB: b\r\n\r\n'],
  [
    'the length of a body',
    'Host: h\r\nContent-Length: 3\r\n\r\nabc',
    'Host: h\r\nContent-Length: 4\r\n\r\nabcd',
  ],
  ['what is in front', 'A: b\r\n\r\n'.replace('A', 'Host'), 'A: b\r\nHost: b\r\n\r\n'],
  ['what is behind', 'Host: h\r\n\r\n', 'Host: h\r\nA: b\r\n\r\n'],
  ['a control character', 'Host: h\r\nA: b\r\n\r\n', 'Host: h\r\nA: \0\r\n\r\n'],
  ['a second Host', 'Host: h\r\nA: h\r\n\r\n', 'Host: h\r\nHost: h\r\n\r\n'],
  ['the end', 'Host: h\r\n\r\n', 'Host: h\r\n\rX'],
])('fields that differ in %s are not taken for the same', (_what, first, second) => {
  const [one, two] = [`POST /1 HTTP/1.1\r\n${first}`, `POST /2 HTTP/1.1\r\n${second}`]
  const alone = [...summary(decode([one])), ...summary(decode([two])), ...summary(decode([one]))]
  const refusal = alone.findIndex((answer) => typeof answer === 'number')
  expect(summary(decodeEverySplit(one + two + one))).toEqual(
    refusal === -1 ? alone : alone.slice(0, refusal + 1),
  )
})

describe('limits hold for what is repeated', () => {
  it('the size of a head, when its first line grows', () => {
    const size = `GET /ab HTTP/1.1\r\n${cookies}`.length
    const raw = `GET /a HTTP/1.1\r\n${cookies}GET /ab HTTP/1.1\r\n${cookies}GET /abc HTTP/1.1\r\n${cookies}`
    expect(summary(decodeEverySplit(raw, { maxHeaderSize: size }))).toEqual(['GET /a', 'GET /ab', 431])
  })

  it('the size of a body', () => {
    const raw = `POST / HTTP/1.1\r\nContent-Length: 3\r\n${host}abc`
    const decoder = new HTTP1Decoder({ role: 'server', maxBodySize: 2 })
    decoder.receive(Buffer.from(raw + raw))
    expect(decoder.next()?.kind).toBe('request')
    decoder.maxBodySize = 3
    expect([decoder.next()?.kind, decoder.next()?.kind, decoder.next()?.kind]).toEqual([
      'data',
      'end',
      'request',
    ])
    expect(() => decoder.next()).toThrow('Body exceeds 2 bytes')
  })
})

it('forgetting changes nothing', () => {
  const decoder = new HTTP1Decoder({ role: 'server' })
  const seen: string[] = []
  for (const chunk of [
    `GET /1 HTTP/1.1\r\n${cookies}GET /2 HTTP/1.1\r\n`,
    cookies,
    'GET /3 HTTP/1.1\r\nHo',
    cookies.slice(2),
  ]) {
    decoder.receive(Buffer.from(chunk))
    decoder.forget()
    for (let event = decoder.next(); event !== null; event = decoder.next()) {
      if (event.kind === 'request') seen.push(event.target, event.fields.fieldValue(1))
      decoder.forget()
    }
    decoder.forget()
  }
  expect(seen).toEqual(['/1', 'a=b', '/2', 'a=b', '/3', 'a=b'])
})

it('any sequence of requests reads as its requests alone', () => {
  const lines = [
    'GET / HTTP/1.1',
    'GET /a HTTP/1.0',
    'POST /bc HTTP/1.1',
    'GET / HTTP/1.7',
    '\r\nGET /e HTTP/1.1',
  ]
  const bodies: [fields: string, body: string][] = [
    ['Host: h', ''],
    ['Host: i', ''],
    ['host: h', ''],
    ['Host: h\r\nA: b', ''],
    ['A: b\r\nHost: h', ''],
    ['Host: h\r\nConnection: keep-alive', ''],
    ['Host: h\r\nConnection: close', ''],
    ['Host: h\r\nContent-Length: 1', 'x'],
    ['Host: h\r\nContent-Length: 2', '\r\n'],
    ['Host: h\r\nTransfer-Encoding: chunked', '1\r\nx\r\n0\r\nHost: h\r\n\r\n'],
    ['Host: h\r\nExpect: 100-continue', ''],
    ['', ''],
    ['Host: h\r\nHost: h', ''],
    [`Host: h\r\nA: ${'b'.repeat(3000)}`, ''],
  ]
  const request = fc
    .tuple(fc.constantFrom(...lines), fc.constantFrom(...bodies))
    .map(([line, [fields, body]]) => `${line}\r\n${fields === '' ? '' : `${fields}\r\n`}\r\n${body}`)
  const repeated = fc
    .tuple(request, fc.integer({ min: 1, max: 3 }))
    .map(([raw, times]) => Array<string>(times).fill(raw))
  fc.assert(
    fc.property(
      fc.array(repeated, { maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      (groups, cuts) => {
        const requests = groups.flat()
        const expected = requests.map((raw) => decode([raw]))
        const failure = expected.findIndex(({ status }) => status !== null)
        const whole = Buffer.from(requests.join(''))
        const at = [0, ...cuts.map((place) => place % (whole.length + 1)), whole.length].toSorted(
          (a, b) => a - b,
        )
        const decoded = decode(at.slice(1).map((end, i) => whole.subarray(at[i], end)))
        const alone = expected
          .slice(0, failure === -1 ? undefined : failure)
          .flatMap(({ messages }) => messages)
        expect(decoded.messages.slice(0, alone.length)).toEqual(alone)
        expect(decoded.status).toBe(failure === -1 ? null : expected[failure]!.status)
      },
    ),
    { numRuns: 2000 },
  )
})
