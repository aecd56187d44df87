import { TimeoutError } from '../errors.ts'
import { IOLoop } from '../loop/io-loop.ts'
import type { Timeout } from '../loop/timers.ts'

/** How long to wait. */
export interface WaitOptions {
  /** Gives up after this long; 0 is a time that is out already, so only what can be had at once is. @default no limit */
  timeoutMs?: number
  /** Aborting gives up with the signal's reason. */
  signal?: AbortSignal
}

/** One who waits for a value, in {@link Waiters}. */
export class Waiter<Value, Item = undefined> {
  /** What the waiter brought along. */
  readonly item: Item
  readonly promise: Promise<Value>
  #resolve!: (value: Value) => void
  #reject!: (error: unknown) => void
  #list: Waiters<Value, Item> | null
  #release: (() => void) | null = null
  /** @internal */
  previous: Waiter<Value, Item> | null = null
  /** @internal */
  next: Waiter<Value, Item> | null = null

  constructor(list: Waiters<Value, Item>, item: Item) {
    this.#list = list
    this.item = item
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Gives the waiter its value and takes it off the list. */
  wake(value: Value): void {
    this.#leave()
    this.#resolve(value)
  }

  /** Sends the waiter away and takes it off the list. */
  fail(error: unknown): void {
    this.#leave()
    this.#reject(error)
  }

  /** Sends away one who has not joined the queue. */
  refuse(error: unknown): Promise<Value> {
    this.#list = null
    this.#reject(error)
    return this.promise
  }

  /** Sends the waiter away by itself when the time is out or the signal is aborted. */
  limit({ timeoutMs, signal }: WaitOptions, onTimeout: (waiter: this) => void): void {
    const loop = IOLoop.current()
    const onAbort = (): void => {
      this.fail(signal?.reason)
    }
    const timeout: Timeout | null =
      timeoutMs === undefined
        ? null
        : loop.callLater(timeoutMs, () => {
            onTimeout(this)
          })
    signal?.addEventListener('abort', onAbort)
    this.#release = () => {
      if (timeout !== null) loop.removeTimeout(timeout)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #leave(): void {
    this.#list?.remove(this)
    this.#list = null
    this.#release?.()
    this.#release = null
  }
}

/** A queue of waiters, first come, first served. Those who give up leave it at once, wherever they stand. */
export class Waiters<Value, Item = undefined> {
  #first: Waiter<Value, Item> | null = null
  #last: Waiter<Value, Item> | null = null
  #size = 0

  /** Who is next; `null` when nobody waits. */
  get first(): Waiter<Value, Item> | null {
    return this.#first
  }

  get size(): number {
    return this.#size
  }

  /** Waits at the end of the queue. A time-out rejects with {@link TimeoutError}, unless `onTimeout` does otherwise. */
  wait(
    item: Item,
    options: WaitOptions | undefined,
    onTimeout: (waiter: Waiter<Value, Item>) => void = timeOut,
  ): Promise<Value> {
    const waiter = new Waiter(this, item)
    if (isAborted(options)) return waiter.refuse(options?.signal?.reason)
    if (options !== undefined) waiter.limit(options, onTimeout)

    waiter.previous = this.#last
    if (this.#last === null) this.#first = waiter
    else this.#last.next = waiter
    this.#last = waiter
    this.#size += 1
    return waiter.promise
  }

  /** Wakes the first waiter; false when nobody waits. */
  wakeOne(value: Value): boolean {
    if (this.#first === null) return false
    this.#first.wake(value)
    return true
  }

  /** Wakes everybody who waits now. */
  wakeAll(value: Value): void {
    for (let left = this.#size; left > 0; left--) this.wakeOne(value)
  }

  /** @internal Called by the waiter. */
  remove(waiter: Waiter<Value, Item>): void {
    const { previous, next } = waiter
    if (previous === null) this.#first = next
    else previous.next = next
    if (next === null) this.#last = previous
    else next.previous = previous
    waiter.previous = null
    waiter.next = null
    this.#size -= 1
  }
}

/** Whether the wait is to end before it began: then even what is free is not taken. */
export function isAborted(options: WaitOptions | undefined): boolean {
  return options?.signal?.aborted === true
}

function timeOut<Value, Item>(waiter: Waiter<Value, Item>): void {
  waiter.fail(new TimeoutError())
}
