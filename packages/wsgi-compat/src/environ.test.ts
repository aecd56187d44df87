import { HTTPHeaders, HTTPServerRequest, RequestStartLine, type HTTPConnection } from '@tornado-ts/httputil'
import { expect, it } from 'vitest'
import { isBelow, toEnviron, toWsgiStr } from './environ.ts'

function request(
  uri: string,
  fields: Iterable<readonly [string, string]> = [],
  { method = 'GET', protocol = 'http' } = {},
): HTTPServerRequest {
  const connection = { context: { remoteIp: '192.0.2.7', protocol } } as unknown as HTTPConnection
  return new HTTPServerRequest({
    startLine: new RequestStartLine(method, uri, 'HTTP/1.1'),
    headers: new HTTPHeaders([['Host', 'example.com:8080'], ...fields]),
    connection,
  })
}

it('B-wsgi-001 B-wsgi-002 the variables of CGI, and every header as HTTP_…', () => {
  const fields: [string, string][] = [
    ['Content-Type', 'text/plain'],
    ['Content-Length', '5'],
    ['Accept-Language', 'de'],
    ['X-Two', 'a'],
    ['X-Two', 'b'],
    ['Cookie', 'a=1'],
    ['Cookie', 'b=2'],
  ]
  expect(toEnviron(request('/a%20b?q=%20&r', fields, { method: 'POST' }))).toEqual({
    REQUEST_METHOD: 'POST',
    SCRIPT_NAME: '',
    PATH_INFO: '/a b',
    QUERY_STRING: 'q=%20&r',
    REMOTE_ADDR: '192.0.2.7',
    SERVER_NAME: 'example.com',
    SERVER_PORT: '8080',
    SERVER_PROTOCOL: 'HTTP/1.1',
    CONTENT_TYPE: 'text/plain',
    CONTENT_LENGTH: '5',
    HTTP_HOST: 'example.com:8080',
    HTTP_ACCEPT_LANGUAGE: 'de',
    HTTP_X_TWO: 'a,b',
    HTTP_COOKIE: 'a=1; b=2',
  })
})

it('B-wsgi-001 the port is that of the scheme when Host has none', () => {
  const portOf = (protocol: string): string | undefined => {
    const found = request('/', [], { protocol })
    found.headers.set('Host', 'example.com')
    return toEnviron(found)['SERVER_PORT']
  }
  expect([portOf('http'), portOf('https')]).toEqual(['80', '443'])
})

it('PATH_INFO holds the bytes of the path, one character each: %2F, %00, //, UTF-8 (PEP 3333)', () => {
  const pathOf = (uri: string): string | undefined => toEnviron(request(uri))['PATH_INFO']
  expect(pathOf('/a%2Fb')).toBe('/a/b')
  expect(pathOf('/a%00b')).toBe('/a\0b')
  expect(pathOf('//a//b')).toBe('//a//b')
  expect(pathOf('/%C3%A9')).toBe('/\xc3\xa9')
  expect(pathOf('/%zz%4')).toBe('/%zz%4')
  expect(pathOf('http://other.example/x?y')).toBe('/x')
  expect(pathOf('http://other.example?y')).toBe('/')
  expect(pathOf('*')).toBe('')
})

it('header spoofing by _: names with an underscore never reach the application', () => {
  const environ = toEnviron(
    request('/', [
      ['X_Forwarded_For', '1'],
      ['X-Forwarded-For', '2'],
      ['Content_Length', '3'],
    ]),
  )
  expect(environ['HTTP_X_FORWARDED_FOR']).toBe('2')
  expect(Object.keys(environ).filter((name) => name.includes('CONTENT'))).toEqual([])
})

it('a length that is there several times is one (RFC 9110 §8.6)', () => {
  const lengthOf = (...values: string[]): string | undefined =>
    toEnviron(
      request(
        '/',
        values.map((value) => ['Content-Length', value]),
      ),
    )['CONTENT_LENGTH']
  expect([lengthOf('5'), lengthOf('5', '5'), lengthOf('5, 5'), lengthOf('5 ,5', '5')]).toEqual([
    '5',
    '5',
    '5',
    '5',
  ])
})

it('CVE-2016-1000111 (httpoxy): Proxy does not become HTTP_PROXY', () => {
  expect(toEnviron(request('/', [['Proxy', 'http://evil']]))['HTTP_PROXY']).toBeUndefined()
})

it('a mounted application sees its prefix as SCRIPT_NAME and the rest as PATH_INFO', () => {
  const options = { scriptName: '/old' }
  expect(toEnviron(request('/old/x%2F'), options)).toMatchObject({ SCRIPT_NAME: '/old', PATH_INFO: '/x/' })
  expect(toEnviron(request('/old'), options)['PATH_INFO']).toBe('')
  expect(['/old', '/old/', '/%6fld/x', '/older', '/'].map((uri) => isBelow(request(uri), '/old'))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
})

it('toWsgiStr gives each byte a character', () => {
  expect(toWsgiStr('é')).toBe('\xc3\xa9')
  expect(toWsgiStr(Uint8Array.of(0x61, 0xff))).toBe('a\xff')
})
