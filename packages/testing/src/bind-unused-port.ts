import { type BoundSocket, bindSockets } from '@tornado-ts/iostream/netutil'

/** Settings of {@link bindUnusedPort}. */
export interface BindUnusedPortOptions {
  /** Lets several sockets listen on the port, where the system can. @default false */
  reusePort?: boolean
  /** Where to listen. @default '127.0.0.1' */
  address?: string
}

/**
 * Listens on a port that nobody uses; gives the socket, for `addSocket` of a server, and the port.
 * Tornado: testing.bind_unused_port.
 */
export async function bindUnusedPort({
  reusePort = false,
  address = '127.0.0.1',
}: BindUnusedPortOptions = {}): Promise<[socket: BoundSocket, port: number]> {
  const [socket] = await bindSockets(0, { address, reusePort })
  return [socket!, socket!.address()!.port]
}
