// Preloaded into programs of the guide: whatever port they name, they listen on one that nobody uses, and tell their parent.
import cluster from 'node:cluster'
import { TCPServer } from '@tornado-ts/iostream/tcp'

// Nobody is left behind when the tests are stopped. A program that has nothing more to do ends all the same.
if (cluster.isPrimary) {
  process.on('disconnect', () => process.exit())
  process.channel?.unref()
}

const { listen } = TCPServer.prototype

TCPServer.prototype.listen = function (this: TCPServer, _port: number, options = {}): void {
  listen.call(this, 0, { ...options, address: '127.0.0.1' })
  this.bound.then(
    ({ port }) => process.send?.({ port }),
    () => {},
  )
  servers.add(this)
}

/** What the program listens with. */
export const servers: Set<TCPServer> = new Set()
