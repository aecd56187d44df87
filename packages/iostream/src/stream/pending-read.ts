import type { ByteQueue } from '@tornado-ts/bytes'
import { UnsatisfiableReadError } from '../errors.ts'

/**
 * A read that waits for its bytes.
 *
 * `tryTake` looks into the queue and answers the result, or `null` while there is too little. It remembers how far it
 * has looked, so that a peer which sends its bytes one by one costs no more than one which does not.
 */
export interface PendingRead<Result> {
  /** @throws {UnsatisfiableReadError} When no further bytes could satisfy the read. */
  tryTake(queue: ByteQueue): Result | null
  /** The result when the peer will send no more, or `null` if that leaves the read unsatisfied. */
  takeAtEnd(queue: ByteQueue): Result | null
  /** Puts back what was taken from the queue without a result. */
  giveBack?(queue: ByteQueue): void
  /** Milliseconds after which to call {@link tryLate}, when `tryTake` has put a costly search off; `null` if it has not. */
  lateSearchMs?(queue: ByteQueue): number | null
  /** As `tryTake`, searching in any case. */
  tryLate?(queue: ByteQueue): Result | null
}

/** Exactly `size` bytes, or with `partial` any number from one to `size`. */
export class ReadBytes implements PendingRead<Buffer> {
  readonly #size: number
  readonly #partial: boolean

  constructor(size: number, partial: boolean) {
    this.#size = size
    this.#partial = partial
  }

  tryTake(queue: ByteQueue): Buffer | null {
    if (queue.length >= this.#size) return queue.take(this.#size)
    return this.#partial && queue.length > 0 ? queue.takeAll() : null
  }

  takeAtEnd(queue: ByteQueue): Buffer | null {
    return this.tryTake(queue)
  }
}

/** The next piece as it came, at most `size` bytes; empty at the end. */
export class ReadPiece implements PendingRead<Buffer> {
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  tryTake(queue: ByteQueue): Buffer | null {
    return queue.length > 0 ? queue.takeChunk(this.#size) : null
  }

  takeAtEnd(queue: ByteQueue): Buffer | null {
    return queue.takeChunk(this.#size)
  }
}

/** Fills the caller's buffer, or with `partial` its beginning; the result is how many bytes that were. */
export class ReadInto implements PendingRead<number> {
  readonly #target: Uint8Array
  readonly #partial: boolean
  #filled = 0

  constructor(target: Uint8Array, partial: boolean) {
    this.#target = target
    this.#partial = partial
  }

  tryTake(queue: ByteQueue): number | null {
    this.#filled += queue.takeInto(this.#filled === 0 ? this.#target : this.#target.subarray(this.#filled))
    const enough = this.#filled === this.#target.length || (this.#partial && this.#filled > 0)
    return enough ? this.#filled : null
  }

  takeAtEnd(queue: ByteQueue): number | null {
    return this.tryTake(queue)
  }

  giveBack(queue: ByteQueue): void {
    // A copy: the target is the caller's again.
    queue.unshift(Buffer.from(this.#target.subarray(0, this.#filled)))
  }
}

/** Everything through the first `delimiter`. */
export class ReadUntil implements PendingRead<Buffer> {
  readonly #delimiter: Buffer
  readonly #maxSize: number
  #searched = 0

  constructor(delimiter: Buffer, maxSize: number) {
    this.#delimiter = delimiter
    this.#maxSize = maxSize
  }

  tryTake(queue: ByteQueue): Buffer | null {
    const at = queue.indexOf(this.#delimiter, this.#searched)
    const end = at === -1 ? queue.length : at + this.#delimiter.length
    if (end > this.#maxSize) {
      throw new UnsatisfiableReadError(`Cannot find delimiter within ${this.#maxSize} bytes`)
    }
    if (at !== -1) return queue.take(end)
    this.#searched = Math.max(0, queue.length - this.#delimiter.length + 1)
    return null
  }

  takeAtEnd(queue: ByteQueue): Buffer | null {
    return this.tryTake(queue)
  }
}

/**
 * Everything through the first match of a pattern, which sees the bytes as latin1 text.
 *
 * A search cannot go on where the last one ended, so it is made only when the queue has doubled since then, and a
 * little after the last bytes came. A peer that sends byte by byte so costs no more than a fixed share of the time.
 */
export class ReadUntilRegex implements PendingRead<Buffer> {
  readonly #pattern: RegExp
  readonly #maxSize: number
  #searched = 0

  constructor(pattern: RegExp, maxSize: number) {
    this.#pattern = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
    this.#maxSize = maxSize
  }

  tryTake(queue: ByteQueue): Buffer | null {
    const isDue = queue.length >= 2 * this.#searched || queue.length > this.#maxSize
    return isDue ? this.tryLate(queue) : null
  }

  takeAtEnd(queue: ByteQueue): Buffer | null {
    return this.tryLate(queue)
  }

  lateSearchMs(queue: ByteQueue): number | null {
    return this.#searched === queue.length ? null : Math.floor(queue.length / searchSizePerMs)
  }

  tryLate(queue: ByteQueue): Buffer | null {
    const match = this.#pattern.exec(queue.peek(queue.length).toString('latin1'))
    const end = match === null ? queue.length : match.index + match[0].length
    if (end > this.#maxSize) {
      throw new UnsatisfiableReadError(`Cannot match pattern within ${this.#maxSize} bytes`)
    }
    this.#searched = queue.length
    return match === null ? null : queue.take(end)
  }
}

/** Everything until the peer ends its side or the stream closes. */
export class ReadUntilClose implements PendingRead<Buffer> {
  tryTake(): Buffer | null {
    return null
  }

  takeAtEnd(queue: ByteQueue): Buffer | null {
    return queue.takeAll()
  }
}

/** A search in this much takes some 50 µs, so searching once in the millisecond it stands for is a twentieth of the time. */
const searchSizePerMs = 64 * 1024
