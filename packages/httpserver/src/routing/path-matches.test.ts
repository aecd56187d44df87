import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { makeRequest } from '../../fixtures/delegates.ts'
import { expectLinearTime } from '../../../../scripts/vitest/linear-time.ts'
import { PathMatches } from './path-matches.ts'

function match(pattern: string | RegExp, uri: string): ReturnType<PathMatches['match']> {
  return new PathMatches(pattern).match(makeRequest(uri))
}

describe('matching', () => {
  it.each<[pattern: string | RegExp, yes: string[], no: string[]]>([
    ['/a', ['/a', '/a?x=1'], ['/ab', '/', '/A', 'x/a', '/a/', '/%61']],
    ['/a$', ['/a'], ['/ab', '/a$']],
    ['^/a$', ['/a'], ['/ab']],
    ['/a\\$', ['/a$'], ['/a', '/a\\$']],
    ['/a|/b', ['/a', '/b'], ['/ab', '/ax', '/']],
    ['/a?', ['/', '/a'], ['/aa', '']],
    ['/a.c', ['/abc', '/a.c'], ['/ac']],
    ['/a\\.c', ['/a.c'], ['/abc']],
    ['/a{2}', ['/aa'], ['/a', '/a{2}']],
    ['', ['', '?x'], ['/']],
    ['.*', ['', '/', '/x/y'], []],
    ['/caf%C3%A9', ['/caf%C3%A9'], ['/caf%c3%a9']],
    ['/(?:x)?', ['/', '/x'], ['/y']],
    ['/[a-c]+', ['/abc'], ['/abd']],
    ['\\*', ['*'], ['/*']],
  ])('B-route-002 %s matches the whole raw path, without the query', (pattern, yes, no) => {
    for (const uri of yes) expect([uri, match(pattern, uri)]).toEqual([uri, expect.any(Object)])
    for (const uri of no) expect([uri, match(pattern, uri)]).toEqual([uri, null])
  })

  it.each<[pattern: RegExp, yes: string[], no: string[]]>([
    [/\/a/, ['/a', '/ab', '/a/b'], ['x/a', '/A']],
    [/\/a$/, ['/a'], ['/ab']],
    [/\/a/i, ['/a', '/Ab'], ['/b']],
    [/\/a|\/b/, ['/ax', '/bx'], ['x/b']],
    [/\/a/gy, ['/a', '/ab'], ['x/a']],
    [/(?=\/a)\/.b/, ['/ab', '/abc'], ['/bb']],
  ])('the RegExp %s matches the beginning, as it is', (pattern, yes, no) => {
    const matcher = new PathMatches(pattern)
    for (const uri of [...yes, ...yes]) expect(matcher.match(makeRequest(uri))).not.toBeNull()
    for (const uri of no) expect(matcher.match(makeRequest(uri))).toBeNull()
  })

  it('B-route-003 a RegExp is used as it is, from the first character on', () => {
    const pattern = /\/a/
    expect([match(pattern, '/ab'), match(pattern, 'x/a')]).toEqual([expect.any(Object), null])
    expect(pattern).toEqual(/\/a/)
  })

  it('B-route-004 groups that are partly named are refused', () => {
    expect(() => new PathMatches('/(?P<a>.)/(.)')).toThrow(TypeError)
    expect(() => new PathMatches(/\/(?<a>.)\/(.)/)).toThrow('Groups must be all named or all positional')
    expect(() => new PathMatches('/(?P<a>.)/(?:.)')).not.toThrow()
  })

  it('B-route-005 positional groups are decoded, one character a byte', () => {
    expect(match('/(.*)/([a-z]*)', '/caf%C3%A9%2F%zz%/x')).toEqual({ pathArgs: ['caf\xc3\xa9/%zz%', 'x'] })
    expect(match('/a(b)?(c)?', '/ac')).toEqual({ pathArgs: [null, 'c'] })
    expect(match('/()x', '/x')).toEqual({ pathArgs: [''] })
  })

  it('B-route-005 named groups are decoded, by name', () => {
    const { pathKwargs } = match('/(?P<year>[0-9]+)(?:/(?<name>[^/]*))?', '/2026/a%20b+c')!
    expect({ ...pathKwargs }).toEqual({ year: '2026', name: 'a b+c' })
    expect({ ...match('/(?P<year>[0-9]+)(?:/(?<name>[^/]*))?', '/7')!.pathKwargs }).toEqual({
      year: '7',
      name: null,
    })
  })

  it('names of groups cannot touch a prototype', () => {
    const { pathKwargs } = match('/(?P<__proto__>.*)/(?P<constructor>.*)', '/a/b')!
    expect(Object.entries(pathKwargs!)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })

  it('takes Python names of groups where they are referred to', () => {
    expect(match('/(?P<a>[xy])(?P=a)', '/xx')).not.toBeNull()
    expect(match('/(?P<a>[xy])(?P=a)', '/xy')).toBeNull()
  })

  it('answers one and the same object when there is nothing to cut', () => {
    expect(match('/a', '/a')).toBe(match('/b+', '/bb'))
  })

  it('B-route-011 an absolute URL is matched by its path, * and an authority by no ordinary pattern', () => {
    expect(match('/(.*)', 'http://h/p?q')).toEqual({ pathArgs: ['p'] })
    expect(match('/', 'http://h')).not.toBeNull()
    for (const uri of ['*', 'h:80']) expect(match('/(.*)', uri)).toBeNull()
  })
})

describe('hostile paths', () => {
  const hostile = ['/', 'a', '%', '%41', '../../', '\xff', '-']
  const patterns = [
    '/(.*)',
    '/([^/]+)/([^/]+)',
    '/(?P<a>\\w+)-(?P<b>\\d+)',
    '/static/(.*)\\.js',
    '/(.*)-(.*)',
  ]

  it.each(patterns)('%s costs time in proportion to the path', (pattern) => {
    const matcher = new PathMatches(pattern)
    for (const part of hostile) {
      expectLinearTime(part, (path) => matcher.match(makeRequest(`/${path}!`)), { size: 2_000 })
    }
  })

  it('a path that is none yields its parts undecided, not an error', () => {
    expect(match('/(.*)', '/%00%0a%0D..%2f')).toEqual({ pathArgs: ['\0\n\r../'] })
    expect(match('/(.*)', '/%u0041%ZZ%4')).toEqual({ pathArgs: ['%u0041%ZZ%4'] })
  })
})

describe('what a pattern begins with', () => {
  it.each<[pattern: string | RegExp, prefix: string, isLiteral: boolean]>([
    ['/hello', '/hello', true],
    ['^/hello$', '/hello', true],
    ['', '', true],
    ['/', '/', true],
    ['/a\\.b\\-c', '/a.b-c', true],
    ['/user/([0-9]+)', '/user/', false],
    ['/ab?', '/a', false],
    ['/ab*', '/a', false],
    ['/ab{0,2}', '/a', false],
    ['/ab+', '/a', false],
    ['/a\\.?', '/a', false],
    ['/a\\d', '/a', false],
    ['/a.', '/a', false],
    ['/a[b]', '/a', false],
    ['/a|/b', '', false],
    ['/a(?:b|c)', '', false],
    ['/a$b', '/a', false],
    ['/a^', '/a', false],
    ['(.*)', '', false],
    [/\/hello/, '/hello', false],
    [/^\/hello$/, '/hello', false],
    [/\/hello/i, '', false],
  ])('%s', (pattern, prefix, isLiteral) => {
    const matcher = new PathMatches(pattern)
    expect([matcher.literalPrefix, matcher.isLiteral]).toEqual([prefix, isLiteral])
  })
})

describe('reversing', () => {
  it.each<[pattern: string, args: unknown[], path: string]>([
    ['/', [], '/'],
    ['^/hello$', [], '/hello'],
    ['/user/([0-9]+)/post/(.*)', [5, 'x'], '/user/5/post/x'],
    ['/(?P<a>.*)/(?<b>.*)', ['1', '2'], '/1/2'],
    ['/a\\.b/(.*)', ['c'], '/a.b/c'],
    ['/(.*)', ['a b/c?d#e&f=é+~-_.!*\'"'], '/a%20b/c%3Fd%23e%26f%3D%C3%A9%2B~-_.%21%2A%27%22'],
    ['/(.*)', [Uint8Array.of(0x61, 0xff)], '/a%FF'],
    ['/(.*)', [null], '/null'],
    ['/(.*)', ['100%'], '/100%25'],
  ])('B-route-014 %s with %j is %s', (pattern, args, path) => {
    expect(new PathMatches(pattern).reverse(...args)).toBe(path)
  })

  it('B-route-014 a wrong number of arguments is refused', () => {
    expect(() => new PathMatches('/(.*)').reverse()).toThrow(RangeError)
    expect(() => new PathMatches('/').reverse(1)).toThrow('expected 0 arguments, got 1')
  })

  it.each(['/(?:a)', '/\\d+', '/(.*)\\w', '/(a(b))', '/\\((.*)\\)', '/(?=x)(.*)'])(
    'B-route-015 %s cannot be reversed',
    (pattern) => {
      const { length } = new RegExp(`${pattern}|`).exec('')!
      expect(() => new PathMatches(pattern).reverse(...Array<string>(length - 1).fill('x'))).toThrow(
        TypeError,
      )
    },
  )

  it('B-route-016 metacharacters outside groups are copied', () => {
    expect(new PathMatches('/a?b.c/([0-9]*)x+').reverse(7)).toBe('/a?b.c/7x+')
  })

  it('matches what it made', () => {
    for (const pattern of ['/user/([0-9]+)/post/(.*)', '/(?P<a>[^/]+)/(?<b>.*)', '/x\\.y/(.+)']) {
      const matcher = new PathMatches(pattern)
      const args = Array<string>(pattern.split('(').length - 1).fill('42')
      const { pathArgs, pathKwargs } = matcher.match(makeRequest(matcher.reverse(...args)))!
      expect(pathArgs ?? Object.values(pathKwargs!)).toEqual(args)
    }
  })
})

it('warns of a pattern that a path can make slow', () => {
  using log = expectLog(appLog, 'can be made slow by a long text', { level: 'warning' })
  expect(new PathMatches('/(a+)+').match(makeRequest('/aa'))).toEqual({ pathArgs: ['aa'] })
  expect(log.records[0]!.message).toContain('/(a+)+')
})
