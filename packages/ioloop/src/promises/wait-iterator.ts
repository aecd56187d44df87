import { FifoStore } from '../queues/item-store.ts'
import { isThenable } from '../loop/run-callback.ts'

/**
 * Gives the results of several promises in the order in which they come, with the position or key of each.
 *
 * An error of one is thrown where its result would have been given; asking on gives the others.
 *
 * @example
 * const results = new WaitIterator({ a: fetchA(), b: fetchB() })
 * for await (const result of results) console.log(results.currentIndex, result)
 *
 * Tornado: gen.WaitIterator.
 */
export class WaitIterator<T> implements AsyncIterable<T> {
  readonly #settled = new FifoStore<Source<T>>()
  readonly #askers = new FifoStore<PromiseWithResolvers<T>>()
  #unasked: number
  #current: Source<T> | null = null

  /**
   * @param futures Promises one by one, or one object of promises.
   * @throws {TypeError} When both are mixed.
   */
  constructor(...futures: readonly PromiseLike<T>[] | [Readonly<Record<string, PromiseLike<T>>>]) {
    const sources = toSources<T>(futures)
    this.#unasked = sources.length
    for (const source of sources) {
      const onSettled = (): void => {
        this.#settled.put(source)
        this.#deliver()
      }
      source.future.then(onSettled, onSettled)
    }
  }

  /** Position or key of the last result; `null` before the first, and once `done()` was true. */
  get currentIndex(): number | string | null {
    return this.#current?.index ?? null
  }

  /** The promise behind the last result, as {@link WaitIterator.currentIndex}. */
  get currentFuture(): PromiseLike<T> | null {
    return this.#current?.future ?? null
  }

  /** Whether all results have been asked for. */
  done(): boolean {
    if (this.#unasked > 0) return false
    this.#current = null
    return true
  }

  /**
   * The next result.
   *
   * @throws {RangeError} When all results have been asked for.
   */
  async next(): Promise<T> {
    if (this.#unasked === 0) throw new RangeError('WaitIterator has no results left')
    this.#unasked -= 1
    const asker = Promise.withResolvers<T>()
    this.#askers.put(asker)
    this.#deliver()
    return await asker.promise
  }

  /** The results until there are none left. After an error, a second loop goes on where the first ended. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    while (!this.done()) yield await this.next()
  }

  #deliver(): void {
    if (this.#askers.size === 0 || this.#settled.size === 0) return
    const source = this.#settled.take()
    this.#current = source
    this.#askers.take().resolve(source.future)
  }
}

interface Source<T> {
  readonly index: number | string
  readonly future: PromiseLike<T>
}

function toSources<T>(
  futures: readonly PromiseLike<T>[] | [Readonly<Record<string, PromiseLike<T>>>],
): Source<T>[] {
  const [first] = futures
  const byKey = futures.length === 1 && !isThenable(first) && typeof first === 'object'
  const entries: [number | string, unknown][] = byKey ? Object.entries(first) : [...futures.entries()]
  return entries.map(([index, future]) => {
    if (!isThenable(future)) throw new TypeError('Expected promises, or one object of promises')
    return { index, future: future as PromiseLike<T> }
  })
}
