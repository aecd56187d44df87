import { afterEach, describe, expect, it } from 'vitest'
import { HTTPInputError } from '../errors.ts'
import { HTTPFile } from './file.ts'
import { parseMultipartFormData, type FilesByName, type ParseMultipartOptions } from './multipart.ts'
import { setParseBodyConfig } from './parse-body-config.ts'
import type { RawArguments } from './query.ts'

function parse(
  text: string | Uint8Array,
  boundary: string | Uint8Array = '1234',
  options?: ParseMultipartOptions,
): { arguments_: RawArguments; files: FilesByName } {
  const arguments_: RawArguments = new Map()
  const files: FilesByName = new Map()
  const body = typeof text === 'string' ? Buffer.from(text.replaceAll('\n', '\r\n'), 'utf8') : text
  parseMultipartFormData(boundary, body, arguments_, files, options)
  return { arguments_, files }
}

function field(name: string, value = 'x'): string {
  return `--1234\nContent-Disposition: form-data; name="${name}"\n\n${value}\n`
}

afterEach(() => {
  setParseBodyConfig({})
})

describe('parts', () => {
  it('B-httputil-015 makes files of parts with a file name, and byte strings of the others', () => {
    const { arguments_, files } = parse(`${field('a', 'é')}--1234
Content-Disposition: form-data; name="files"; filename="ab.txt"
Content-Type: text/plain

Foo
--1234
Content-Disposition: form-data; name="files"; filename="b"

Bar
--1234
Content-Disposition: form-data; name="empty"; filename=""
Content-Type: application/octet-stream


--1234--`)
    expect([...arguments_]).toEqual([
      ['a', ['\xc3\xa9']],
      ['empty', ['']],
    ])
    expect([...files.keys()]).toEqual(['files'])
    const [first, second] = files.get('files')!
    expect(first).toBeInstanceOf(HTTPFile)
    expect([first!.filename, first!.contentType, Buffer.from(first!.body).toString()]).toEqual([
      'ab.txt',
      'text/plain',
      'Foo',
    ])
    expect([second!.filename, second!.contentType, Buffer.from(second!.body).toString()]).toEqual([
      'b',
      'application/unknown',
      'Bar',
    ])
  })

  it('keeps any bytes, and gives views of the body', () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, n) => n))
    const head = Buffer.from('--1234\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n')
    const body = Buffer.concat([
      head,
      every,
      Buffer.from('\r\n--1234\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
      every,
      Buffer.from('\r\n--1234--'),
    ])
    const { arguments_, files } = parse(body)
    expect(Buffer.from(files.get('f')![0]!.body).equals(every)).toBe(true)
    expect(files.get('f')![0]!.body.buffer).toBe(body.buffer)
    expect(Buffer.from(arguments_.get('a')![0]!, 'latin1').equals(every)).toBe(true)
    expect(parse(new Uint8Array(body)).arguments_.get('a')).toEqual(arguments_.get('a'))
  })

  it('adds to what is there, in order', () => {
    const arguments_: RawArguments = new Map([['a', ['0']]])
    const body = Buffer.from(`${field('a', '1')}${field('a', '2')}--1234--`.replaceAll('\n', '\r\n'))
    parseMultipartFormData('1234', body, arguments_, new Map())
    expect(arguments_.get('a')).toEqual(['0', '1', '2'])
  })

  it('cannot reach a prototype', () => {
    const { arguments_, files } =
      parse(`${field('__proto__')}${field('constructor')}${field('toString')}--1234
Content-Disposition: form-data; name="__proto__"; filename="hasOwnProperty"

x
--1234--`)
    expect([...arguments_.keys()]).toEqual(['__proto__', 'constructor', 'toString'])
    expect([...files].map(([name, list]) => [name, list[0]!.filename])).toEqual([
      ['__proto__', 'hasOwnProperty'],
    ])
  })
})

describe('boundaries', () => {
  it('B-httputil-014 takes a boundary in quotes, and as bytes', () => {
    expect(parse(`${field('a')}--1234--`, '"1234"').arguments_.get('a')).toEqual(['x'])
    expect(parse(`${field('a')}--1234--`, Buffer.from('1234')).arguments_.get('a')).toEqual(['x'])
  })

  it('B-httputil-014 ignores what comes after the final boundary', () => {
    expect(parse(`${field('a')}--1234--\n\n${field('b')}`).arguments_.size).toBe(1)
  })

  it.each([
    ['no final boundary', field('a')],
    ['no headers', '--1234\n\nFoo\n--1234--'],
    ['another disposition', '--1234\nContent-Disposition: invalid; name="a"\n\nFoo\n--1234--'],
    ['no disposition', '--1234\nContent-Type: text/plain\n\nFoo\n--1234--'],
    ['no line end after the content', '--1234\nContent-Disposition: form-data; name="a"\n\nFoo--1234--'],
    ['no name', '--1234\nContent-Disposition: form-data; filename="ab.txt"\n\nFoo\n--1234--'],
    ['no empty line', '--1234\nContent-Disposition: form-data; name="a"\nFoo\n--1234--'],
  ])('B-httputil-014 refuses a part with %s', (_, text) => {
    expect(() => parse(text)).toThrow(HTTPInputError)
  })
})

describe('limits', () => {
  it('B-httputil-017 takes 100 parts of heads up to 10240 bytes', () => {
    expect(parse(`${field('a').repeat(100)}--1234--`).arguments_.get('a')).toHaveLength(100)
    expect(() => parse(`${field('a').repeat(101)}--1234--`)).toThrow(HTTPInputError)
    const rest = 'Content-Disposition: form-data; name=""'.length
    for (const size of [10_240, 10_241]) {
      const text = `${field('a'.repeat(size - rest))}--1234--`
      if (size === 10_240) expect(parse(text).arguments_.size).toBe(1)
      else expect(() => parse(text)).toThrow('larger than 10240')
    }
  })

  it('B-httputil-017 can be set for the whole process, for one call, and switched off', () => {
    const text = `${field('a').repeat(3)}--1234--`
    setParseBodyConfig({ multipart: { maxParts: 2 } })
    expect(() => parse(text)).toThrow('more than 2 parts')
    expect(parse(text, '1234', { config: { maxParts: 3 } }).arguments_.get('a')).toHaveLength(3)
    setParseBodyConfig({ multipart: { maxPartHeaderSize: 10 } })
    expect(() => parse(text)).toThrow('larger than 10')
    setParseBodyConfig({ multipart: { enabled: false } })
    expect(() => parse(text)).toThrow('disabled')
    expect(parse(text, '1234', { config: {} }).arguments_.get('a')).toHaveLength(3)
    setParseBodyConfig({})
    expect(parse(text).arguments_.get('a')).toHaveLength(3)
  })
})
