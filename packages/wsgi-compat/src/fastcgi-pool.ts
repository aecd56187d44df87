import { NoWorkerError } from './errors.ts'
import type { FastCGIConnection } from './fastcgi-connection.ts'
import type { FastCGIRequest } from './fastcgi-request.ts'

/** Limits of the requests that wait for a connection. */
export interface QueueOptions {
  /** Longest time a request waits for a free worker; then it is answered 503. In ms. @default 30_000 */
  queueTimeoutMs?: number
  /** Most requests that wait; further ones are answered 503 at once. @default 1_000 */
  maxQueueSize?: number
}

/** Brings requests and idle connections together, in the order the requests came. */
export class FastCGIPool {
  readonly #queueTimeoutMs: number
  readonly #maxQueueSize: number
  readonly #idle: FastCGIConnection[] = []
  readonly #waiting = new Set<FastCGIRequest>()
  /** Connections that run a request and may be sent another one ahead. */
  readonly #roomy = new Set<FastCGIConnection>()
  #refusal: Error | null = null
  #sweepTimer: NodeJS.Timeout | null = null

  /** Whether requests may be sent to connections that still run another. */
  sendsAhead = false
  /** Called with a request when no connection is idle; answers whether it has taken it. */
  onNoneIdle: ((request: FastCGIRequest) => boolean) | null = null

  constructor({ queueTimeoutMs = 30_000, maxQueueSize = 1_000 }: QueueOptions) {
    this.#queueTimeoutMs = queueTimeoutMs
    this.#maxQueueSize = maxQueueSize
  }

  /** Requests that wait for a connection. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Runs a request as soon as there is a connection for it. */
  submit(request: FastCGIRequest): void {
    if (this.#refusal !== null) request.fail(this.#refusal)
    else {
      const connection = this.#idle.pop()
      if (connection !== undefined) this.#begin(connection, request)
      else if (this.onNoneIdle?.(request) !== true && !this.#sendAhead(request)) this.#queue(request)
    }
  }

  /** Runs a request before those that wait: it was here already. */
  resubmit(request: FastCGIRequest): void {
    const connection = this.#refusal === null ? this.#idle.pop() : undefined
    if (this.#refusal !== null) request.fail(this.#refusal)
    else if (connection !== undefined) this.#begin(connection, request)
    else {
      const others = [...this.#waiting]
      this.#waiting.clear()
      this.#enqueue(request)
      for (const other of others) this.#waiting.add(other)
    }
  }

  /** Takes a connection that runs a request and could be sent another one ahead. */
  offerRoom(connection: FastCGIConnection): void {
    if (!connection.hasRoom) return
    const [next] = this.#waiting
    if (next === undefined) this.#roomy.add(connection)
    else if (next.isRepeatable) {
      this.#forget(next)
      connection.beginAhead(next)
    }
  }

  /** Takes a connection that can run a request. */
  offer(connection: FastCGIConnection): void {
    const request = this.takeWaiting()
    if (request === null) this.#idle.push(connection)
    else this.#begin(connection, request)
  }

  /** The request that has waited longest, out of the queue. */
  takeWaiting(): FastCGIRequest | null {
    for (const request of this.#waiting) {
      this.#forget(request)
      return request
    }
    return null
  }

  /** Gives an idle connection up. */
  remove(connection: FastCGIConnection): void {
    this.#roomy.delete(connection)
    const index = this.#idle.indexOf(connection)
    if (index !== -1) this.#idle.splice(index, 1)
  }

  /** The connection that has been idle longest, out of the pool. */
  takeIdle(): FastCGIConnection | null {
    return this.#idle.shift() ?? null
  }

  /** Fails what waits and whatever comes, until it is told `null`. */
  refuse(error: Error | null): void {
    this.#refusal = error
    if (error === null) return
    if (this.#sweepTimer !== null) clearTimeout(this.#sweepTimer)
    this.#sweepTimer = null
    for (const request of this.#waiting) {
      this.#forget(request)
      request.fail(error)
    }
  }

  #queue(request: FastCGIRequest): void {
    if (this.#waiting.size >= this.#maxQueueSize) {
      request.fail(new NoWorkerError(`${this.#maxQueueSize} requests wait for a worker already`))
      return
    }
    this.#enqueue(request)
  }

  #begin(connection: FastCGIConnection, request: FastCGIRequest): void {
    this.#roomy.delete(connection)
    connection.begin(request)
    if (this.sendsAhead) this.offerRoom(connection)
  }

  #sendAhead(request: FastCGIRequest): boolean {
    if (this.#waiting.size > 0 || !request.isRepeatable) return false
    for (const connection of this.#roomy) {
      this.#roomy.delete(connection)
      if (!connection.hasRoom) continue
      connection.beginAhead(request)
      return true
    }
    return false
  }

  #enqueue(request: FastCGIRequest): void {
    this.#waiting.add(request)
    request.onCancel = this.#onCancel
    request.waitsSinceMs = performance.now()
    this.#sweepTimer ??= setTimeout(this.#sweep, this.#queueTimeoutMs).unref()
  }

  /** Fails those that have waited too long; one timer serves all, which wait in the order they came. */
  readonly #sweep = (): void => {
    this.#sweepTimer = null
    const nowMs = performance.now()
    for (const request of this.#waiting) {
      // A timer may be early by the part of a millisecond.
      const leftMs = request.waitsSinceMs + this.#queueTimeoutMs - nowMs
      if (leftMs >= 1) {
        this.#sweepTimer = setTimeout(this.#sweep, leftMs).unref()
        return
      }
      this.#forget(request)
      request.fail(new NoWorkerError(`No worker was free within ${this.#queueTimeoutMs} ms`))
    }
  }

  readonly #onCancel = (request: FastCGIRequest): void => this.#forget(request)

  #forget(request: FastCGIRequest): void {
    this.#waiting.delete(request)
    request.onCancel = null
  }
}
