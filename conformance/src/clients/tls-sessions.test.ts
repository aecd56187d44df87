import { SimpleAsyncHTTPClient } from '@tornado-ts/httpclient'
import type { Server as TLSServer, TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { answer, type RawHandler } from './raw-server.ts'
import { serveTls } from './tls-server.ts'

const { certfile: clientCert, keyfile: clientKey } = localhostCertificate()
const { certfile: caCerts, cert: authority } = testAuthority()

/** Tells whether the session of an earlier connection was taken up. */
const tellReuse: RawHandler = (_request, socket) =>
  answer((socket as TLSSocket).isSessionReused() ? 'reused' : 'full', { fields: 'Connection: close\r\n' })

describe('TLS sessions', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: a further connection takes up a session', async (version) => {
    await using server = await serveTls(localhostCertificate(), tellReuse, { maxVersion: version })
    await using client = new SimpleAsyncHTTPClient({ defaults: { caCerts } })
    const url = `https://127.0.0.1:${server.port}/`
    const texts: string[] = []
    for (let i = 0; i < 3; i++) texts.push((await client.fetch(url)).text())
    expect(texts).toEqual(['full', 'reused', 'reused'])
    expect(server.connections).toBe(3)
  })

  it('is not shared by requests that differ in who they trust, who they are, or whom they ask for', async () => {
    await using server = await serveTls(localhostCertificate(), tellReuse, {
      requestCert: true,
      ca: testAuthority().cert,
    })
    await using client = new SimpleAsyncHTTPClient({
      hostnameMapping: { localhost: '127.0.0.1' },
      defaults: { caCerts },
    })
    const url = `https://127.0.0.1:${server.port}/`
    const variants = [
      () => client.fetch(url),
      () => client.fetch(url, { validateCert: false }),
      () => client.fetch(url, { clientCert, clientKey }),
      () => client.fetch(url, { sslOptions: { ca: authority } }),
      () => client.fetch(url.replace('127.0.0.1', 'localhost')),
    ]
    for (const expected of ['full', 'reused'])
      for (const fetch of variants) expect((await fetch()).text()).toBe(expected)
  })

  it('a server that has forgotten them gets a full handshake', async () => {
    await using server = await serveTls(localhostCertificate(), tellReuse, {
      ticketKeys: Buffer.alloc(48, 1),
    })
    await using client = new SimpleAsyncHTTPClient({ defaults: { caCerts } })
    const url = `https://127.0.0.1:${server.port}/`
    expect((await client.fetch(url)).text()).toBe('full')
    ;(server.server as TLSServer).setTicketKeys(Buffer.alloc(48, 2))
    expect((await client.fetch(url)).text()).toBe('full')
    expect((await client.fetch(url)).text()).toBe('reused')
  })

  it('options that say the same share a connection, however often they are written', async () => {
    await using server = await serveTls(localhostCertificate(), () => answer('x'))
    await using client = new SimpleAsyncHTTPClient()
    for (let i = 0; i < 3; i++)
      await client.fetch(`https://127.0.0.1:${server.port}/`, { sslOptions: { ca: authority } })
    expect(server.connections).toBe(1)
  })
})
