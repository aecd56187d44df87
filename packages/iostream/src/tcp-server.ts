import { appLog } from '@tornado-ts/log'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

import { IOStream } from './io-stream.ts'
import type { StreamOptions } from './stream-options.ts'

/** Options of a {@link TCPServer}. */
export interface TCPServerOptions extends StreamOptions {
  /** Most connections open at once; further ones are closed on accept. @default Infinity */
  maxConnections?: number
}

/** Options of {@link TCPServer.listen}. */
export interface ListenOptions {
  /** Address or host name to listen on. @default all addresses, IPv6 and IPv4 */
  address?: string
  /** Connections the operating system keeps waiting for accept. @default 511 */
  backlog?: number
  /** Lets several processes listen on one port, where the system can. @default false */
  reusePort?: boolean
}

/** Where a server listens. */
export interface BoundAddress {
  readonly address: string
  readonly port: number
  readonly family: 'IPv4' | 'IPv6'
}

/** Who is at the other end of an accepted stream. */
export interface PeerAddress {
  readonly address: string
  readonly port: number
}

/**
 * Accepts connections and hands each to {@link handleStream} as an {@link IOStream}. Override that method.
 *
 * Tornado: tcpserver.TCPServer.
 */
export class TCPServer implements AsyncDisposable {
  readonly #streamOptions: StreamOptions
  readonly #maxConnections: number
  readonly #servers: Listener[] = []
  #boundObserved = false
  #bound: Promise<BoundAddress> | null = null

  constructor({ maxConnections = Infinity, ...streamOptions }: TCPServerOptions = {}) {
    this.#maxConnections = maxConnections
    this.#streamOptions = streamOptions
  }

  /**
   * Starts to listen on `port` (0: an unused one) and returns at once; may be called several times.
   *
   * {@link bound} tells when and where, or why not. When the address cannot be had and nobody has looked at `bound`, the
   * program ends with one line on stderr and status 1.
   *
   * @throws {RangeError} When the port is not an integer from 0 to 65535.
   */
  listen(port: number, { address, backlog = 511, reusePort = false }: ListenOptions = {}): void {
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new RangeError(`Cannot listen on port ${port}: expected an integer from 0 to 65535`)
    }
    // A half-closed connection is still written to: its receiver decides what the end of the peer's side means.
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#accept(socket))
    if (this.#maxConnections !== Infinity) server.maxConnections = this.#maxConnections
    const { promise, resolve, reject } = Promise.withResolvers<BoundAddress>()
    promise.catch(() => {})
    this.#servers.push({ server, bound: promise })
    this.#bound = null
    server.once('listening', () => {
      server.off('error', failed)
      server.on('error', (error) => appLog.error('Error in accepting a connection', error))
      resolve(toBoundAddress(server.address() as AddressInfo))
    })
    const failed = (error: NodeJS.ErrnoException): void => {
      const place = address === undefined ? `port ${port}` : `${address}:${port}`
      const reason = bindErrors[error.code ?? ''] ?? error.message
      reject(new Error(`Cannot listen on ${place}: ${reason}`, { cause: error }))
      if (!this.#boundObserved) endProgram(`Cannot listen on ${place}: ${reason}`)
    }
    server.once('error', failed)
    server.listen({ port, backlog, reusePort, ...(address === undefined ? {} : { host: address }) })
  }

  /**
   * Resolves with the first address once everything asked of {@link listen} so far is bound; rejects with the reason
   * when one cannot be. Reading it makes the reader answerable for a bind error.
   */
  get bound(): Promise<BoundAddress> {
    this.#boundObserved = true
    return this.whenBound()
  }

  /** As {@link bound}, for subclasses: does not make the caller answerable, so a bind error still ends the program. */
  protected whenBound(): Promise<BoundAddress> {
    if (this.#servers.length === 0) return Promise.reject(new Error('Cannot be bound before listen'))
    this.#bound ??= Promise.all(this.#servers.map(({ bound }) => bound)).then(([first]) => first!)
    return this.#bound
  }

  /** Every address that is bound now. */
  addresses(): BoundAddress[] {
    return this.#servers.flatMap(({ server }) =>
      server.listening ? [toBoundAddress(server.address() as AddressInfo)] : [],
    )
  }

  /**
   * Called for each accepted connection; must be overridden. An error it throws or rejects with is logged to `appLog`
   * and closes the stream; the server goes on.
   */
  handleStream(_stream: IOStream, _address: PeerAddress): void | Promise<void> {
    throw new Error('handleStream must be overridden')
  }

  /** Stops accepting; open connections go on. Stopping twice does nothing. */
  stop(): void {
    for (const { server } of this.#servers.splice(0)) server.close()
    this.#bound = null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
  }

  #accept(socket: Socket): void {
    const stream = new IOStream(socket, this.#streamOptions)
    try {
      const handled = this.handleStream(stream, {
        address: socket.remoteAddress ?? '',
        port: socket.remotePort ?? 0,
      })
      handled?.catch((error: unknown) => this.#handlingFailed(stream, error))
    } catch (error) {
      this.#handlingFailed(stream, error)
    }
  }

  #handlingFailed(stream: IOStream, error: unknown): void {
    appLog.error('Error in connection callback', error)
    stream.close(error instanceof Error ? error : null)
  }
}

interface Listener {
  readonly server: Server
  readonly bound: Promise<BoundAddress>
}

const bindErrors: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'address not available on this machine',
  EACCES: 'permission denied',
  ENOTFOUND: 'no such host',
  EINVAL: 'invalid address',
}

function toBoundAddress({ address, port, family }: AddressInfo): BoundAddress {
  return { address, port, family: family === 'IPv6' ? 'IPv6' : 'IPv4' }
}

function endProgram(reason: string): void {
  process.stderr.write(`${reason}\n`)
  process.exit(1)
}
