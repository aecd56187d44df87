import { describe, expect, it } from 'vitest'
import { parseChallenges } from './authentication-challenge.ts'
import { DigestSession } from './digest-session.ts'

function parse(field: string): unknown {
  return parseChallenges(field).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])
}

describe('parseChallenges (RFC 9110 §11.6.1)', () => {
  it('several challenges in one field', () => {
    expect(
      parse(
        'Basic realm="a, b", Digest realm="x\\"y", nonce=abc, qop="auth,auth-int",Negotiate dG9rZW4=, NTLM',
      ),
    ).toEqual([
      ['basic', { realm: 'a, b' }],
      ['digest', { realm: 'x"y', nonce: 'abc', qop: 'auth,auth-int' }],
      ['negotiate', {}],
      ['ntlm', {}],
    ])
    expect(parse('')).toEqual([])
    expect(parse(', ,Basic')).toEqual([['basic', {}]])
  })

  it('what is malformed ends the list, in linear time', () => {
    expect(parse('Basic realm="open')).toEqual([
      ['basic', {}],
      ['realm', {}],
    ])
    const began = performance.now()
    for (const evil of [
      'a'.repeat(60_000),
      ','.repeat(60_000),
      'a="'.repeat(20_000),
      'a=b '.repeat(20_000),
      `a ${'b'.repeat(60_000)}"`,
    ])
      parseChallenges(evil)
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})

describe('DigestSession', () => {
  it('prefers the stronger hash, and ignores what it does not know', () => {
    const session = new DigestSession('u', 'p', () => 'c')
    const digest = (algorithm: string): string =>
      `Digest realm="r", nonce="n", qop="auth", algorithm=${algorithm}`
    expect(session.challenge(['Basic realm="r"', digest('SHA-1')])).toBe(false)
    expect(session.authorize('GET', '/')).toBeNull()
    expect(session.challenge([digest('MD5'), digest('SHA-256'), digest('XYZ')])).toBe(true)
    expect(session.authorize('GET', '/')).toContain('algorithm=SHA-256')
    expect(session.authorize('GET', '/')).toContain('nc=00000002')
  })

  it('RFC 2069 servers without qop, -sess, userhash, names beyond ASCII', () => {
    const old = new DigestSession('Mufasa', 'CircleOfLife')
    old.challenge([
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="o"',
    ])
    expect(old.authorize('GET', '/dir/index.html')).toContain('response="1949323746fe6a43ef61f9606e7febea"')
    const session = new DigestSession(
      'Jäsøn Doe',
      'Secret, or not?',
      () => 'NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm',
    )
    session.challenge([
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
    ])
    const field = session.authorize('GET', '/doe.json')!
    expect(field).toContain('userhash=true')
    expect(field).toMatch(/username="[0-9a-f]{64}"/)
    const plain = new DigestSession('Jäsøn', 'x')
    plain.challenge(['Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"'])
    expect(plain.authorize('GET', '/')).toContain("username*=UTF-8''J%C3%A4s%C3%B8n")
  })
})
