/** Holds the items of a {@link Queue} and decides which is next. */
export interface ItemStore<T> extends Iterable<T> {
  readonly size: number
  put(item: T): void
  /** Takes the next item; only called when there is one. */
  take(): T
}

/** First in, first out, in constant time. */
export class FifoStore<T> implements ItemStore<T> {
  #items: T[] = []
  #start = 0

  get size(): number {
    return this.#items.length - this.#start
  }

  put(item: T): void {
    this.#items.push(item)
  }

  take(): T {
    const item = this.#items[this.#start] as T
    // The slot must not keep the item alive until the list is cut.
    this.#items[this.#start] = undefined as T
    this.#start += 1
    if (this.#start === this.#items.length) {
      this.#items = []
      this.#start = 0
    } else if (this.#start >= 1024 && this.#start * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#start)
      this.#start = 0
    }
    return item
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.#start; index < this.#items.length; index++) {
      yield this.#items[index] as T
    }
  }
}

/** Last in, first out. */
export class LifoStore<T> implements ItemStore<T> {
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  put(item: T): void {
    this.#items.push(item)
  }

  take(): T {
    return this.#items.pop() as T
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.values()
  }
}
