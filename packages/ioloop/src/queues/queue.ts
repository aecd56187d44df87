import { inspect } from 'node:util'
import { inspectAsText } from '../inspect-as-text.ts'
import { QueueEmpty, QueueFull } from '../errors.ts'
import { FifoStore, type ItemStore, LifoStore } from './item-store.ts'
import { type Compare, compareValues, PriorityStore } from './priority-store.ts'
import { Event } from '../locks/event.ts'
import { isAborted, type WaitOptions, Waiters } from '../locks/waiters.ts'

/** Settings of a {@link Queue}. */
export interface QueueOptions<T> {
  /** Holds the items and decides which is next; it must be empty. @default first in, first out */
  store?: ItemStore<T>
}

/**
 * Passes items from producers to consumers; both wait for each other, in the order they came.
 *
 * @example
 * for await (const job of queue) {
 *   await work(job)
 *   queue.taskDone()
 * }
 *
 * Tornado: queues.Queue.
 */
export class Queue<T> implements AsyncIterable<T> {
  readonly #store: ItemStore<T>
  readonly #getters = new Waiters<T>()
  readonly #putters = new Waiters<void, T>()
  readonly #maxsize: number
  readonly #finished = new Event()
  #unfinished = 0

  /**
   * @param maxsize Most items it holds, beyond which `put` waits; 0 for any number.
   * @throws {TypeError} When it is no number.
   * @throws {RangeError} When it is negative.
   */
  constructor(maxsize = 0, { store = new FifoStore() }: QueueOptions<T> = {}) {
    if (typeof maxsize !== 'number' || Number.isNaN(maxsize)) {
      throw new TypeError('Expected a number for maxsize')
    }
    if (maxsize < 0) throw new RangeError(`Cannot limit a queue to ${maxsize} items`)
    this.#maxsize = maxsize
    this.#store = store
    this.#finished.set()
  }

  get maxsize(): number {
    return this.#maxsize
  }

  /** Items in the queue, without those whose `put` waits. */
  qsize(): number {
    return this.#store.size
  }

  empty(): boolean {
    return this.#store.size === 0
  }

  /** Whether `put` would wait; never, without a limit. */
  full(): boolean {
    return this.#maxsize !== 0 && this.#store.size >= this.#maxsize
  }

  /**
   * Puts an item in, waiting for room if need be.
   *
   * @throws {TimeoutError} After `timeoutMs`; the item never enters then.
   */
  async put(item: T, options?: WaitOptions): Promise<void> {
    if (this.full() || isAborted(options)) await this.#putters.wait(item, options)
    else this.#enter(item)
  }

  /** @throws {QueueFull} When there is no room. */
  putNowait(item: T): void {
    if (this.full()) throw new QueueFull()
    this.#enter(item)
  }

  /**
   * Takes the next item, waiting for one if need be.
   *
   * @throws {TimeoutError} After `timeoutMs`.
   */
  get(options?: WaitOptions): Promise<T> {
    if (this.#store.size === 0 || isAborted(options)) return this.#getters.wait(undefined, options)
    return Promise.resolve(this.#take())
  }

  /** @throws {QueueEmpty} When there is none. */
  getNowait(): T {
    if (this.#store.size === 0) throw new QueueEmpty()
    return this.#take()
  }

  /**
   * Tells that the work on an item that was taken is done.
   *
   * @throws {RangeError} When it is called more often than items came in.
   */
  taskDone(): void {
    if (this.#unfinished === 0) throw new RangeError('taskDone() called too many times')
    this.#unfinished -= 1
    if (this.#unfinished === 0) this.#finished.set()
  }

  /**
   * Resolves when the work on all items that came in is done, at once if it is.
   *
   * @throws {TimeoutError} After `timeoutMs`.
   */
  join(options?: WaitOptions): Promise<void> {
    return this.#finished.wait(options)
  }

  /** Takes items for ever: leave the loop to end it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, never, undefined> {
    for (;;) yield await this.get()
  }

  static {
    inspectAsText(this)
  }

  toString(): string {
    const parts = [`maxsize=${this.#maxsize}`]
    if (this.#store.size > 0) parts.push(`queue=${inspect([...this.#store], { breakLength: Infinity })}`)
    if (this.#getters.size > 0) parts.push(`getters[${this.#getters.size}]`)
    if (this.#putters.size > 0) parts.push(`putters[${this.#putters.size}]`)
    if (this.#unfinished > 0) parts.push(`tasks=${this.#unfinished}`)
    return `<${this.constructor.name} ${parts.join(' ')}>`
  }

  #enter(item: T): void {
    const getter = this.#getters.first
    if (getter === null) this.#store.put(item)
    this.#unfinished += 1
    if (this.#unfinished === 1) this.#finished.clear()
    getter?.wake(item)
  }

  #take(): T {
    const item = this.#store.take()
    for (let putter = this.#putters.first; putter !== null && !this.full(); putter = this.#putters.first) {
      try {
        this.#enter(putter.item)
        putter.wake()
      } catch (error) {
        // A store that cannot order the item: its producer is to know, not this consumer.
        putter.fail(error)
      }
    }
    return item
  }
}

/** Settings of a {@link PriorityQueue}. */
export interface PriorityQueueOptions<T> {
  /**
   * Orders two items: negative when the first comes first.
   *
   * @default numbers, bigints, dates and strings by value, arrays by their first elements that differ
   */
  compare?: Compare<T>
}

/**
 * A {@link Queue} that gives the smallest item first; among equals, the one put first.
 *
 * @example
 * await queue.put([1, 'medium'])
 * await queue.put([0, 'high'])
 *
 * Tornado: queues.PriorityQueue.
 */
export class PriorityQueue<T> extends Queue<T> {
  constructor(maxsize = 0, { compare = compareValues }: PriorityQueueOptions<T> = {}) {
    super(maxsize, { store: new PriorityStore(compare) })
  }
}

/**
 * A {@link Queue} that gives the newest item first.
 *
 * Tornado: queues.LifoQueue.
 */
export class LifoQueue<T> extends Queue<T> {
  constructor(maxsize = 0) {
    super(maxsize, { store: new LifoStore() })
  }
}
