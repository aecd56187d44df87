import { inspectAsText } from '../inspect-as-text.ts'
import { type WaitOptions, Waiters } from './waiters.ts'

/**
 * Lets others wait until they are notified. A notification nobody waits for is lost; no lock goes with it.
 *
 * Tornado: locks.Condition.
 */
export class Condition {
  readonly #waiters = new Waiters<boolean>()

  /**
   * Resolves with true when notified, with false after `timeoutMs`. Rejects only when the signal is aborted.
   */
  wait(options?: WaitOptions): Promise<boolean> {
    return this.#waiters.wait(undefined, options, (waiter) => {
      waiter.wake(false)
    })
  }

  /** Wakes up to `n` waiters, those who came first. */
  notify(n = 1): void {
    for (let left = n; left > 0 && this.#waiters.wakeOne(true); left--);
  }

  /** Wakes everybody who waits now. */
  notifyAll(): void {
    this.#waiters.wakeAll(true)
  }

  static {
    inspectAsText(this)
  }

  toString(): string {
    return this.#waiters.size === 0 ? '<Condition>' : `<Condition waiters[${this.#waiters.size}]>`
  }
}
