import type { DeadlineSweeper, Expiring } from '@tornado-ts/http1'
import { sweeperFor } from './sweepers.ts'

/** Calls back once, after a time, unless it is stopped before. */
export class Deadline implements Expiring {
  deadlineMs: number
  readonly #sweeper: DeadlineSweeper
  readonly #callback: () => void

  constructor(timeoutMs: number, callback: () => void) {
    this.#sweeper = sweeperFor(timeoutMs)
    this.#callback = callback
    this.deadlineMs = this.#sweeper.deadlineAfter(timeoutMs)
    this.#sweeper.add(this)
  }

  stop(): void {
    this.#sweeper.remove(this)
  }

  expire(): void {
    this.stop()
    this.#callback()
  }
}
