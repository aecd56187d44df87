import type { Socket } from 'node:net'
import type { ProxyHeader } from '../protocol/proxy-header.ts'

/** Who is at the other end of an accepted stream. Over a Unix socket the address is empty and the port 0. */
export interface PeerAddress {
  readonly address: string
  readonly port: number
  /** What the proxy in between said, when it is trusted: the address and port are then of its client. */
  readonly proxy?: ProxyHeader
}

export function toPeerAddress(socket: Socket): PeerAddress {
  return { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
}
