import { afterEach, describe, expect, it } from 'vitest'
import { HTTPInputError } from '../errors.ts'
import { parseBodyArguments, type ParseBodyOptions } from './form.ts'
import { HTTPHeaders } from '../headers.ts'
import type { FilesByName } from './multipart.ts'
import { setParseBodyConfig } from './parse-body-config.ts'
import type { RawArguments } from './query.ts'

const multipart = Buffer.from('--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B--')
const urlencoded = Buffer.from('a=1&b=%C3%A9&c=')

function parse(
  contentType: string,
  body: Uint8Array,
  headers?: HTTPHeaders,
  options?: ParseBodyOptions,
): [string, string[]][] {
  const arguments_: RawArguments = new Map()
  const files: FilesByName = new Map()
  parseBodyArguments(contentType, body, arguments_, files, headers, options)
  expect(files.size).toBe(0)
  return [...arguments_]
}

afterEach(() => {
  setParseBodyConfig({})
})

describe('urlencoded', () => {
  it.each([
    'application/x-www-form-urlencoded',
    'Application/X-WWW-Form-Urlencoded',
    'application/x-www-form-urlencoded; charset=UTF-8',
    'application/x-www-form-urlencoded ;charset',
    ' application/x-www-form-urlencoded;',
  ])('B-httputil-013 is read from a body of %j, blanks kept', (contentType) => {
    expect(parse(contentType, urlencoded)).toEqual([
      ['a', ['1']],
      ['b', ['\xc3\xa9']],
      ['c', ['']],
    ])
  })

  it('takes 1000 fields and refuses 1001, or as told', () => {
    const body = (count: number): Uint8Array =>
      Buffer.from(Array.from({ length: count }, () => 'a=1').join('&'))
    const type = 'application/x-www-form-urlencoded'
    expect(parse(type, body(1000))[0]![1]).toHaveLength(1000)
    expect(() => parse(type, body(1001))).toThrow(HTTPInputError)
    expect(parse(type, body(1001), undefined, { config: { maxFields: 1001 } })[0]![1]).toHaveLength(1001)
    setParseBodyConfig({ maxFields: 1 })
    expect(() => parse(type, body(2))).toThrow('more than 1')
  })
})

describe('multipart', () => {
  it.each([
    'multipart/form-data; boundary=B',
    'MULTIPART/Form-Data;charset=x;BOUNDARY="B"',
    'multipart/form-data; boundary=B; boundary=C',
  ])('B-httputil-014 is read from a body of %j', (contentType) => {
    expect(parse(contentType, multipart)).toEqual([['a', ['1']]])
  })

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary',
    'multipart/form-data; boundary=X',
    `multipart/form-data; boundary=${'B'.repeat(71)}`,
    'multipart/form-data; boundary="B "',
  ])('refuses %j', (contentType) => {
    expect(() => parse(contentType, multipart)).toThrow(HTTPInputError)
  })

  it('has the limits of ParseBodyConfig', () => {
    const type = 'multipart/form-data; boundary=B'
    expect(() => parse(type, multipart, undefined, { config: { multipart: { maxParts: 0 } } })).toThrow(
      HTTPInputError,
    )
    setParseBodyConfig({ multipart: { enabled: false } })
    expect(() => parse(type, multipart)).toThrow('disabled')
  })
})

it.each([
  '',
  'application/json',
  'text/plain',
  'multipart/mixed; boundary=B',
  'multipart/form-data2; boundary=B',
  'application/x-www-form-urlencodedx',
  'application/x-www-form-urlencoded\tx',
  'application/x-www-form-urlencoded, text/plain',
  ';application/x-www-form-urlencoded',
])('leaves a body of %j alone', (contentType) => {
  expect(parse(contentType, urlencoded)).toEqual([])
})

it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=B'])(
  'refuses a body of %s that is still compressed',
  (contentType) => {
    const headers = new HTTPHeaders({ 'Content-Encoding': 'gzip' })
    expect(() => parse(contentType, multipart, headers)).toThrow(HTTPInputError)
  },
)
