import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { HTTPClientError } from '@tornado-ts/httpclient'
import type { TLSSocket } from 'node:tls'
import { expect } from 'vitest'
import { Authority, localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { describeEngines, failureOf } from './engine-suite.ts'
import { answer } from './raw-server.ts'
import { serveTls } from './tls-server.ts'

const { certfile: caCerts } = testAuthority()
const { certfile: clientCert, keyfile: clientKey } = localhostCertificate()

describeEngines('certificates', (test, { name }) => {
  const isCurl = name.startsWith('Curl')
  /** libcurl has one number for every certificate that is not accepted, and writes nothing to our log. */
  const refusal = isCurl ? 'CurlError' : 'SSLCertVerificationError'
  const expectedLog = (): Disposable | undefined => (isCurl ? undefined : expectLog(genLog, /SSL Error/))

  test('B-client-022 an authority that is not known fails as such', async (client) => {
    await using server = await serveTls(localhostCertificate(), () => answer('secure'))
    using other = new Authority('Another authority')
    const url = `https://127.0.0.1:${server.port}/`
    for (const options of [{}, { caCerts: other.certfile }]) {
      using _log = expectedLog()
      const error = await failureOf(client.fetch(url, options))
      expect([error.name, (error as { errno?: number }).errno]).toEqual([refusal, isCurl ? 60 : undefined])
    }
    expect((await client.fetch(url, { caCerts })).text()).toBe('secure')
    expect(server.requests).toHaveLength(1)
  })

  test('a certificate of another name is refused, or let pass by validateCert false alone', async (client) => {
    const certificate = testAuthority().issue(['other.example'])
    await using server = await serveTls(certificate, () => answer('secure'))
    const url = `https://127.0.0.1:${server.port}/`
    {
      using _log = expectedLog()
      expect((await failureOf(client.fetch(url, { caCerts }))).name).toBe(refusal)
    }
    expect((await client.fetch(url, { validateCert: false })).text()).toBe('secure')
    // The connection that was not checked does not serve a request that wants a check.
    using _log = expectedLog()
    expect((await failureOf(client.fetch(url, { caCerts }))).name).toBe(refusal)
    expect(server.requests).toHaveLength(1)
  })

  test('B-client-028 a server that wants a certificate gets the one that it is to be shown', async (client) => {
    const subject = (socket: unknown): string =>
      String((socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody')
    await using server = await serveTls(
      localhostCertificate(),
      (_request, socket) => answer(subject(socket)),
      {
        requestCert: true,
        ca: testAuthority().cert,
        rejectUnauthorized: true,
      },
    )
    const url = `https://127.0.0.1:${server.port}/`
    const shown = { caCerts, clientCert, clientKey }
    expect((await client.fetch(url, shown)).text()).toBe('localhost')
    const error = await failureOf(client.fetch(url, { caCerts }))
    expect([error.name, error instanceof HTTPClientError]).toEqual(['HTTPStreamClosedError', true])
    expect((await client.fetch(url, shown)).text()).toBe('localhost')
  })
})
