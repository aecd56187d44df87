import { inspectAsText } from '../inspect-as-text.ts'
import { isAborted, type WaitOptions, Waiters } from './waiters.ts'

/** A place that was acquired. Releasing, or disposing with `using` or `await using`, gives it back once; again does nothing. */
export class Releaser implements Disposable, AsyncDisposable {
  #semaphore: { release(): void } | null

  constructor(semaphore: { release(): void }) {
    this.#semaphore = semaphore
  }

  release(): void {
    const semaphore = this.#semaphore
    this.#semaphore = null
    semaphore?.release()
  }

  [Symbol.dispose](): void {
    this.release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.release()
    return Promise.resolve()
  }
}

/**
 * Admits a number of holders at a time; the others wait in the order they came.
 *
 * @example
 * using place = await semaphore.acquire()
 *
 * Tornado: locks.Semaphore.
 */
export class Semaphore {
  readonly #waiters = new Waiters<Releaser>()
  #value: number

  /**
   * @param value How many may hold it at a time.
   * @throws {RangeError} When it is negative or no number.
   */
  constructor(value = 1) {
    if (!(value >= 0)) throw new RangeError(`Cannot make a semaphore of ${value} places`)
    this.#value = value
  }

  /** Places that are free now. */
  protected get free(): number {
    return this.#value
  }

  /**
   * Takes a place, waiting for one if need be. Give it back by disposing the result, or by `release()`, not both.
   *
   * @throws {TimeoutError} After `timeoutMs`.
   */
  acquire(options?: WaitOptions): Promise<Releaser> {
    if (this.#value > 0 && !isAborted(options)) {
      this.#value -= 1
      return Promise.resolve(new Releaser(this))
    }
    return this.#waiters.wait(undefined, options)
  }

  /** Gives a place back: the first who waits has it at once. */
  release(): void {
    const { first } = this.#waiters
    if (first === null) this.#value += 1
    else first.wake(new Releaser(this))
  }

  static {
    inspectAsText(this)
  }

  toString(): string {
    const state = this.#value > 0 ? `unlocked,value:${this.#value}` : 'locked'
    const waiters = this.#waiters.size > 0 ? `,waiters:${this.#waiters.size}` : ''
    return `<${this.constructor.name} [${state}${waiters}]>`
  }
}

/**
 * A {@link Semaphore} that must not be released more often than acquired.
 *
 * Tornado: locks.BoundedSemaphore.
 */
export class BoundedSemaphore extends Semaphore {
  readonly #size: number

  constructor(value = 1) {
    super(value)
    this.#size = value
  }

  /** @throws {RangeError} When all places are free. */
  override release(): void {
    if (this.free >= this.#size) throw new RangeError('Semaphore released too many times')
    super.release()
  }
}
