import { describe, expect, it } from 'vitest'
import { makeRequest } from '../../fixtures/delegates.ts'
import { AnyMatches, DefaultHostMatches, HostMatches } from './matcher.ts'

function hostMatches(pattern: string | RegExp, host: string): boolean {
  return new HostMatches(pattern).match(makeRequest('/', { headers: { Host: host } })) !== null
}

it('AnyMatches matches anything', () => {
  expect(new AnyMatches().match()).toEqual({ pathArgs: undefined, pathKwargs: undefined })
})

describe('HostMatches', () => {
  it.each<[pattern: string | RegExp, yes: string[], no: string[]]>([
    [
      'example\\.com',
      ['example.com', 'EXAMPLE.com:8888'],
      ['www.example.com', 'example.com.evil', 'exampleXcom'],
    ],
    ['(www\\.)?example\\.com', ['example.com', 'www.example.com'], ['xwww.example.com']],
    ['.*\\.example\\.com$', ['a.b.example.com'], ['example.com']],
    ['a|b', ['a', 'b:80'], ['ab', 'bx']],
    [/example/, ['example.com'], ['an.example']],
    ['\\[::1\\]', ['[::1]:80', '[::1]'], ['::1']],
  ])('B-route-008 %s matches the host in lower case without port', (pattern, yes, no) => {
    for (const host of yes) expect([host, hostMatches(pattern, host)]).toEqual([host, true])
    for (const host of no) expect([host, hostMatches(pattern, host)]).toEqual([host, false])
  })

  it('B-route-008 takes 127.0.0.1 when there is no Host', () => {
    expect(new HostMatches('127\\.0\\.0\\.1').match(makeRequest('/'))).not.toBeNull()
  })
})

describe('DefaultHostMatches', () => {
  const matches = (defaultHost: string | null, headers: Readonly<Record<string, string>> = {}): boolean =>
    new DefaultHostMatches(() => defaultHost, /^example\.com$/).match(makeRequest('/', { headers })) !== null

  it('B-route-010 matches when the default host fits, unless there is X-Real-Ip', () => {
    expect(matches('example.com')).toBe(true)
    expect(matches('example.com', { Host: 'other' })).toBe(true)
    expect(matches('example.org')).toBe(false)
    expect(matches(null)).toBe(false)
    expect(matches('example.com', { 'X-Real-Ip': '1.2.3.4' })).toBe(false)
  })
})
