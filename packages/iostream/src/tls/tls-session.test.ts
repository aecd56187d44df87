import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { expect, it } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../../scripts/vitest/certificates.ts'
import { DigestSession } from '../proxy/digest-session.ts'
import { TCPClient } from '../tcp/tcp-client.ts'

it.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a client takes up a session of %s that it was offered',
  async (version) => {
    const { cert, key } = localhostCertificate()
    const server = createServer({ cert, key, maxVersion: version }, (socket: TLSSocket) => {
      socket.on('error', () => {})
      socket.end(socket.isSessionReused() ? 'again' : 'anew')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const sslOptions = { caCerts: testAuthority().certfile }
    const sessions: Buffer[] = []
    using client = new TCPClient()
    const connect = async (tlsSession?: Buffer): Promise<string> => {
      const onTlsSession = (session: Buffer): void => void sessions.push(session)
      const stream = await client.connect('127.0.0.1', port, { sslOptions, tlsSession, onTlsSession })
      return (await stream.readUntilClose()).toString()
    }
    expect(await connect()).toBe('anew')
    expect(await connect(sessions.at(-1))).toBe('again')
    expect(await connect()).toBe('anew')
    // What is no session is no harm either.
    expect(await connect(sessions.at(-1)!.subarray(0, 20)).catch(() => 'refused')).toMatch(/anew|refused/)
    server.close()
    await once(server, 'close')
  },
)

it('a digest session counts anew with the nonce that comes next (RFC 7616 §3.5)', () => {
  const session = new DigestSession('u', 'p', () => 'c')
  session.useNonce('too early')
  expect(session.authorize('GET', '/')).toBeNull()
  session.challenge(['Digest realm="r", nonce="n1", qop="auth"'])
  const counts = (): string[] => /nonce="(\w+)".*nc=(\d+)/.exec(session.authorize('GET', '/')!)!.slice(1)
  expect([counts(), counts()]).toEqual([
    ['n1', '00000001'],
    ['n1', '00000002'],
  ])
  session.useNonce('n2')
  expect(counts()).toEqual(['n2', '00000001'])
  // The secret of a session belongs to the nonce of its challenge.
  session.challenge(['Digest realm="r", nonce="n3", qop="auth", algorithm=MD5-sess, stale=true'])
  session.useNonce('n4')
  expect(counts()).toEqual(['n3', '00000001'])
})
