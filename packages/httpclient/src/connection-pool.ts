import type { HTTP1ClientConnection } from '@tornado-ts/http1'
import type { IOStream } from '@tornado-ts/iostream'
import { TaskFifo, type Queued } from './task-fifo.ts'

/** A connection and how it has been used. */
export class PooledConnection {
  readonly http1: HTTP1ClientConnection
  readonly stream: IOStream
  /** Exchanges so far. */
  uses = 0
  idleSinceMs = 0
  expiresAtMs = 0
  /** Whether its socket keeps the program alive. */
  isReferenced = true

  constructor(http1: HTTP1ClientConnection, stream: IOStream) {
    this.http1 = http1
    this.stream = stream
  }

  reference(): void {
    if (this.isReferenced) return
    this.isReferenced = true
    this.stream.socket.ref()
  }

  unreference(): void {
    if (!this.isReferenced) return
    this.isReferenced = false
    this.stream.socket.unref()
  }

  close(): void {
    this.stream.close()
  }
}

/** All connections that may stand in for each other: same origin, same TLS options, same proxy, same local address. */
export class Lane {
  readonly key: string
  /** The one used last is last, and used first: so that the others can expire. */
  readonly idle: PooledConnection[] = []
  /** Connections in use, or being made. */
  active = 0
  /** Tasks that have one, or wait for one. */
  claims = 0
  /** Those that wait for this lane alone: the client has room. */
  readonly blocked: TaskFifo<Queued> = new TaskFifo()

  constructor(key: string) {
    this.key = key
  }
}

/** Limits of a {@link ConnectionPool}. */
export interface ConnectionPoolOptions {
  readonly maxIdleConnections: number
  readonly keepAliveTimeoutMs: number
}

/** Keeps connections between requests, as long as it is sensible to use them again. */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions
  readonly #lanes = new Map<string, Lane>()
  #idleCount = 0
  #timer: NodeJS.Timeout | null = null

  constructor(options: ConnectionPoolOptions) {
    this.#options = options
  }

  get idleCount(): number {
    return this.#idleCount
  }

  lane(key: string): Lane {
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      lane = new Lane(key)
      this.#lanes.set(key, lane)
      this.#watch()
    }
    return lane
  }

  /** A connection that was kept and still seems to live, or `null`. */
  take(lane: Lane, nowMs: number): PooledConnection | null {
    for (;;) {
      const connection = lane.idle.pop()
      if (connection === undefined) return null
      this.#idleCount--
      if (connection.http1.reusable && nowMs < connection.expiresAtMs) {
        connection.reference()
        return connection
      }
      connection.close()
    }
  }

  /** Keeps a connection for `hintMs` at most, if the server has said so. */
  keep(lane: Lane, connection: PooledConnection, nowMs: number, hintMs: number | null): void {
    const keepAliveMs = Math.min(this.#options.keepAliveTimeoutMs, hintMs ?? Infinity)
    if (keepAliveMs <= 0 || this.#options.maxIdleConnections === 0) {
      connection.close()
      return
    }
    connection.idleSinceMs = nowMs
    connection.expiresAtMs = nowMs + keepAliveMs
    lane.idle.push(connection)
    if (++this.#idleCount > this.#options.maxIdleConnections) this.#closeOldest()
    if (this.#timer === null) this.#watch()
  }

  /** Closes all that are kept. */
  close(): void {
    for (const lane of this.#lanes.values()) for (const connection of lane.idle.splice(0)) connection.close()
    this.#lanes.clear()
    this.#idleCount = 0
    clearInterval(this.#timer ?? undefined)
    this.#timer = null
  }

  #closeOldest(): void {
    let oldest: Lane | null = null
    for (const lane of this.#lanes.values()) {
      const first = lane.idle[0]
      if (first !== undefined && (oldest === null || first.idleSinceMs < oldest.idle[0]!.idleSinceMs))
        oldest = lane
    }
    oldest!.idle.shift()!.close()
    this.#idleCount--
  }

  #watch(): void {
    if (this.#timer !== null) return
    this.#timer = setInterval(() => this.#sweep(), sweepPeriodMs)
    this.#timer.unref()
  }

  /** Looked at from time to time, not with each request: idle connections come and go far too often for that. */
  #sweep(): void {
    const nowMs = performance.now()
    for (const [key, lane] of this.#lanes) {
      const { idle } = lane
      let kept = 0
      for (const connection of idle) {
        if (!connection.http1.reusable || nowMs >= connection.expiresAtMs) connection.close()
        else {
          if (nowMs - connection.idleSinceMs >= sweepPeriodMs) connection.unreference()
          idle[kept++] = connection
        }
      }
      this.#idleCount -= idle.length - kept
      idle.length = kept
      if (kept === 0 && lane.claims === 0) this.#lanes.delete(key)
    }
    if (this.#lanes.size > 0) return
    clearInterval(this.#timer!)
    this.#timer = null
  }
}

const sweepPeriodMs = 100
