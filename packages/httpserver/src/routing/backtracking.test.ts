import { describe, expect, it } from 'vitest'
import { explainBacktracking } from './backtracking.ts'
import { anchorPattern } from './matcher.ts'

const nested = 'a repetition repeats itself'
const shared = 'two repetitions can match the same text'

it.each([
  // What people write for routes, hosts and files.
  '/',
  '/hello',
  '/user/([0-9]+)',
  '/user/(?P<id>[^/]+)/post/(?P<post>[^/]+)',
  '/(\\w+)/(\\w+)/(\\w+)',
  '/([^/]+)/?',
  '/([^/]*)/([^/]*)',
  '/static/(.*)',
  '/(.*)/(.*)',
  '/(.*)/(.*)/(.*)',
  '/(.*?)/(.*)',
  '/(.*)-(.*)-(.*)',
  '/files/(.+)\\.(css|js|map)',
  '/(robots\\.txt|favicon\\.ico)',
  '/([a-z0-9]+(?:-[a-z0-9]+)*)',
  '/v(\\d+)\\.(\\d+)(?:\\.(\\d+))?',
  '/(\\d{4})-(\\d{2})-(\\d{2})/(.*)',
  '/(?:([a-z]{2})/)?page/(\\d+)',
  '(?:/(\\w+))?(?:/(\\w+))?',
  '/((?:[^/]+/)*)([^/]+\\.html)?',
  '(?:/[^/]+)*/?',
  '/(\\w+)-(\\d+)',
  '/([^/]+)/(.*)',
  '/(\\d+)/?(.*)',
  '/a/(.*)/b/(.*)',
  '/api(?:/.*)?',
  '/@([\\w.-]+)',
  '/([A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12})',
  '/\\x2e\\u002e+/(\\S+)',
  '(?:[\\w-]+\\.)*example\\.com',
  '.*\\.example\\.com',
  '(www\\.)?example\\.com',
  '/(?!admin)(.*)',
])('has nothing against %s', (pattern) => {
  expect(explainBacktracking(anchorPattern(pattern))).toBeNull()
})

/** A pattern, why it is slow, and what makes it so: a beginning, what is repeated, an end. */
const slow: [pattern: string, reason: string, start: string, pump: string, end: string][] = [
  ['/(a+)+', nested, '/', 'a', '!'],
  ['/(\\w+\\s?)*', nested, '/', 'a', '!'],
  ['/([a-z]+-?)*', nested, '/', 'a', '!'],
  ['/(?:(?:a|b)*c?)+', nested, '/', 'ab', '!'],
  ['/(a|a)*', nested, '/', 'a', '!'],
  ['/(\\w|\\d)*', nested, '/', '1', '!'],
  ['/(a|aa)+', nested, '/', 'a', '!'],
  ['/((x+)?y?)*', nested, '/', 'x', '!'],
  ['/([^/]+)*/edit', nested, '/', 'a', '!'],
  ['/(?<name>(?:[a-z]+){2,})', nested, '/', 'a', '!'],
  ['/(.*)/(.*)/edit', shared, '/', '/', 'x'],
  ['/(\\w*)/?(\\w*)/?', shared, '/', 'a', '!'],
  ['/([\\w-]+)-([\\w-]+)', shared, '/', '-', '!'],
  ['/(\\w+)(\\d*)', shared, '/', '1', '!'],
  ['/(.*)-(.*)_(.*)', shared, '/', '-', 'x'],
  ['/\\s*\\s*x', shared, '/', ' ', '!'],
  ['/(?:[a-z]+/?)?([a-z]+)', shared, '/', 'a', '!'],
]

describe.each(slow)('%s', (pattern, reason, start, pump, end) => {
  it('is found', () => {
    expect(explainBacktracking(anchorPattern(pattern))).toBe(reason)
  })

  it('is slow indeed', () => {
    const regex = anchorPattern(pattern)
    const text = (turns: number): string => start + pump.repeat(turns) + end
    // Three turns more cost twice as much or more; or twice the turns four times as much. Linear would be 2 or 4.
    const [few, many] = reason === nested ? [11 / pump.length, 22 / pump.length] : [1500, 6000]
    regex.test(text(few)) // The engine compiles a pattern when it meets it again.
    const short = quickest(regex, text(few), 20)
    const long = quickest(regex, text(many), 3)
    expect(long / short).toBeGreaterThan(6)
  })
})

it('minds whether the end of the text has to match', () => {
  expect(explainBacktracking(/^(?:\/(\w+)(\d*))/)).toBeNull()
  expect(explainBacktracking(/^(?:\/(\w+)(\d*)$)/)).toBe(shared)
})

it('does not know the notation of the flag v', () => {
  expect(explainBacktracking(/(?:a+)+/v)).toBeNull()
})

it('gives no alarm for characters it does not know', () => {
  expect(explainBacktracking(/^(?:\p{L}*\p{Lu}*x)$/u)).toBeNull()
})

it('sees both cases with the flag i', () => {
  expect(explainBacktracking(/^(?:[a-z]*[A-Z]*x)$/)).toBeNull()
  expect(explainBacktracking(/^(?:[a-z]*[A-Z]*x)$/i)).toBe(shared)
})

it('takes a pattern with very many ways through it without delay', () => {
  const pattern = anchorPattern(`/${'(?:a(\\w+))?'.repeat(200)}`)
  const began = performance.now()
  explainBacktracking(pattern)
  expect(performance.now() - began).toBeLessThan(5000)
})

/** The least time of some runs, in milliseconds: what else the machine does only adds. */
function quickest(regex: RegExp, text: string, runs: number): number {
  let least = Infinity
  for (let run = 0; run < runs; run++) {
    const began = performance.now()
    const matches = regex.test(text)
    least = Math.min(least, performance.now() - began)
    expect(matches).toBe(false)
  }
  return least
}
