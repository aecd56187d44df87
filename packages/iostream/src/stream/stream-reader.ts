import { ByteQueue } from '@tornado-ts/bytes'
import { StreamBufferFullError } from '../errors.ts'
import type { PendingRead } from './pending-read.ts'
import { WaitingRead } from './waiting-read.ts'

/** What a stream has received and nobody has read yet, and the read that waits for more. */
export class StreamReader {
  readonly #queue = new ByteQueue()
  readonly #maxBufferSize: number
  #waiting: WaitingRead | null = null

  constructor(maxBufferSize: number) {
    this.#maxBufferSize = maxBufferSize
  }

  /** Bytes that are not read yet. */
  get length(): number {
    return this.#queue.length
  }

  /** Whether a read waits. */
  get isWaiting(): boolean {
    return this.#waiting !== null
  }

  /** Whether the peer should go on sending. A read that waits must see more to know that it cannot be satisfied. */
  get hasRoom(): boolean {
    return this.#waiting !== null || this.#queue.length < this.#maxBufferSize
  }

  push(chunk: Buffer): void {
    this.#queue.push(chunk)
  }

  unshift(bytes: Uint8Array): void {
    this.#queue.unshift(bytes)
  }

  takeChunk(maxSize: number): Buffer {
    return this.#queue.takeChunk(maxSize)
  }

  /** Makes a read the one that waits; call {@link serve} next. */
  begin<Result>(read: PendingRead<Result>): Promise<Result> {
    this.#waiting = new WaitingRead(read)
    return this.#waiting.promise as Promise<Result>
  }

  /** Gives the waiting read up when the signal fires; what has come stays. */
  giveUpOn(signal: AbortSignal): void {
    this.#waiting!.listenTo(signal, () => this.fail(signal.reason))
  }

  /**
   * Gives the waiting read what it asks for, if that has come.
   *
   * @param late Whether to make a search that was put off.
   * @throws {UnsatisfiableReadError | StreamBufferFullError | Error} When it can no longer be satisfied; it still waits then.
   */
  serve(late: boolean): void {
    const waiting = this.#waiting!
    const { read } = waiting
    const result = late ? read.tryLate!(this.#queue) : read.tryTake(this.#queue)
    if (result !== null) {
      this.#waiting = null
      waiting.resolve(result)
    } else if (this.#queue.length > this.#maxBufferSize) {
      throw new StreamBufferFullError(`Cannot buffer more than ${this.#maxBufferSize} bytes received`)
    }
  }

  /**
   * As {@link serve}, when nothing more will come. Answers whether the read is satisfied; else it still waits.
   *
   * @throws {UnsatisfiableReadError | Error} As {@link serve}.
   */
  serveLast(): boolean {
    const waiting = this.#waiting!
    const result = waiting.read.takeAtEnd(this.#queue)
    if (result === null) return false
    this.#waiting = null
    waiting.resolve(result)
    return true
  }

  /** Calls `search` a while later, when the waiting read has put a search off and none is on its way. */
  searchLater(search: () => void): void {
    const waiting = this.#waiting
    if (waiting?.read.lateSearchMs === undefined || waiting.isSearchScheduled) return
    const delayMs = waiting.read.lateSearchMs(this.#queue)
    if (delayMs === null) return
    waiting.isSearchScheduled = true
    const searchIfWaiting = (): void => {
      waiting.isSearchScheduled = false
      if (this.#waiting === waiting) search()
    }
    if (delayMs === 0) setImmediate(searchIfWaiting)
    else setTimeout(searchIfWaiting, delayMs)
  }

  /** Rejects the waiting read. What it has taken goes back. */
  fail(reason: unknown): void {
    const waiting = this.#waiting!
    this.#waiting = null
    waiting.read.giveBack?.(this.#queue)
    waiting.reject(reason)
  }
}
