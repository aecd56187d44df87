import { appLog } from '@tornado-ts/log'
import type { Socket } from 'node:net'
import type { BoundSocket } from './bound-socket.ts'
import { toPeerAddress, type PeerAddress } from './peer-address.ts'

/**
 * Calls `callback` with each connection to a bound socket, those that wait already first, and returns a function that
 * stops that without closing the socket. An error of the callback is logged and closes the connection.
 *
 * Tornado: netutil.add_accept_handler.
 */
export function addAcceptHandler(
  socket: BoundSocket,
  callback: (connection: Socket, address: PeerAddress) => void,
): () => void {
  socket.setAcceptHandler((connection) => {
    try {
      callback(connection, toPeerAddress(connection))
    } catch (error) {
      appLog.error('Error in connection callback', error)
      connection.destroy()
    }
  })
  return () => socket.setAcceptHandler(null)
}
