/** Something that must be over by a point in time. */
export interface Expiring {
  /** In milliseconds on the sweeper's clock; `Infinity` when there is nothing to be over. */
  deadlineMs: number
  /** The deadline has passed. Called at each sweep until the deadline moves or the owner is removed. */
  expire(): void
}

/**
 * Watches the deadlines of many connections with one timer.
 *
 * A connection's deadline moves with each request. Moving one here is an addition and a store; a timer of its own would
 * cost more than the parsing of a small request. The price is precision: a deadline passes up to two periods late.
 */
export class DeadlineSweeper {
  readonly #periodMs: number
  readonly #watched = new Set<Expiring>()
  #timer: NodeJS.Timeout | null = null
  /** The time that the loop has run: while it stands still, no peer can keep a deadline. */
  #nowMs = 0
  #sweptMs = 0

  /** @param shortestTimeoutMs The period is a fraction of it, and at most a second. */
  constructor(shortestTimeoutMs: number) {
    this.#periodMs = Math.min(1000, Math.max(5, shortestTimeoutMs / 4))
  }

  /** A deadline at least `timeoutMs` from now. */
  deadlineAfter(timeoutMs: number): number {
    return this.#nowMs + this.#periodMs + timeoutMs
  }

  add(expiring: Expiring): void {
    this.#watched.add(expiring)
    if (this.#timer !== null) return
    this.#sweptMs = performance.now()
    this.#timer = setInterval(() => this.#sweep(), this.#periodMs)
    this.#timer.unref()
  }

  remove(expiring: Expiring): void {
    this.#watched.delete(expiring)
    if (this.#watched.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #sweep(): void {
    const sweptMs = performance.now()
    this.#nowMs += Math.min(sweptMs - this.#sweptMs, 2 * this.#periodMs)
    this.#sweptMs = sweptMs
    for (const expiring of this.#watched) if (expiring.deadlineMs <= this.#nowMs) expiring.expire()
  }
}
