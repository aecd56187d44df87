import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseCookie, parseRequestCookies } from './cookie.ts'
import { parseSetCookie } from './received-cookie.ts'
import { buildSetCookie, quoteCookieValue, type SetCookieOptions } from './set-cookie.ts'

describe('buildSetCookie', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('B-cookie-006 writes attributes in alphabetical order, and a path of / by itself', () => {
    expect(buildSetCookie('a', 'b')).toBe('a=b; Path=/')
    expect(
      buildSetCookie('a', 'b', {
        secure: true,
        sameSite: 'Lax',
        priority: 'high',
        path: '/x',
        partitioned: true,
        maxAgeMs: 60_000,
        httpOnly: true,
        expires: [2013, 1, 27, 18, 43, 20],
        domain: 'example.com',
      }),
    ).toBe(
      'a=b; Domain=example.com; expires=Sun, 27 Jan 2013 18:43:20 GMT; HttpOnly; Max-Age=60; Partitioned; Path=/x; ' +
        'Priority=High; SameSite=Lax; Secure',
    )
  })

  describe('B-cookie-007 quotes values', () => {
    it.each([
      ['plain', 'plain'],
      ["AZaz09!#$%&'*+-.^_`|~:", "AZaz09!#$%&'*+-.^_`|~:"],
      ['', '""'],
      ['equals=equals', '"equals=equals"'],
      ['semicolon;comma,', String.raw`"semicolon\073comma\054"`],
      ['a"b', String.raw`"a\"b"`],
      [String.raw`a\b`, String.raw`"a\\b"`],
      ['a/b@c?[]{}()<>', '"a/b@c?[]{}()<>"'],
      ['\xe9\x7f\xff', String.raw`"\351\177\377"`],
    ])('%j', (value, quoted) => {
      expect(quoteCookieValue(value)).toBe(quoted)
      expect(buildSetCookie('a', value, { path: '' })).toBe(`a=${quoted}`)
    })
  })

  it('B-cookie-009 takes expires before expiresDays and leaves out what is empty, false or 0', () => {
    vi.useFakeTimers({ now: Date.UTC(2013, 0, 27, 18, 43, 20) })
    expect(buildSetCookie('a', 'b', { expiresDays: 2 })).toBe(
      'a=b; expires=Tue, 29 Jan 2013 18:43:20 GMT; Path=/',
    )
    expect(buildSetCookie('a', 'b', { expiresDays: 2, expires: Date.UTC(2000, 0, 1) })).toBe(
      'a=b; expires=Sat, 01 Jan 2000 00:00:00 GMT; Path=/',
    )
    const empty = { domain: '', path: '', maxAgeMs: 0, httpOnly: false, secure: false, partitioned: false }
    expect(buildSetCookie('a', 'b', empty)).toBe('a=b')
  })

  it('writes whole seconds of maxAgeMs, never 0', () => {
    const maxAge = (maxAgeMs: number): string => buildSetCookie('a', 'b', { path: '', maxAgeMs })
    expect([maxAge(1000), maxAge(1500), maxAge(1), maxAge(-1)]).toEqual([
      'a=b; Max-Age=1',
      'a=b; Max-Age=2',
      'a=b; Max-Age=1',
      'a=b; Max-Age=-1',
    ])
    expect(() => maxAge(Number.NaN)).toThrow(TypeError)
    expect(() => maxAge(Infinity)).toThrow(TypeError)
  })
})

/** What must not get out of its place: line ends, also as low bytes of wider characters, other controls, blanks, separators. */
const hostile = [
  'a\r\nSet-Cookie: b=c',
  'a\nb',
  'a\rb',
  'a\0b',
  'a\x1fb',
  'a b',
  'a\tb',
  'a\u010ab',
  'a\u010db',
  'a\u560ab',
  'a\u560db',
  'a\u2028b',
  'a\ud800b',
]

