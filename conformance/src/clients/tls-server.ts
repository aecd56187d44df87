import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { RawServer, type RawHandler } from './raw-server.ts'

/** A {@link RawServer} over TLS. It counts connections whose handshake is done; clients need no certificate of their own. */
export function serveTls(
  { cert, key }: { readonly cert: string; readonly key: string },
  handler: RawHandler,
  options: TlsOptions = {},
): Promise<RawServer> {
  const server = createServer({ cert, key, rejectUnauthorized: false, ...options })
  server.on('tlsClientError', () => {})
  // What a plain server calls a connection is done with the handshake here.
  const plainOn = server.on.bind(server)
  server.on = ((event: string, listener: (socket: TLSSocket) => void) =>
    plainOn(event === 'connection' ? 'secureConnection' : event, listener)) as typeof server.on
  return RawServer.start(handler, server)
}
