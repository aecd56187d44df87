import { describe, expect, it } from 'vitest'
import { isCookieName, parseCookie, parseRequestCookies, unquoteCookieValue } from './cookie.ts'

function cookies(text: string): Record<string, string> {
  return Object.fromEntries(parseCookie(text))
}

describe('B-cookie-001 parseCookie', () => {
  it.each([
    ['a=b', { a: 'b' }],
    ['a=b; c=d', { a: 'b', c: 'd' }],
    ['chips=ahoy; vienna=finger', { chips: 'ahoy', vienna: 'finger' }],
    ['a=b;c=d;', { a: 'b', c: 'd' }],
    ['  a = b ;\tc\t=\td ', { a: 'b', c: 'd' }],
    ['a=1; a=2', { a: '2' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=', { a: '' }],
    ['a', { '': 'a' }],
    ['=x', { '': 'x' }],
    [';;;', {}],
    ['', {}],
    ['a=b,c=d', { a: 'b,c=d' }],
    ['a="b;c"; d=e', { a: '"b', '': 'c"', d: 'e' }],
    ['a=b; ]=x; __Host-x=1', { a: 'b', ']': 'x', '__Host-x': '1' }],
  ])('parses %j', (text, expected) => {
    expect(cookies(text)).toEqual(expected)
  })

  it('B-cookie-002 unquotes values in double quotes, octal and backslash escapes', () => {
    expect(cookies(String.raw`a="\073"; b="x\"y\\z"; c="a b"; d=\073; e="open; f=close"; g=""; h="`)).toEqual(
      {
        a: ';',
        b: String.raw`x"y\z`,
        c: 'a b',
        d: String.raw`\073`,
        e: '"open',
        f: 'close"',
        g: '',
        h: '"',
      },
    )
  })

  it('keeps bytes that String.trim would take for blanks', () => {
    expect(cookies('a=\xc3\xa0')).toEqual({ a: '\xc3\xa0' })
  })

  it('keeps names of object members apart from objects', () => {
    const parsed = parseCookie('__proto__=1; constructor=2; toString=3; hasOwnProperty=4')
    expect([...parsed]).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['toString', '3'],
      ['hasOwnProperty', '4'],
    ])
  })
})

describe('unquoteCookieValue', () => {
  it.each([
    [String.raw`"\400"`, '400'],
    [String.raw`"\377"`, '\xff'],
    [String.raw`"\08"`, '08'],
    [String.raw`"\0011"`, '\x011'],
    [String.raw`"\a"`, 'a'],
    [String.raw`"a\"`, 'a\\'],
    [String.raw`"\\073"`, String.raw`\073`],
    ['"', '"'],
    ['a"b"', 'a"b"'],
  ])('reads %s', (value, expected) => {
    expect(unquoteCookieValue(value)).toBe(expected)
  })
})

describe('parseRequestCookies', () => {
  it('B-cookie-003 drops cookies without a name, with a bad one, or with that of an attribute', () => {
    const text =
      'ok=1; =__Host-x=1; lonely; a b=1; "q"=1; b[]=1; Path=/; expires=0; Secure; secure=1; k@=1; !#$%&\'*+-.^_`|~:=2'
    expect([...parseRequestCookies(text)]).toEqual([
      ['ok', '1'],
      ["!#$%&'*+-.^_`|~:", '2'],
    ])
  })

  it('takes the names of object members', () => {
    expect([...parseRequestCookies('__proto__=1; constructor=2').keys()]).toEqual([
      '__proto__',
      'constructor',
    ])
    expect(['__proto__', 'a', 'max-age', 'Max-Age', '', 'a;', 'é'].map(isCookieName)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })
})
