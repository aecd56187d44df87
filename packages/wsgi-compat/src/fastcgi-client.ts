import type { Address } from '@tornado-ts/iostream'
import { appLog } from '@tornado-ts/log'
import { FastCGIConnectionError, NoWorkerError } from './errors.ts'
import { FastCGIConnection, type CloseReason, type FastCGIConnectionOwner } from './fastcgi-connection.ts'
import { FastCGIPool } from './fastcgi-pool.ts'
import type { FastCGIRequest } from './fastcgi-request.ts'
import type { Gateway, GatewayOptions, GatewayParams } from './gateway.ts'
import { ReusingStream } from './reusing-stream.ts'

/** Options of a {@link FastCGIClient}. */
export interface FastCGIClientOptions extends GatewayOptions {
  /**
   * Most connections at a time, so also the most requests that run at a time. With `keepAlive` it must not be above the
   * number of the server's processes: each of them serves one connection until that closes. @default 16
   */
  maxConnections?: number
  /** Whether connections stay open behind a request. @default false */
  keepAlive?: boolean
  /** How long an idle connection is kept. In ms. @default 10_000 */
  idleTimeoutMs?: number
  /** Longest time to connect. In ms. @default 10_000 */
  connectTimeoutMs?: number
  /** Variables such as `DOCUMENT_ROOT`, or a function that tells those of each request. @default none */
  params?: GatewayParams
}

/** Runs requests on a FastCGI server that somebody else has started. */
export class FastCGIClient implements Gateway, FastCGIConnectionOwner {
  readonly params: GatewayParams

  readonly #address: Address
  readonly #pool: FastCGIPool
  readonly #connections = new Set<FastCGIConnection>()
  readonly #idleTimers = new Map<FastCGIConnection, NodeJS.Timeout>()
  readonly #maxConnections: number
  readonly #keepAlive: boolean
  readonly #idleTimeoutMs: number
  readonly #connectTimeoutMs: number
  readonly #requestTimeoutMs: number
  #closed: PromiseWithResolvers<void> | null = null

  constructor(address: Address, options: FastCGIClientOptions = {}) {
    const {
      maxConnections = 16,
      keepAlive = false,
      idleTimeoutMs = 10_000,
      connectTimeoutMs = 10_000,
    } = options
    if (!(maxConnections >= 1)) throw new RangeError(`maxConnections must be at least 1: ${maxConnections}`)
    this.#address = address
    this.params = options.params ?? {}
    this.#maxConnections = maxConnections
    this.#keepAlive = keepAlive
    this.#idleTimeoutMs = idleTimeoutMs
    this.#connectTimeoutMs = connectTimeoutMs
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 60_000
    this.#pool = new FastCGIPool(options)
    this.#pool.onNoneIdle = (request) => this.#connect(request)
  }

  ready(): Promise<void> {
    return Promise.resolve()
  }

  submit(request: FastCGIRequest): void {
    this.#pool.submit(request)
  }

  close(): Promise<void> {
    this.#pool.refuse(new NoWorkerError('Container is closed'))
    this.#closed ??= Promise.withResolvers()
    for (let idle = this.#pool.takeIdle(); idle !== null; idle = this.#pool.takeIdle()) idle.close('released')
    this.#endIfDone()
    return this.#closed.promise
  }

  connectionIdle(connection: FastCGIConnection): void {
    if (this.#closed !== null) {
      connection.close('released')
      return
    }
    this.#pool.offer(connection)
    if (connection.isBusy) return
    const known = this.#idleTimers.get(connection)
    if (known !== undefined) {
      known.refresh()
      return
    }
    const timer = setTimeout(() => {
      if (!connection.isBusy) connection.close('released')
    }, this.#idleTimeoutMs)
    this.#idleTimers.set(connection, timer.unref())
  }

  connectionClosed(
    connection: FastCGIConnection,
    _reason: CloseReason,
    error: Error | null,
    request: FastCGIRequest | null,
  ): void {
    this.#forgetTimer(connection)
    this.#pool.remove(connection)
    this.#connections.delete(connection)
    if (request !== null && request.state !== 'over') {
      // The server may have closed a kept connection just before it was used again.
      if (connection.requestCount > 1 && request.isRepeatable && this.#closed === null) {
        request.again()
        this.#pool.submit(request)
      } else request.fail(toRequestError(error))
    } else if (error?.name === 'FastCGIProtocolError') {
      appLog.error(`Closed a connection to the FastCGI server: ${error.message}`)
    }
    const next = this.#closed === null ? this.#pool.takeWaiting() : null
    if (next !== null) this.#connect(next)
    this.#endIfDone()
  }

  /** A new connection for a request, unless there are enough. */
  #connect(request: FastCGIRequest): boolean {
    if (this.#connections.size >= this.#maxConnections) return false
    const stream = new ReusingStream()
    const connection = new FastCGIConnection(stream, this, {
      keepConnection: this.#keepAlive,
      requestTimeoutMs: this.#requestTimeoutMs,
    })
    this.#connections.add(connection)
    // What is sent meanwhile goes out once it is connected; a failure closes the stream.
    stream.connect(this.#address, { timeoutMs: this.#connectTimeoutMs }).catch(() => {})
    connection.begin(request)
    return true
  }

  #forgetTimer(connection: FastCGIConnection): void {
    clearTimeout(this.#idleTimers.get(connection))
    this.#idleTimers.delete(connection)
  }

  #endIfDone(): void {
    if (this.#closed !== null && this.#connections.size === 0) this.#closed.resolve()
  }
}

/** What a request fails with whose connection was closed by an error, or by the server. */
function toRequestError(error: Error | null): Error {
  if (error?.name === 'FastCGIProtocolError') return error
  const why = error === null ? 'it was closed before the response was complete' : error.message
  return new FastCGIConnectionError(`Connection to the FastCGI server broke: ${why}`, { cause: error })
}
