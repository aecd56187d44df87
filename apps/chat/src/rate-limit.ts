/** How much of something one may do. */
export interface RateLimitOptions {
  /** How often on average, per second. */
  readonly perSecond: number
  /** How often at once, after a rest. */
  readonly burst: number
}

/** Holds each of many to a rate (a token bucket for each key). Those who are at rest take no memory. */
export class RateLimit {
  readonly #perMs: number
  readonly #burst: number
  /** When the bucket of a key will be full again, in milliseconds. */
  readonly #fullAt = new Map<string, number>()

  constructor({ perSecond, burst }: RateLimitOptions) {
    this.#perMs = perSecond / 1000
    this.#burst = burst
  }

  /** How many are not at rest. */
  get size(): number {
    return this.#fullAt.size
  }

  /** Counts one more: 0 if that is within the rate, else how many milliseconds to wait, and nothing is counted. */
  take(key: string, nowMs: number = Date.now()): number {
    const fullAt = Math.max(this.#fullAt.get(key) ?? 0, nowMs) + 1 / this.#perMs
    const waitMs = fullAt - nowMs - this.#burst / this.#perMs
    // Time is no whole number of tokens: a rounding error is no offence.
    if (waitMs > 1e-6) return Math.ceil(waitMs)
    this.#fullAt.set(key, fullAt)
    return 0
  }

  /** Forgets those who are at rest again. */
  sweep(nowMs: number = Date.now()): void {
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= nowMs) this.#fullAt.delete(key)
  }
}
