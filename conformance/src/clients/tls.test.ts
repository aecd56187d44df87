import { connectOrigin, HTTPRequest, SimpleAsyncHTTPClient } from '@tornado-ts/httpclient'
import type { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { expectLog } from '@tornado-ts/log/testing'
import { genLog } from '@tornado-ts/log'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { failureOf } from './engine-suite.ts'
import { answer, RawServer, redirect } from './raw-server.ts'
import { serveTls } from './tls-server.ts'

const { certfile: clientCert, keyfile: clientKey } = localhostCertificate()
const { cert: authority, certfile: caCerts } = testAuthority()

describe('TLS', () => {
  it('B-client-028 caCerts, validateCert and sslOptions say whose certificates are accepted', async () => {
    await using server = await serveTls(localhostCertificate(), () => answer('secure'))
    const url = `https://localhost:${server.port}/`
    await using client = new SimpleAsyncHTTPClient({ defaults: { allowIpv6: false } })
    expect((await client.fetch(url, { caCerts })).text()).toBe('secure')
    expect((await client.fetch(url, { validateCert: false })).text()).toBe('secure')
    expect((await client.fetch(url, { sslOptions: { ca: authority } })).text()).toBe('secure')
    using _log = expectLog(genLog, /SSL Error/)
    const error = await failureOf(client.fetch(url))
    expect(error.name).toBe('SSLCertVerificationError')
    // Each has connections of its own: one that was not checked is never used for a request that wants a check.
    expect(server.connections).toBe(3)
  })

  it('CVE-2021-22939: options that are undefined check as if they were not there', async () => {
    await using server = await serveTls(localhostCertificate(), () => answer('secure'))
    await using client = new SimpleAsyncHTTPClient({ defaults: { allowIpv6: false } })
    const failed = client.fetch(`https://localhost:${server.port}/`, {
      validateCert: undefined,
      sslOptions: undefined,
    })
    using _log = expectLog(genLog, /SSL Error/)
    expect((await failureOf(failed)).name).toBe('SSLCertVerificationError')
  })

  it('B-client-022 a certificate of another name fails as such', async () => {
    await using server = await serveTls(localhostCertificate(), () => answer('secure'))
    await using client = new SimpleAsyncHTTPClient({ hostnameMapping: { 'other.example': '127.0.0.1' } })
    const failed = client.fetch(`https://other.example:${server.port}/`, { caCerts })
    using _log = expectLog(genLog, /SSL Error/)
    const error = await failureOf(failed)
    expect([error.name, error.code]).toEqual(['SSLCertVerificationError', 'ERR_TLS_CERT_ALTNAME_INVALID'])
    expect((await client.fetch(`https://127.0.0.1:${server.port}/`, { caCerts })).text()).toBe('secure')
  })

  it('B-client-028 clientCert and clientKey are shown, to the origin they are for alone', async () => {
    const subject = (socket: unknown): string =>
      String((socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody')
    await using other = await serveTls(
      localhostCertificate(),
      (_request, socket) => answer(subject(socket)),
      { requestCert: true, ca: testAuthority().cert },
    )
    await using server = await serveTls(
      localhostCertificate(),
      ({ path }, socket) =>
        path === '/away' ? redirect(`https://localhost:${other.port}/`) : answer(subject(socket)),
      { requestCert: true, ca: testAuthority().cert },
    )
    await using client = new SimpleAsyncHTTPClient({ defaults: { allowIpv6: false, caCerts } })
    const url = `https://localhost:${server.port}`
    expect((await client.fetch(`${url}/`, { clientCert, clientKey })).text()).toBe('localhost')
    expect((await client.fetch(`${url}/`)).text()).toBe('nobody')
    expect((await client.fetch(`${url}/away`, { clientCert, clientKey })).text()).toBe('nobody')
    const sslOptions = { certfile: clientCert, keyfile: clientKey, caCerts }
    expect((await client.fetch(`${url}/`, { sslOptions })).text()).toBe('localhost')
    expect((await client.fetch(`${url}/away`, { sslOptions })).text()).toBe('nobody')
  })

  it('B-client-016 CVE-2026-49853: from https to http and back is from origin to origin', async () => {
    await using plain = await RawServer.start(() => redirect(`https://localhost:${server.port}/end`))
    await using server: RawServer = await serveTls(localhostCertificate(), ({ path, field }) =>
      path === '/end' ? answer(field('Authorization') ?? 'none') : redirect(plain.url()),
    )
    await using client = new SimpleAsyncHTTPClient({ defaults: { allowIpv6: false, caCerts } })
    const url = `https://u:p@localhost:${server.port}`
    expect((await client.fetch(`${url}/end`)).text()).toBe(`Basic ${btoa('u:p')}`)
    expect((await client.fetch(`${url}/`)).text()).toBe('none')
    expect(plain.requests[0]!.field('Authorization')).toBeUndefined()
  })

  it('connections over TLS are kept', async () => {
    await using server = await serveTls(localhostCertificate(), () => answer('x'.repeat(100_000)))
    await using client = new SimpleAsyncHTTPClient({ defaults: { allowIpv6: false, caCerts } })
    for (let i = 0; i < 3; i++)
      expect((await client.fetch(`https://localhost:${server.port}/`)).body.length).toBe(100_000)
    expect(server.connections).toBe(1)
  })

  it('connectOrigin makes the connection of a request for another protocol', async () => {
    await using server = await serveTls(localhostCertificate(), () => 'spoken')
    const request = new HTTPRequest(`wss://localhost:${server.port}/chat?room=1`, {
      caCerts,
      allowIpv6: false,
    })
    const { stream, target } = await connectOrigin(request)
    expect([target.path, target.hostHeader, target.secure]).toEqual([
      '/chat?room=1',
      `localhost:${server.port}`,
      true,
    ])
    await stream.write('GET / HTTP/1.1\r\n\r\n')
    expect((await stream.readBytes(6)).toString()).toBe('spoken')
    stream.close()
    await expect(connectOrigin(new HTTPRequest('ftp://localhost/'))).rejects.toThrow(
      'Unsupported url scheme: ftp',
    )
  })
})
