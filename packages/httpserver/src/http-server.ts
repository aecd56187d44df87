import {
  DeadlineSweeper,
  HTTP1ServerConnection,
  resolveParameters,
  shortestTimeout,
  type HTTP1ConnectionParameters,
  type ResolvedParameters,
} from '@tornado-ts/http1'
import type {
  ConnectionContext,
  HTTPConnection,
  HTTPMessageDelegate,
  HTTPServerConnectionDelegate,
} from '@tornado-ts/httputil'
import { SSLIOStream, type IOStream } from '@tornado-ts/iostream'
import { TCPServer, type PeerAddress, type TCPServerOptions } from '@tornado-ts/iostream/tcp'
import type { Socket } from 'node:net'
import { toContextReader, type ContextReader, type ProxyHeaderOptions } from './client-context.ts'
import { peerCertificate, plainAddress } from './peer.ts'
import { ProxyDelegate, type ReassignableConnection } from './proxy-delegate.ts'
import { startRequestOf, type RequestTarget } from './request-target.ts'

/** Limits and time-outs of an {@link HTTPServer}, and what it believes of proxies. */
export interface HTTPServerOptions extends HTTP1ConnectionParameters, TCPServerOptions, ProxyHeaderOptions {
  /** What `request.protocol` says, whatever the connection is. @default 'https' over TLS, else 'http' */
  protocol?: 'http' | 'https'
}

/** How long an {@link HTTPServer} takes its leave. */
export interface CloseOptions {
  /** Longest time for requests under way; what is left then is closed at once. @default 10_000 */
  graceMs?: number
  /**
   * How long a connection without a request stays open for one more, which its client may be sending already; the answer
   * says that it is the last. @default 1_000
   */
  idleGraceMs?: number
}

/**
 * An HTTP/1.1 server.
 *
 * It serves a delegate, such as an `Application` or a router, or a plain function that is called with each complete
 * request. Tornado: httpserver.HTTPServer.
 */
export class HTTPServer extends TCPServer implements HTTPServerConnectionDelegate {
  readonly #target: RequestTarget
  readonly #params: ResolvedParameters
  readonly #sweeper: DeadlineSweeper
  readonly #protocol: 'http' | 'https' | undefined
  readonly #readContext: ContextReader | null
  readonly #connections = new Set<HTTP1ServerConnection>()
  /** Sockets that go on with another protocol. */
  readonly #detached = new Set<Socket>()
  readonly #forgetDetached: (this: Socket) => void
  readonly #closing = new AbortController()
  #idleGraceOver = false
  #closed = false
  #emptied: PromiseWithResolvers<void> | null = null

