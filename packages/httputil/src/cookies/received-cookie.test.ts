import { describe, expect, it } from 'vitest'
import {
  cookieDomainMatches,
  cookiePathMatches,
  defaultCookiePath,
  parseCookieDate,
  parseSetCookie,
} from './received-cookie.ts'

const bare = { secure: false, httpOnly: false, partitioned: false }

describe('parseSetCookie (RFC 6265bis §5.6)', () => {
  it.each([
    ['a=b', { name: 'a', value: 'b' }],
    [' a = b ; ', { name: 'a', value: 'b' }],
    ['a="b c"', { name: 'a', value: '"b c"' }],
    ['a=b=c', { name: 'a', value: 'b=c' }],
    ['a', { name: '', value: 'a' }],
    ['=a', { name: '', value: 'a' }],
    ['a=', { name: 'a', value: '' }],
    ['a=b; domain=.Example.COM', { name: 'a', value: 'b', domain: 'example.com' }],
    ['a=b; domain=', { name: 'a', value: 'b' }],
    ['a=b; path=x', { name: 'a', value: 'b' }],
    ['a=b; path=/x; path=', { name: 'a', value: 'b' }],
    ['a=b; max-age=1; max-age=-2', { name: 'a', value: 'b', maxAgeMs: -2000 }],
    ['a=b; max-age=+1; max-age=1x; max-age=; max-age', { name: 'a', value: 'b' }],
    ['a=b; samesite=lax', { name: 'a', value: 'b', sameSite: 'Lax' }],
    ['a=b; samesite=lax; samesite=odd', { name: 'a', value: 'b' }],
    ['a=b; samesite=constructor; priority=__proto__', { name: 'a', value: 'b' }],
    [`a=b; path=/${'x'.repeat(1024)}`, { name: 'a', value: 'b' }],
    ['__proto__=b', { name: '__proto__', value: 'b' }],
  ])('reads %j', (line, expected) => {
    expect(parseSetCookie(line)).toEqual({ ...bare, ...expected })
  })

  it('reads flags whatever their value', () => {
    expect(parseSetCookie('a=b; SECURE=no; httponly; Partitioned=')).toEqual({
      name: 'a',
      value: 'b',
      secure: true,
      httpOnly: true,
      partitioned: true,
    })
  })

  it.each(['', '=', ' = ; Secure', ';', 'a=b\0', 'a=b\r\nX: y', 'a=b; path=/\x7f', `a=${'b'.repeat(4096)}`])(
    'ignores %j',
    (line) => {
      expect(parseSetCookie(line)).toBeNull()
    },
  )
})

describe('parseCookieDate (RFC 6265bis §5.1.1)', () => {
  it.each([
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    '6 november 1994 8:49:37',
    '08:49:37 1994 Nov 6th',
  ])('reads %s', (text) => {
    expect(parseCookieDate(text)).toBe(784_111_777_000)
  })

  it('takes years of two digits as 1970 to 2069', () => {
    const year = (digits: string): number =>
      new Date(parseCookieDate(`6 Nov ${digits} 00:00:00`)!).getUTCFullYear()
    expect([year('70'), year('99'), year('00'), year('69')]).toEqual([1970, 1999, 2000, 2069])
  })

  it.each([
    '',
    'Sun, 06 Nov 1994',
    '32 Nov 1994 08:49:37',
    '31 Feb 1994 08:49:37',
    '06 Nov 1600 08:49:37',
    '06 Nov 1994 24:49:37',
    '06 Nov 1994 08:60:37',
    '06 Nov 1994 08:49:60',
    '06 Nob 1994 08:49:37',
    '006 Nov 1994 08:49:37',
    '08:49:37 1994 6Nov06',
    '94/nov/06x/8:49:37zz',
  ])('answers null to %j', (text) => {
    expect(parseCookieDate(text)).toBeNull()
  })
})

it('matches domains (§5.1.3)', () => {
  expect(cookieDomainMatches('a.example.com', 'example.com')).toBe(true)
  expect(cookieDomainMatches('example.com', 'example.com')).toBe(true)
  expect(cookieDomainMatches('badexample.com', 'example.com')).toBe(false)
  expect(cookieDomainMatches('example.com', 'a.example.com')).toBe(false)
  expect(cookieDomainMatches('1.2.3.4', '3.4')).toBe(false)
  expect(cookieDomainMatches('1.2.3.4', '1.2.3.4')).toBe(true)
})

it('matches paths (§5.1.4)', () => {
  expect(cookiePathMatches('/a/b', '/a')).toBe(true)
  expect(cookiePathMatches('/a/b', '/a/')).toBe(true)
  expect(cookiePathMatches('/ab', '/a')).toBe(false)
  expect(cookiePathMatches('/a', '/a')).toBe(true)
  expect(cookiePathMatches('/a', '/a/')).toBe(false)
  expect(['/', '', '/a', '/a/b', '/a/b/', 'x/y'].map(defaultCookiePath)).toEqual([
    '/',
    '/',
    '/',
    '/a',
    '/a/b',
    '/',
  ])
})
