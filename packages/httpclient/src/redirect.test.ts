import { HTTPHeaders } from '@tornado-ts/httputil'
import { describe, expect, it } from 'vitest'
import { redirectMethod, redirectTarget } from './redirect.ts'
import { parseTarget } from './request-target.ts'

const from = parseTarget('http://u:p@example.com:8080/a/b?c')

function locate(location: string, code = 302): string | undefined {
  return redirectTarget(code, new HTTPHeaders({ Location: location }), from)?.href
}

describe('redirectTarget', () => {
  it('resolves references against where the response came from', () => {
    expect(locate('/x')).toBe('http://example.com:8080/x')
    expect(locate('x?y#z')).toBe('http://example.com:8080/a/x?y')
    expect(locate('//other/x')).toBe('http://other/x')
    expect(locate('https://other:444')).toBe('https://other:444/')
  })

  it('follows neither other schemes, nor what is no URL, nor other statuses', () => {
    for (const location of [
      'javascript:alert(1)',
      'file:///etc/passwd',
      'ftp://x/',
      'http://[',
      'http://a b/',
      'data:,x',
    ])
      expect([location, locate(location)]).toEqual([location, undefined])
    for (const code of [300, 304, 305, 306, 309, 200]) expect(locate('/x', code)).toBeUndefined()
  })

  it('follows no two locations, unless they are the same', () => {
    const headers = new HTTPHeaders([
      ['Location', '/x'],
      ['Location', '/y'],
    ])
    expect(redirectTarget(302, headers, from)).toBeNull()
  })
})

it('redirectMethod (RFC 9110 §15.4)', () => {
  const table = [301, 302, 303, 307, 308].map((code) =>
    ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].map((method) => redirectMethod(code, method)).join(' '),
  )
  expect(table).toEqual([
    'GET HEAD GET PUT DELETE',
    'GET HEAD GET PUT DELETE',
    'GET HEAD GET GET GET',
    'GET HEAD POST PUT DELETE',
    'GET HEAD POST PUT DELETE',
  ])
})
