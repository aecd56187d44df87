import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { RawServer, type RawHandler } from './raw-server.ts'

/** A {@link RawServer} over TLS, with the certificate of localhost. It counts connections whose handshake is done. */
export function serveTls(handler: RawHandler, options: TlsOptions = {}): Promise<RawServer> {
  const { cert, key } = localhostCertificate()
  const server = createServer({ cert, key, ca: testAuthority().cert, rejectUnauthorized: false, ...options })
  server.on('tlsClientError', () => {})
  // What a plain server calls a connection is done with the handshake here.
  const plainOn = server.on.bind(server)
  server.on = ((event: string, listener: (socket: TLSSocket) => void) =>
    plainOn(event === 'connection' ? 'secureConnection' : event, listener)) as typeof server.on
  return RawServer.start(handler, server)
}
