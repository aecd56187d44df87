import { describe, expect, it } from 'vitest'
import { HTTPInputError } from '../errors.ts'
import { parsePartHead, type PartHead } from './part-head.ts'

function parse(text: string): PartHead {
  return parsePartHead(Buffer.from(text, 'utf8'))
}

/** Field name and file name of a disposition's parameters. */
function names(parameters: string): (string | null)[] {
  const { name, filename } = parse(`Content-Disposition: form-data; ${parameters}`)
  return [name, filename]
}

describe('names', () => {
  it.each([
    ['name="a"', 'a', null],
    ['name=a; filename=ab.txt', 'a', 'ab.txt'],
    ['NAME="a"; FileName="b"', 'a', 'b'],
    ['filename="b"; name="a"', 'a', 'b'],
    ['name="a"; filename=""', 'a', ''],
    ['name="é"; filename="測試.txt"', 'é', '測試.txt'],
    ['name="a"; filename="../../etc/passwd"', 'a', '../../etc/passwd'],
    ['name="__proto__"; filename="constructor"', '__proto__', 'constructor'],
    ['name="a"; filename="a;b.txt"', 'a', 'a;b.txt'],
    [String.raw`name="a"; filename="a\"b.txt"`, 'a', 'a"b.txt'],
    [String.raw`name="a"; filename="a\\b.txt"`, 'a', String.raw`a\b.txt`],
    [String.raw`name="a"; filename="C:\x\y.txt"`, 'a', String.raw`C:\x\y.txt`],
  ])('B-httputil-016 reads %s', (parameters, name, filename) => {
    expect(names(parameters)).toEqual([name, filename])
  })

  it('undoes what browsers do to quotes and line ends, and no more', () => {
    expect(names('name="a%22b%0D%0Ac%41%20%0d"; filename="%22.txt"')).toEqual(['a"b\r\nc%41%20%0d', '".txt'])
  })

  it('B-httputil-016 takes filename* before filename', () => {
    expect(names(`name=a; filename="plain"; filename*=utf-8''%e2%82%ac`)).toEqual(['a', '€'])
    expect(names(`name=a; filename*=iso-8859-1'en'%A3; filename="plain"`)).toEqual(['a', '£'])
    expect(names(`name=a; filename*=UTF-8''%22%2F..%2F`)).toEqual(['a', '"/../'])
  })

  it('falls back to filename where filename* cannot be decoded, and to its text without one', () => {
    expect(names(`name=a; filename="plain"; filename*=klingon''x`)).toEqual(['a', 'plain'])
    expect(names(`name=a; filename="plain"; filename*=utf-8''%ff`)).toEqual(['a', 'plain'])
    expect(names(`name=a; filename*=klingon''x`)).toEqual(['a', "klingon''x"])
  })
})

describe('headers', () => {
  it('are kept by lower-case name, folded lines and repeated names joined', () => {
    const { headers, contentType } = parse(
      'Content-TYPE:\ttext/plain; charset=utf-8 \r\nX-A: 1\r\nx-a:2\r\nContent-Disposition: form-data;\r\n  name=a\r\n__proto__: x',
    )
    expect(contentType).toBe('text/plain; charset=utf-8')
    expect([...headers]).toEqual([
      ['content-type', 'text/plain; charset=utf-8'],
      ['x-a', '1, 2'],
      ['content-disposition', 'form-data; name=a'],
      ['__proto__', 'x'],
    ])
    expect(parse('Content-Disposition: form-data; name=a').contentType).toBeNull()
  })

  it.each([
    ['no head', ''],
    ['no Content-Disposition', 'Content-Type: text/plain'],
    ['another disposition', 'Content-Disposition: attachment; name="a"'],
    ['a disposition with junk', 'Content-Disposition: form-data x; name="a"'],
    [
      'two dispositions',
      'Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"',
    ],
    ['no name', 'Content-Disposition: form-data; filename="a"'],
    ['an empty name', 'Content-Disposition: form-data; name=""'],
    ['two names', 'Content-Disposition: form-data; name="a"; name="b"'],
    ['two file names', 'Content-Disposition: form-data; name="a"; filename="b"; filename="c"'],
    ['a line without a colon', 'Content-Disposition: form-data; name="a"\r\nX'],
    ['an empty header name', ': x\r\nContent-Disposition: form-data; name="a"'],
    ['a space before the colon', 'Content-Disposition : form-data; name="a"'],
    ['a header name that is no token', 'X(: 1\r\nContent-Disposition: form-data; name="a"'],
    ['a header name beyond ASCII', 'é: 1\r\nContent-Disposition: form-data; name="a"'],
    ['a continuation first', ' x\r\nContent-Disposition: form-data; name="a"'],
    ['an empty line', 'X: 1\r\n\r\nContent-Disposition: form-data; name="a"'],
    ['CR in a name', 'Content-Disposition: form-data; name="a"\rX: y'],
    ['LF in a name', 'Content-Disposition: form-data; name="a\nb"'],
    ['NUL in a name', 'Content-Disposition: form-data; name="a\0"'],
    ['ESC in a file name', 'Content-Disposition: form-data; name="a"; filename="\x1b[31m"'],
    ['DEL', 'Content-Disposition: form-data; name="a\x7f"'],
    ['an encoded NUL in filename*', "Content-Disposition: form-data; name=a; filename*=utf-8''a%00.txt"],
    ['an encoded line end in filename*', "Content-Disposition: form-data; name=a; filename*=utf-8''a%0d%0aX"],
  ])('refuses %s', (_, text) => {
    expect(() => parse(text)).toThrow(HTTPInputError)
  })

  it('refuses a head that is not UTF-8', () => {
    const latin1 = Buffer.from('Content-Disposition: form-data; name="\xe9"', 'latin1')
    expect(() => parsePartHead(latin1)).toThrow(HTTPInputError)
  })
})