  /**
   * @throws {RangeError} When a limit is not above zero, or an address list holds something else.
   * @throws {TypeError} When options contradict each other.
   */
  constructor(target: RequestTarget, options: HTTPServerOptions = {}) {
    super(options)
    const { protocol } = options
    if (protocol !== undefined && protocol !== 'http' && protocol !== 'https') {
      throw new TypeError(`protocol must be 'http' or 'https': ${String(protocol)}`)
    }
    this.#target = target
    this.#params = resolveParameters(options)
    this.#protocol = protocol
    this.#readContext = toContextReader(options)
    this.#sweeper = new DeadlineSweeper(shortestTimeout(this.#params))
    const detached = this.#detached
    const lookIfEmpty = (): void => this.#lookIfEmpty()
    this.#forgetDetached = function (this: Socket): void {
      detached.delete(this)
      lookIfEmpty()
    }
  }

  /** How many connections are open and speak HTTP. */
  get connectionCount(): number {
    return this.#connections.size
  }

  /**
   * Fires when {@link close} has stopped accepting: what would go on by itself, such as a stream of events, a long poll or a WebSocket,
   * should end then.
   */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  override handleStream(stream: IOStream, address: PeerAddress): void {
    if (this.#closed) {
      stream.close()
      return
    }
    const connection = new HTTP1ServerConnection(stream, {
      params: this.#params,
      sweeper: this.#sweeper,
      context: toContext(stream, address, this.#protocol, this.#closing.signal),
    })
    this.#connections.add(connection)
    connection.startServing(this)
    // Accepted before the server began to close, but ready only now, such as after a handshake of TLS.
    if (this.#idleGraceOver) void connection.closeGracefully()
    else if (this.#closing.signal.aborted) connection.announceClose()
  }

  startRequest(serverConnection: object, requestConnection: HTTPConnection): HTTPMessageDelegate {
    const delegate = startRequestOf(this.#target, serverConnection, requestConnection)
    if (this.#readContext === null) return delegate
    return new ProxyDelegate(delegate, requestConnection as ReassignableConnection, this.#readContext)
  }

  onClose(serverConnection: object): void {
    const connection = serverConnection as HTTP1ServerConnection
    this.#connections.delete(connection)
    if (!connection.stream.closed()) {
      const { socket } = connection.stream as IOStream
      this.#detached.add(socket)
      socket.on('close', this.#forgetDetached)
    }
    this.#lookIfEmpty()
    if (typeof this.#target !== 'function') this.#target.onClose?.(serverConnection)
  }

  /**
   * Closes every HTTP connection at once and resolves when they are closed. It does not stop accepting, and leaves those
   * alone that were detached, such as WebSockets.
   */
  async closeAllConnections(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.close()))
  }

  /**
   * Stops accepting, lets requests under way be answered, with `Connection: close`, and resolves when every connection
   * is closed, detached ones too. What is left after `graceMs` is closed at once.
   */
  async close({ graceMs = 10_000, idleGraceMs = 1_000 }: CloseOptions = {}): Promise<void> {
    await this.stopAfterAccepting({ limitMs: graceMs / 2 })
    this.#closing.abort(new Error('Server is closing'))
    for (const connection of this.#connections) connection.announceClose()
    // After a look at the sockets: when the loop was late, requests may be waiting there.
    const closeIdle = (): void => void setImmediate(() => this.#closeIdle())
    const idleTimer = setTimeout(closeIdle, Math.min(idleGraceMs, graceMs))
    const { promise: graceOver, resolve: endGrace } = Promise.withResolvers<void>()
    const timer = setTimeout(endGrace, graceMs)
    const everyoneGone = this.whenPrepared().then(() => this.#whenEmpty())
    await Promise.race([graceOver, everyoneGone])
    clearTimeout(idleTimer)
    clearTimeout(timer)
    this.#closed = true
    await this.#closeAtOnce()
  }

  /**
   * Closes the server gracefully on the first of these signals and resolves when it is closed. A second signal ends the
   * program at once, as it would without this.
   *
   * @param options.signals @default SIGINT and SIGTERM
   */
  async stopOnSignals({
    signals = ['SIGINT', 'SIGTERM'],
    ...closeOptions
  }: { signals?: readonly NodeJS.Signals[] } & CloseOptions = {}): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = (): void => {
        for (const signal of signals) process.off(signal, stop)
        resolve()
      }
      for (const signal of signals) process.on(signal, stop)
    })
    await this.close(closeOptions)
  }

  /**
   * The URL of the first address, once it is bound; a server on all addresses is called `localhost`, one on a Unix socket
   * `http+unix://` and the path, percent-encoded. A bind error ends the program.
   */
  async url(): Promise<string> {
    const { address, port, family } = await this.whenBound()
    const scheme = this.sslContext === null ? 'http' : 'https'
    if (family === 'Unix') return `${scheme}+unix://${encodeURIComponent(address)}`
    const everywhere = address === '::' || address === '0.0.0.0'
    const host = everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
    return `${scheme}://${host}:${port}`
  }

  /** Stops accepting and closes everything at once. */
  override async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('Server is closing'))
    this.#closed = true
    this.stop()
    await this.#closeAtOnce()
  }

  #closeIdle(): void {
    this.#idleGraceOver = true
    for (const connection of this.#connections) void connection.closeGracefully()
  }

  async #closeAtOnce(): Promise<void> {
    for (const socket of this.#detached) socket.destroy()
    await this.closeAllConnections()
    await this.#whenEmpty()
  }

  #whenEmpty(): Promise<void> {
    this.#emptied ??= Promise.withResolvers()
    const { promise } = this.#emptied
    this.#lookIfEmpty()
    return promise
  }

  #lookIfEmpty(): void {
    if (this.#emptied === null || this.#connections.size > 0 || this.#detached.size > 0) return
    this.#emptied.resolve()
    this.#emptied = null
  }
}

function toContext(
  stream: IOStream,
  { address }: PeerAddress,
  protocol: 'http' | 'https' | undefined,
  closing: AbortSignal,
): ConnectionContext {
  const remoteIp = plainAddress(address)
  if (!(stream instanceof SSLIOStream)) return { remoteIp, protocol: protocol ?? 'http', closing }
  const getSslCertificate = (): ReturnType<typeof peerCertificate> => peerCertificate(stream.socket)
  return { remoteIp, protocol: protocol ?? 'https', getSslCertificate, closing }
}
