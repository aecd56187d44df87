import { appLog } from '@tornado-ts/log'
import {
  createServer,
  type AddressInfo,
  type ListenOptions as NetListenOptions,
  type Server,
  type Socket,
} from 'node:net'

/** Where a server listens: an address and a port, or the path of a Unix socket with port 0. */
export interface BoundAddress {
  readonly address: string
  readonly port: number
  readonly family: 'IPv4' | 'IPv6' | 'Unix'
}

/** Called with each accepted socket. */
export type AcceptHandler = (socket: Socket) => void

/**
 * A socket that is bound and listens, made by `bindSockets` and `bindUnixSocket` for `TCPServer.addSocket` and
 * `addAcceptHandler`.
 *
 * Node has no socket that is bound but does not accept. Until somebody accepts, connections wait in here, as many as the
 * backlog; the system would hold as many, and further ones are closed.
 */
export class BoundSocket implements Disposable {
  static readonly #open = new Set<BoundSocket>()

  readonly #server: Server
  readonly #backlog: number
  #handler: AcceptHandler | null = null
  #waiting: Socket[] = []

  private constructor(server: Server, backlog: number) {
    this.#server = server
    this.#backlog = backlog
    BoundSocket.#open.add(this)
    server.on('connection', (socket) => this.#connected(socket))
    // Without descriptors libuv closes connections as they come and says nothing, so this is rare.
    server.on('error', (error) => appLog.error('Error in accepting a connection', error))
  }

  /** Binds and listens. Rejects with the system's error. */
  static open(options: NetListenOptions & { backlog: number }): Promise<BoundSocket> {
    // A half-closed connection is still written to: its receiver decides what the end of the peer's side means.
    const server = createServer({ noDelay: true, allowHalfOpen: true })
    const { promise, resolve, reject } = Promise.withResolvers<BoundSocket>()
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve(new BoundSocket(server, options.backlog))
    })
    server.listen(options)
    return promise
  }

  /** Stops all listening of this process, as the end of it begins. */
  static closeAll(): void {
    for (const socket of BoundSocket.#open) socket.close()
  }

  /** Where it is bound, or `null` once closed. */
  address(): BoundAddress | null {
    const address = this.#server.address() as AddressInfo | string | null
    if (address === null) return null
    if (typeof address === 'string') return { address, port: 0, family: 'Unix' }
    return {
      address: address.address,
      port: address.port,
      family: address.family === 'IPv6' ? 'IPv6' : 'IPv4',
    }
  }

  /** Hands what waits, and all further connections, to `handler`; `null` lets them wait again. */
  setAcceptHandler(handler: AcceptHandler | null): void {
    this.#handler = handler
    if (handler === null) return
    for (const socket of this.#waiting.splice(0)) {
      socket.off('error', ignore)
      if (!socket.destroyed) handler(socket)
    }
  }

  /** Stops listening and closes what waits; accepted connections go on. Closing twice does nothing. */
  close(): void {
    BoundSocket.#open.delete(this)
    if (this.#server.listening) this.#server.close()
    for (const socket of this.#waiting.splice(0)) socket.destroy()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #connected(socket: Socket): void {
    if (this.#handler !== null) {
      this.#handler(socket)
      return
    }
    this.#waiting = this.#waiting.filter(({ destroyed }) => !destroyed)
    if (this.#waiting.length >= this.#backlog) socket.destroy()
    else this.#waiting.push(socket.on('error', ignore))
  }
}

const bindErrors: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'address not available on this machine',
  EACCES: 'permission denied',
  ENOTFOUND: 'no such host',
  EINVAL: 'invalid address',
  ENOTSUP: 'not supported on this system',
}

/** Tells in words why a place cannot be listened on; the system's error is the cause. */
export function toBindError(place: string, error: NodeJS.ErrnoException): Error {
  return new Error(`Cannot listen on ${place}: ${bindErrors[error.code ?? ''] ?? error.message}`, {
    cause: error,
  })
}

function ignore(): void {}
