import { describe, expect, it } from 'vitest'
import type { PeerCertificate } from 'node:tls'
import type { ConnectionContext, HTTPConnection } from './delegates.ts'
import { HTTPHeaders } from './headers.ts'
import { HTTPServerRequest } from './request.ts'
import { RequestStartLine } from './start-line.ts'

const request = (path: string, headers: Record<string, string> = {}, body = ''): HTTPServerRequest =>
  new HTTPServerRequest({
    startLine: new RequestStartLine('POST', path, 'HTTP/1.1'),
    headers: new HTTPHeaders(headers),
    body: Buffer.from(body),
    connection: { context: { remoteIp: '192.0.2.1', protocol: 'https' } } as HTTPConnection,
  })

describe('HTTPServerRequest', () => {
  it('B-httputil-011 splits the target at its first question mark', () => {
    expect([request('/a?b?c').path, request('/a?b?c').query]).toEqual(['/a', 'b?c'])
    expect([request('//x').path, request('//x').query]).toEqual(['//x', ''])
    expect([request('?q').path, request('?q').query]).toEqual(['', 'q'])
  })

  it('B-httputil-012 knows its full URL and shows no headers', () => {
    const { host, hostName } = request('/a?b', { Host: 'Example.com:8080', Cookie: 'secret' })
    expect([host, hostName]).toEqual(['Example.com:8080', 'example.com'])
    const shown = request('/a?b', { Host: 'example.com', Cookie: 'secret' })
    expect(shown.fullUrl()).toBe('https://example.com/a?b')
    expect(String(shown)).toBe(
      'HTTPServerRequest(protocol="https", host="example.com", method="POST", uri="/a?b", version="HTTP/1.1", remoteIp="192.0.2.1")',
    )
  })

  it('is called 127.0.0.1 without a Host header', () => {
    expect([request('/').host, request('/').hostName]).toEqual(['127.0.0.1', '127.0.0.1'])
    expect(request('/', { Host: '[::1]:80' }).hostName).toBe('[::1]')
  })

  it.each([
    ['http://Target.example:81/p?q', 'Target.example:81', 'target.example'],
    ['https://target.example', 'target.example', 'target.example'],
    ['HTTP://[::1]:80?q', '[::1]:80', '[::1]'],
    ['http://user:pw@target.example/@x', 'target.example', 'target.example'],
  ])('an absolute target %s says who it is for, whatever Host says', (uri, host, hostName) => {
    const absolute = request(uri, { Host: 'other.example' })
    expect([absolute.host, absolute.hostName, absolute.fullUrl()]).toEqual([host, hostName, uri])
  })

  it.each([
    ['http://h/p?q', '/p', 'q'],
    ['https://h:1/a/../%2F//b', '/a/../%2F//b', ''],
    ['http://h', '/', ''],
    ['http://h?a/b', '/', 'a/b'],
    ['//h/p', '//h/p', ''],
    ['*', '*', ''],
    ['h:80', 'h:80', ''],
  ])('B-route-011 of the target %s the path is %s', (uri, path, query) => {
    const received = request(uri)
    expect([received.path, received.query, received.uri]).toEqual([path, query, uri])
  })

  it.each(['/http://a/b', '*', 'http:', 'http:///x', 'host.example:443'])(
    'the Host header says who %s is for',
    (uri) => expect(request(uri, { Host: 'h.example' }).host).toBe('h.example'),
  )

  it('parses arguments when asked, the body once told to', () => {
    const form = request('/?a=1&b=2', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=3&c=4')
    expect([...form.arguments]).toEqual([
      ['a', ['1']],
      ['b', ['2']],
    ])
    form.parseBody()
    expect([...form.arguments]).toEqual([
      ['a', ['1', '3']],
      ['b', ['2']],
      ['c', ['4']],
    ])
    expect([...form.queryArguments.keys()]).toEqual(['a', 'b'])
    expect([...form.bodyArguments.keys()]).toEqual(['a', 'c'])
    expect(form.files.size).toBe(0)
  })

  it('reads cookies of several lines, and drops bad names', () => {
    const headers = new HTTPHeaders([
      ['Cookie', 'a=1; b="x\\073y"'],
      ['Cookie', 'c=3; bad name=4; path=5'],
    ])
    const { cookies } = new HTTPServerRequest({
      startLine: new RequestStartLine('GET', '/', 'HTTP/1.1'),
      headers,
    })
    expect([...cookies]).toEqual([
      ['a', '1'],
      ['b', 'x;y'],
      ['c', '3'],
    ])
  })

  it('without a connection has an unknown peer and a signal that never fires', () => {
    const alone = new HTTPServerRequest({ startLine: new RequestStartLine('GET', '/', 'HTTP/1.1') })
    expect([alone.remoteIp, alone.protocol, alone.signal.aborted]).toEqual(['0.0.0.0', 'http', false])
    expect(alone.requestTime()).toBeGreaterThanOrEqual(0)
  })

  it('has the certificate that the connection knows of', () => {
    expect(request('/').getSslCertificate()).toBeNull()
    const certificate = { subject: { CN: 'client' } } as PeerCertificate
    const context: ConnectionContext = {
      remoteIp: '192.0.2.1',
      protocol: 'https',
      getSslCertificate: () => certificate,
    }
    const secured = new HTTPServerRequest({
      startLine: new RequestStartLine('GET', '/', 'HTTP/1.1'),
      connection: { context } as HTTPConnection,
    })
    expect(secured.getSslCertificate()).toBe(certificate)
  })
})
