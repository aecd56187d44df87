import { inspectAsText } from '../inspect-as-text.ts'
import { isAborted, type WaitOptions, Waiters } from './waiters.ts'

/**
 * A flag to wait for.
 *
 * Tornado: locks.Event.
 */
export class Event {
  readonly #waiters = new Waiters<void>()
  #set = false

  isSet(): boolean {
    return this.#set
  }

  /** Sets the flag and wakes all who wait, even if it is cleared again before they go on. */
  set(): void {
    this.#set = true
    this.#waiters.wakeAll()
  }

  /** Clears the flag: who waits from now on waits for the next `set()`. */
  clear(): void {
    this.#set = false
  }

  /**
   * Resolves when the flag is set, at once if it is.
   *
   * @throws {TimeoutError} After `timeoutMs`.
   */
  wait(options?: WaitOptions): Promise<void> {
    return this.#set && !isAborted(options) ? Promise.resolve() : this.#waiters.wait(undefined, options)
  }

  static {
    inspectAsText(this)
  }

  toString(): string {
    return `<Event ${this.#set ? 'set' : 'clear'}>`
  }
}
