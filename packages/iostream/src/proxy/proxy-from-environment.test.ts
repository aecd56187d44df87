import { describe, expect, it } from 'vitest'
import { proxyFromEnvironment } from './proxy-from-environment.ts'

function choose(
  environment: Record<string, string>,
  host: string,
  { port = 443, secure = true } = {},
): string | null {
  return proxyFromEnvironment(environment)({ host, port, secure })?.host ?? null
}

describe('proxyFromEnvironment', () => {
  it('chooses by whether it is TLS, with ALL_PROXY for the rest; lower case wins', () => {
    const both = { HTTP_PROXY: 'http://h', HTTPS_PROXY: 'http://s', ALL_PROXY: 'socks5://a' }
    expect(choose(both, 'x')).toBe('s')
    expect(choose(both, 'x', { secure: false })).toBe('h')
    expect(choose({ ALL_PROXY: 'socks5://a' }, 'x', { secure: false })).toBe('a')
    expect(choose({ HTTPS_PROXY: 'upper', https_proxy: 'lower' }, 'x')).toBe('lower')
    expect(choose({ HTTPS_PROXY: '' }, 'x')).toBeNull()
    expect(choose({}, 'x')).toBeNull()
    expect(() => proxyFromEnvironment({ HTTPS_PROXY: 'ftp://x' })).toThrow(TypeError)
  })

  it('NO_PROXY: names, with all below them', () => {
    const environment = {
      HTTPS_PROXY: 's',
      NO_PROXY: 'example.com, .dot.example *.star.example,port.example:8443',
    }
    for (const host of [
      'example.com',
      'EXAMPLE.com.',
      'www.example.com',
      'dot.example',
      'a.b.dot.example',
      'x.star.example',
    ])
      expect([host, choose(environment, host)]).toEqual([host, null])
    for (const host of ['notexample.com', 'example.com.evil', 'port.example'])
      expect([host, choose(environment, host)]).toEqual([host, 's'])
    expect(choose(environment, 'port.example', { port: 8443 })).toBeNull()
    expect(choose({ HTTPS_PROXY: 's', NO_PROXY: '*' }, 'anything')).toBeNull()
  })

  it('CVE-2025-22870: NO_PROXY with addresses, networks and zones', () => {
    const environment = {
      HTTPS_PROXY: 's',
      NO_PROXY: '10.0.0.0/8,192.0.2.1,fd00::/8,[::1]:8443,fe80::1,*.example.com',
    }
    for (const host of ['10.255.0.1', '192.0.2.1', 'fd12::3', 'fe80::1', 'fe80::1%eth0'])
      expect([host, choose(environment, host)]).toEqual([host, null])
    for (const host of ['11.0.0.1', '192.0.2.10', 'fe80::2', '::1', '::1%25.example.com'])
      expect([host, choose(environment, host)]).toEqual([host, 's'])
    expect(choose(environment, '::1', { port: 8443 })).toBeNull()
  })

  it('CVE-2016-1000111 CVE-2016-5386 (httpoxy): in a CGI program HTTP_PROXY is a client’s header', () => {
    const cgi = { REQUEST_METHOD: 'GET', HTTP_PROXY: 'http://evil' }
    expect(choose(cgi, 'x', { secure: false })).toBeNull()
    expect(choose({ ...cgi, http_proxy: 'http://good' }, 'x', { secure: false })).toBe('good')
  })
})
