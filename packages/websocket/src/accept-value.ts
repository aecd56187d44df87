import { hash } from 'node:crypto'

/** The proof that a server has read a client's key (RFC 6455 §4.2.2). Tornado: WebSocketProtocol13.compute_accept_value. */
export function computeAcceptValue(key: string): string {
  return hash('sha1', `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, 'base64')
}
