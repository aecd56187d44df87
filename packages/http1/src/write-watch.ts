import type { BaseIOStream } from '@tornado-ts/iostream'
import type { DeadlineSweeper, Expiring } from './deadline-sweeper.ts'

/**
 * Notices a peer that takes nothing of what is sent to it.
 *
 * Looks four times in the time that is allowed whether anything has been taken; a peer that is slow but reads is none.
 */
export class WriteWatch implements Expiring {
  deadlineMs: number = Infinity

  readonly #stream: BaseIOStream
  readonly #sweeper: DeadlineSweeper
  readonly #intervalMs: number
  readonly #onStalled: () => void
  #watching = false
  #takenSize = 0
  #looksLeft = 0

  constructor(stream: BaseIOStream, sweeper: DeadlineSweeper, timeoutMs: number, onStalled: () => void) {
    this.#stream = stream
    this.#sweeper = sweeper
    this.#intervalMs = timeoutMs / looksPerTimeout
    this.#onStalled = onStalled
  }

  /** Begins to look, unless it does already; something is waiting to be sent. */
  start(): void {
    if (this.#watching) return
    this.#watching = true
    this.#sweeper.add(this)
    this.#progressed()
  }

  /** All is sent, or nothing more matters. */
  stop(): void {
    if (!this.#watching) return
    this.#watching = false
    this.#sweeper.remove(this)
  }

  expire(): void {
    if (!this.#stream.writing()) this.stop()
    else if (this.#stream.takenSize > this.#takenSize) this.#progressed()
    else if (--this.#looksLeft > 0) this.deadlineMs = this.#sweeper.deadlineAfter(this.#intervalMs)
    else {
      this.stop()
      this.#onStalled()
    }
  }

  #progressed(): void {
    this.#takenSize = this.#stream.takenSize
    this.#looksLeft = looksPerTimeout
    this.deadlineMs = this.#sweeper.deadlineAfter(this.#intervalMs)
  }
}

const looksPerTimeout = 4
