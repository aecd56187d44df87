import type { WebSocketConnection } from './websocket-connection.ts'

/** The open WebSockets of each server, found by the signal that fires when it closes. */
const peersOfServer = new WeakMap<AbortSignal, Set<WebSocketConnection>>()

/** Closes the connection with 1001 when its server takes its leave (RFC 6455 §7.4.1). */
export function closeWithServer(connection: WebSocketConnection, closing: AbortSignal): void {
  if (closing.aborted) {
    connection.close(1001, reason)
    return
  }
  let peers = peersOfServer.get(closing)
  if (peers === undefined) {
    const all = new Set<WebSocketConnection>()
    peersOfServer.set(closing, (peers = all))
    // One listener for all of them: a listener for each would be paid by every idle connection.
    closing.addEventListener('abort', () => {
      for (const each of all) each.close(1001, reason)
    })
  }
  connection.joinPeers(peers)
}

const reason = 'server is closing'
