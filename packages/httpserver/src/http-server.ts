import {
  DeadlineSweeper,
  HTTP1ServerConnection,
  resolveParameters,
  type HTTP1ConnectionParameters,
  type ResolvedParameters,
} from '@tornado-ts/http1'
import type {
  ConnectionContext,
  HTTPConnection,
  HTTPMessageDelegate,
  HTTPServerConnectionDelegate,
  HTTPServerRequest,
} from '@tornado-ts/httputil'
import type { IOStream } from '@tornado-ts/iostream'
import { TCPServer, type PeerAddress, type TCPServerOptions } from '@tornado-ts/iostream/tcp'
import { CallbackDelegate } from './callback-delegate.ts'

/** Limits and time-outs of an {@link HTTPServer}. */
export interface HTTPServerOptions extends HTTP1ConnectionParameters, TCPServerOptions {
  /** What `request.protocol` says, whatever the connection is. @default 'https' over TLS, else 'http' */
  protocol?: 'http' | 'https'
}

/** Answers a request whose body is complete, through `request.connection`. */
export type RequestCallback = (request: HTTPServerRequest) => void

/**
 * An HTTP/1.1 server.
 *
 * It serves a delegate, such as an `Application` or a router, or a plain function that is called with each complete
 * request. Tornado: httpserver.HTTPServer.
 */
export class HTTPServer extends TCPServer implements HTTPServerConnectionDelegate {
  readonly #delegate: HTTPServerConnectionDelegate | RequestCallback
  readonly #params: ResolvedParameters
  readonly #sweeper: DeadlineSweeper
  readonly #protocol: 'http' | 'https' | undefined
  readonly #connections = new Set<HTTP1ServerConnection>()

  /** @throws {RangeError} When a limit is not above zero. */
  constructor(delegate: HTTPServerConnectionDelegate | RequestCallback, options: HTTPServerOptions = {}) {
    super(options)
    this.#delegate = delegate
    this.#params = resolveParameters(options)
    this.#protocol = options.protocol
    const { headerTimeoutMs, idleConnectionTimeoutMs, bodyTimeoutMs } = this.#params
    this.#sweeper = new DeadlineSweeper(Math.min(headerTimeoutMs, idleConnectionTimeoutMs, bodyTimeoutMs))
  }

  /** How many connections are open. */
  get connectionCount(): number {
    return this.#connections.size
  }

  override handleStream(stream: IOStream, address: PeerAddress): void {
    const connection = new HTTP1ServerConnection(stream, {
      params: this.#params,
      sweeper: this.#sweeper,
      context: toContext(address, this.#protocol),
    })
    this.#connections.add(connection)
    connection.startServing(this)
  }

  startRequest(serverConnection: object, requestConnection: HTTPConnection): HTTPMessageDelegate {
    if (typeof this.#delegate === 'function') {
      return new CallbackDelegate(this.#delegate, serverConnection, requestConnection)
    }
    return this.#delegate.startRequest(serverConnection, requestConnection)
  }

  onClose(serverConnection: object): void {
    this.#connections.delete(serverConnection as HTTP1ServerConnection)
    if (typeof this.#delegate !== 'function') this.#delegate.onClose?.(serverConnection)
  }

  /** Closes every connection at once and resolves when they are closed; does not stop accepting. */
  async closeAllConnections(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.close()))
  }

  /**
   * Stops accepting, lets requests under way be answered, and resolves when every connection is closed. What is left
   * after `graceMs` is closed at once. @param options.graceMs @default 10_000
   */
  async close({ graceMs = 10_000 }: { graceMs?: number } = {}): Promise<void> {
    this.stop()
    const { promise: graceOver, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, graceMs)
    await Promise.race([
      graceOver,
      Promise.all([...this.#connections].map((connection) => connection.closeGracefully())),
    ])
    clearTimeout(timer)
    await this.closeAllConnections()
  }

  /**
   * Closes the server gracefully on the first of these signals and resolves when it is closed. A second signal ends the
   * program at once, as it would without this.
   *
   * @param options.signals @default SIGINT and SIGTERM
   * @param options.graceMs Longest time for requests under way. @default 10_000
   */
  async stopOnSignals({
    signals = ['SIGINT', 'SIGTERM'],
    graceMs,
  }: { signals?: readonly NodeJS.Signals[]; graceMs?: number } = {}): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = (): void => {
        for (const signal of signals) process.off(signal, stop)
        resolve()
      }
      for (const signal of signals) process.on(signal, stop)
    })
    await this.close(graceMs === undefined ? {} : { graceMs })
  }

  /** The URL of the first address, once it is bound; a server on all addresses is called `localhost`. A bind error ends the program. */
  async url(): Promise<string> {
    const { address, port, family } = await this.whenBound()
    const everywhere = address === '::' || address === '0.0.0.0'
    const host = everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
    return `${this.#protocol ?? 'http'}://${host}:${port}`
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
    await this.closeAllConnections()
  }
}

function toContext({ address }: PeerAddress, protocol: 'http' | 'https' = 'http'): ConnectionContext {
  return {
    // A socket that takes both families shows IPv4 peers as mapped into IPv6.
    remoteIp: address === '' ? '0.0.0.0' : address.startsWith('::ffff:') ? address.slice(7) : address,
    protocol,
  }
}
