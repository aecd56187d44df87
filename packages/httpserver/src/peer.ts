import type { PeerCertificate, TLSSocket } from 'node:tls'

/** A peer's address as requests show it: without the mark of IPv4 mapped into IPv6; `0.0.0.0` for a Unix socket's. */
export function plainAddress(address: string): string {
  // A socket that takes both families shows IPv4 peers as mapped.
  if (address.startsWith('::ffff:')) return address.slice(7)
  return address === '' ? '0.0.0.0' : address
}

/** The certificate that the peer has shown, or `null`. */
export function peerCertificate(socket: TLSSocket): PeerCertificate | null {
  const certificate = socket.getPeerCertificate(true)
  return Object.keys(certificate).length === 0 ? null : certificate
}
