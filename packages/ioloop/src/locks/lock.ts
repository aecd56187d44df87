import { inspectAsText } from '../inspect-as-text.ts'
import { BoundedSemaphore, type Releaser } from './semaphore.ts'
import type { WaitOptions } from './waiters.ts'

/**
 * Admits one holder at a time; the others wait in the order they came. A holder who acquires it again waits for itself.
 *
 * @example
 * using held = await lock.acquire()
 *
 * Tornado: locks.Lock.
 */
export class Lock {
  readonly #block = new BoundedSemaphore(1)

  /**
   * Takes the lock, waiting for it if need be. Give it back by disposing the result, or by `release()`, not both.
   *
   * @throws {TimeoutError} After `timeoutMs`.
   */
  acquire(options?: WaitOptions): Promise<Releaser> {
    return this.#block.acquire(options)
  }

  /**
   * Gives the lock back: the first who waits has it at once.
   *
   * @throws {RangeError} When nobody holds it.
   */
  release(): void {
    try {
      this.#block.release()
    } catch (cause) {
      throw new RangeError('release unlocked lock', { cause })
    }
  }

  static {
    inspectAsText(this)
  }

  toString(): string {
    return `<Lock _block=${String(this.#block)}>`
  }
}
