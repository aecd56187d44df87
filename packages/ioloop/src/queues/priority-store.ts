import type { ItemStore } from './item-store.ts'

/** Negative when `a` comes before `b`, positive when after, 0 when neither. */
export type Compare<T> = (a: T, b: T) => number

interface Entry<T> {
  readonly item: T
  readonly order: number
}

/** Smallest first, among equals the one put first: a binary heap. */
export class PriorityStore<T> implements ItemStore<T> {
  readonly #heap: Entry<T>[] = []
  readonly #compare: Compare<T>
  #puts = 0

  constructor(compare: Compare<T>) {
    this.#compare = compare
  }

  get size(): number {
    return this.#heap.length
  }

  put(item: T): void {
    const entry = { item, order: this.#puts }
    const path = this.#pathUp(entry)
    this.#puts += 1
    let index = this.#heap.length
    for (const parent of path) {
      this.#heap[index] = this.#at(parent)
      index = parent
    }
    this.#heap[index] = entry
  }

  take(): T {
    const top = this.#at(0)
    const last = this.#at(this.#heap.length - 1)
    this.#heap.pop()
    if (this.#heap.length > 0) this.#sinkFromTop(last)
    return top.item
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const { item } of this.#heap) yield item
  }

  // All comparing is done before anything moves: one that throws leaves the heap as it was.
  #pathUp(entry: Entry<T>): number[] {
    const path: number[] = []
    let index = this.#heap.length
    while (index > 0) {
      index = (index - 1) >> 1
      if (!this.#before(entry, this.#at(index))) break
      path.push(index)
    }
    return path
  }

  #sinkFromTop(entry: Entry<T>): void {
    let index = 0
    let child = this.#smallerChild(index)
    while (child !== null && this.#before(this.#at(child), entry)) {
      this.#heap[index] = this.#at(child)
      index = child
      child = this.#smallerChild(index)
    }
    this.#heap[index] = entry
  }

  #smallerChild(index: number): number | null {
    const left = 2 * index + 1
    const right = left + 1
    if (left >= this.#heap.length) return null
    return right < this.#heap.length && this.#before(this.#at(right), this.#at(left)) ? right : left
  }

  #before(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.#compare(a.item, b.item)
    return order < 0 || (order === 0 && a.order < b.order)
  }

  #at(index: number): Entry<T> {
    return this.#heap[index] as Entry<T>
  }
}

/**
 * Orders numbers, bigints, dates and strings by value, and arrays by their first elements that differ,
 * as Python does its tuples.
 *
 * @throws {TypeError} When the two have no order.
 */
export function compareValues(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b)
  const [x, y] = [orderable(a), orderable(b)]
  if (x === null || y === null || (typeof x === 'string') !== (typeof y === 'string')) {
    throw new TypeError(`Cannot order ${kind(a)} and ${kind(b)}; give the queue a compare function`)
  }
  if (x < y) return -1
  return x > y ? 1 : 0
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [index, element] of a.entries()) {
    if (index >= b.length) return 1
    if (Object.is(element, b[index])) continue
    const order = compareValues(element, b[index])
    if (order !== 0) return order
  }
  return a.length - b.length
}

function orderable(value: unknown): number | bigint | string | null {
  if (value instanceof Date) return orderable(value.getTime())
  if (typeof value === 'number') return Number.isNaN(value) ? null : value
  return typeof value === 'bigint' || typeof value === 'string' ? value : null
}

function kind(value: unknown): string {
  return value === null ? 'null' : typeof value
}
