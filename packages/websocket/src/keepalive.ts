import type { DeadlineSweeper, Expiring } from '@tornado-ts/http1'
import { sweeperFor } from './sweepers.ts'

/** What a {@link Keepalive} keeps alive. */
export interface PingTarget {
  /** We have stopped reading, so that nothing can be heard. */
  readonly deaf: boolean
  sendPing(): void
  pingTimedOut(): void
}

/** Pings a peer at an interval, and notices when nothing comes back from it. */
export class Keepalive implements Expiring {
  deadlineMs: number
  /** Something has come from the peer, no matter what. */
  heard = false

  readonly #target: PingTarget
  readonly #intervalMs: number
  readonly #timeoutMs: number
  readonly #sweeper: DeadlineSweeper
  #nextPingMs: number
  /** When the peer must have been heard: it was pinged. */
  #answerByMs = Infinity

  /** @param timeoutMs 0 for a peer that need not answer. */
  constructor(target: PingTarget, intervalMs: number, timeoutMs: number) {
    this.#target = target
    this.#intervalMs = intervalMs
    this.#timeoutMs = timeoutMs
    this.#sweeper = sweeperFor(timeoutMs === 0 ? intervalMs : Math.min(intervalMs, timeoutMs))
    this.#nextPingMs = this.#after(intervalMs)
    this.deadlineMs = this.#nextPingMs
    this.#sweeper.add(this)
  }

  stop(): void {
    this.#sweeper.remove(this)
  }

  expire(): void {
    const nowMs = this.#sweeper.deadlineAfter(0)
    if (this.heard || this.#target.deaf) {
      this.heard = false
      this.#answerByMs = Infinity
    }
    if (nowMs >= this.#answerByMs) {
      this.stop()
      this.#target.pingTimedOut()
      return
    }
    if (nowMs >= this.#nextPingMs) {
      this.#target.sendPing()
      this.#nextPingMs = this.#after(this.#intervalMs)
      if (this.#timeoutMs > 0 && this.#answerByMs === Infinity) {
        this.#answerByMs = this.#sweeper.deadlineAfter(this.#timeoutMs)
      }
    }
    this.deadlineMs = Math.min(this.#nextPingMs, this.#answerByMs)
  }

  /** A little sooner, by chance: clients that came together are not to be pinged together for ever. */
  #after(intervalMs: number): number {
    return this.#sweeper.deadlineAfter(intervalMs * (1 - Math.random() * jitter))
  }
}

const jitter = 0.1