describe('injection (GHSA-78cv-mqj4-43f7, CVE-2024-47764)', () => {
  it.each(hostile)('B-cookie-005 refuses %j everywhere', (text) => {
    expect(() => buildSetCookie(text, 'v')).toThrow(/cookie name/)
    expect(() => buildSetCookie('n', text)).toThrow(TypeError)
    expect(() => buildSetCookie('n', 'v', { domain: text })).toThrow(/domain/)
    expect(() => buildSetCookie('n', 'v', { path: `/${text}` })).toThrow(/path/)
    expect(() => buildSetCookie('n', 'v', { sameSite: text as 'Lax' })).toThrow(/samesite/)
    expect(() => buildSetCookie('n', 'v', { priority: text as 'Low' })).toThrow(/priority/)
  })

  it.each([
    ['name', () => buildSetCookie('a;b', 'v')],
    ['name', () => buildSetCookie('a=b', 'v')],
    ['name', () => buildSetCookie('', 'v')],
    ['name', () => buildSetCookie('a\x7f', 'v')],
    ['name', () => buildSetCookie('Path', 'v')],
    ['domain', () => buildSetCookie('n', 'v', { domain: 'e;Path=/x' })],
    ['domain', () => buildSetCookie('n', 'v', { domain: 'e\x7f' })],
    ['path', () => buildSetCookie('n', 'v', { path: '/;HttpOnly' })],
    ['path', () => buildSetCookie('n', 'v', { path: '/\x7f' })],
    ['samesite', () => buildSetCookie('n', 'v', { sameSite: 'None; Secure' as 'None' })],
    ['samesite', () => buildSetCookie('n', 'v', { sameSite: 'None\x7f' as 'None' })],
    ['expires', () => buildSetCookie('n', 'v', { expires: 'x; Secure' as unknown as number })],
    ['expires', () => buildSetCookie('n', 'v', { expires: Number.NaN })],
  ])('B-cookie-005 refuses what would add an attribute through the %s', (_, build) => {
    expect(build).toThrow(/name|domain|path|samesite|timestamp|HTTP date/)
  })

  it('refuses objects, whose text could change after the check', () => {
    let calls = 0
    const changing = { toString: () => (calls++ === 0 ? 'good' : 'bad\r\nX: y') } as unknown as string
    const options: SetCookieOptions[] = [{ domain: changing }, { path: changing }]
    for (const option of options) expect(() => buildSetCookie('n', 'v', option)).toThrow(TypeError)
    expect(() => buildSetCookie(changing, 'v')).toThrow(TypeError)
    expect(() => buildSetCookie('n', changing)).toThrow(TypeError)
    expect(calls).toBe(0)
  })
})

describe('prefixed names (RFC 6265bis §4.1.3)', () => {
  it.each<[string, SetCookieOptions]>([
    ['__Secure-a', { secure: true }],
    ['__Secure-a', { secure: true, domain: 'example.com', path: '/x' }],
    ['__Host-a', { secure: true }],
    ['__Http-a', { secure: true, httpOnly: true }],
    ['__Host-Http-a', { secure: true, httpOnly: true }],
    ['__Hosta', {}],
    ['_Host-a', {}],
  ])('sets %s with %j', (name, options) => {
    expect(buildSetCookie(name, 'v', options)).toContain(`${name}=v`)
  })

  it.each<[string, SetCookieOptions]>([
    ['__Secure-a', {}],
    ['__secure-a', {}],
    ['__Host-a', {}],
    ['__Host-a', { secure: true, path: '/x' }],
    ['__Host-a', { secure: true, path: '' }],
    ['__HOST-a', { secure: true, domain: 'example.com' }],
    ['__Http-a', { secure: true }],
    ['__Host-Http-a', { secure: true }],
    ['__Host-Http-a', { secure: true, httpOnly: true, domain: 'example.com' }],
    ['a', { partitioned: true }],
  ])('refuses %s with %j', (name, options) => {
    expect(() => buildSetCookie(name, 'v', options)).toThrow(TypeError)
  })
})

describe('round trips', () => {
  const cookieName = fc.string({
    unit: fc.constantFrom(..."ABCxyz019!#$%&'*+-.^_`|~:".split('')),
    minLength: 1,
  })
  const cookieValue = fc.string({
    unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)),
  })

  it('parseCookie reads back what was set', () => {
    fc.assert(
      fc.property(cookieName, cookieValue, (name, value) => {
        const pair = buildSetCookie(name, value, { path: '' })
        expect([...parseCookie(pair)]).toEqual([[name, value]])
        expect(parseRequestCookies(`x=1; y=2; ${pair}`).get(name)).toBe(value)
      }),
    )
  })

  it('parseSetCookie reads back every attribute', () => {
    const attributes = fc.record(
      {
        domain: fc.constantFrom('example.com', 'a.b'),
        expires: fc.integer({ min: 0, max: 253_402_300_799 }).map((seconds) => seconds * 1000),
        path: fc.constantFrom('/', '/x/y', '/%20'),
        maxAgeMs: fc.integer({ min: 1, max: 1e9 }).map((seconds) => seconds * 1000),
        httpOnly: fc.boolean(),
        secure: fc.boolean(),
        sameSite: fc.constantFrom('Strict', 'Lax', 'None' as const),
        priority: fc.constantFrom('Low', 'Medium', 'High' as const),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<SetCookieOptions & { expires?: number }>
    fc.assert(
      fc.property(cookieName, cookieValue, attributes, fc.boolean(), (name, value, options, partitioned) => {
        const { expires, secure = false, httpOnly = false, path = '/', ...others } = options
        const line = buildSetCookie(name, value, { ...options, partitioned: partitioned && secure })
        expect(parseSetCookie(line)).toEqual({
          name,
          value: quoteCookieValue(value),
          secure,
          httpOnly,
          partitioned: partitioned && secure,
          path,
          ...(expires !== undefined && { expiresMs: expires }),
          ...others,
        })
      }),
    )
  })
})
