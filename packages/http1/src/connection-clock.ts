import type { DeadlineSweeper, Expiring } from './deadline-sweeper.ts'
import type { ResolvedParameters } from './parameters.ts'

/** What a connection has waited for too long. */
export type Lateness =
  /** A request's head that has begun. */
  | 'head'
  | 'body'
  /** The body comes, but at less than the rate that is asked for. */
  | 'bodyRate'
  /** A request soon after the one before. */
  | 'next'
  /** Any request. */
  | 'idle'
  /** The peer's end of the connection, or its next bytes, after the last answer. */
  | 'linger'

/** The connection that a clock is for. */
export interface ClockOwner {
  /** The application has not taken what came of a body so far. */
  readonly suspended: boolean
  /** The peer is made to wait. */
  readonly inputPaused: boolean
  late(what: Lateness): void
}

/**
 * Knows how long a server's connection waits for what: one deadline at a time, watched by a sweeper that many connections share.
 *
 * A head or body has its time from its first byte on; more bytes of it do not buy more time.
 */
export class ConnectionClock implements Expiring {
  deadlineMs: number = Infinity

  readonly #sweeper: DeadlineSweeper
  readonly #params: ResolvedParameters
  readonly #owner: ClockOwner
  #waitsFor: 'next' | 'idle' | 'head' | 'body' | 'answer' | 'linger' = 'idle'
  #bodyTimeoutMs: number
  #bodyDeadlineMs = Infinity
  #windowStartMs = 0
  /** Bytes that came since the rate of the body was last looked at; `Infinity` when the peer was made to wait meanwhile. */
  #sizeInWindow = 0
  #lingerUntilMs = 0

  constructor(sweeper: DeadlineSweeper, params: ResolvedParameters, owner: ClockOwner) {
    this.#sweeper = sweeper
    this.#params = params
    this.#owner = owner
    this.#bodyTimeoutMs = params.bodyTimeoutMs
  }

  start(): void {
    this.#sweeper.add(this)
    this.#wait('idle', this.#params.idleConnectionTimeoutMs)
  }

  stop(): void {
    this.#sweeper.remove(this)
  }

  /** Counts received bytes for the rate of the body. */
  received(size: number): void {
    this.#sizeInWindow += size
  }

  /** The peer is made to wait: until the rate is looked at again, it is not the peer that is slow. */
  held(): void {
    this.#sizeInWindow = Infinity
  }

  /** A request has begun: its head is there, and its body has the time that the parameters say. */
  requestBegan(): void {
    this.#waitsFor = 'answer'
    this.#bodyTimeoutMs = this.#params.bodyTimeoutMs
  }

  /** Sets the time for the body of this request, from when {@link awaitBody} is called next. */
  setBodyTimeout(bodyTimeoutMs: number): void {
    this.#bodyTimeoutMs = bodyTimeoutMs
    this.#waitsFor = 'answer'
  }

  awaitRequest(): void {
    const { idleConnectionTimeoutMs } = this.#params
    if (idleConnectionTimeoutMs > nextRequestMs) this.#wait('next', nextRequestMs)
    else this.#wait('idle', idleConnectionTimeoutMs)
  }

  awaitHead(): void {
    if (this.#waitsFor !== 'head') this.#wait('head', this.#params.headerTimeoutMs)
  }

  awaitBody(): void {
    if (this.#waitsFor === 'body') return
    this.#waitsFor = 'body'
    this.#bodyDeadlineMs = this.#sweeper.deadlineAfter(this.#bodyTimeoutMs)
    this.#startRateWindow()
  }

  /** The application has all the time in the world. */
  awaitAnswer(): void {
    this.#waitsFor = 'answer'
    this.deadlineMs = Infinity
  }

  /** A peer that is still sending may go on for a while, to read the last answer in the end. */
  linger(): void {
    this.#lingerUntilMs = this.#sweeper.deadlineAfter(lingerTimeoutMs)
    this.#wait('linger', lingerIdleTimeoutMs)
  }

  /** More of what is thrown away has come. */
  lingerOn(): void {
    this.deadlineMs = Math.min(this.#lingerUntilMs, this.#sweeper.deadlineAfter(lingerIdleTimeoutMs))
  }

  /** The pause begins anew: the time is for a peer that has its answer, not for one that is still reading it. */
  lingerAnew(): void {
    this.#wait('linger', lingerIdleTimeoutMs)
  }

  expire(): void {
    if (this.#waitsFor === 'body') this.#bodyExpired()
    else if (this.#waitsFor === 'next') {
      this.#wait('idle', this.#params.idleConnectionTimeoutMs - nextRequestMs)
      this.#owner.late('next')
    } else if (this.#waitsFor !== 'answer') this.#owner.late(this.#waitsFor)
  }

  #bodyExpired(): void {
    const elapsedMs = this.#sweeper.deadlineAfter(0) - this.#windowStartMs
    if (this.deadlineMs === this.#bodyDeadlineMs) this.#owner.late('body')
    else if (!this.#owner.suspended && this.#sizeInWindow < (this.#params.minBodyRate * elapsedMs) / 1000)
      this.#owner.late('bodyRate')
    else this.#startRateWindow()
  }

  #startRateWindow(): void {
    const { minBodyRate, bodyRateWindowMs } = this.#params
    this.#sizeInWindow = this.#owner.inputPaused ? Infinity : 0
    this.#windowStartMs = this.#sweeper.deadlineAfter(0)
    const windowEndMs = minBodyRate === 0 ? Infinity : this.#sweeper.deadlineAfter(bodyRateWindowMs)
    this.deadlineMs = Math.min(this.#bodyDeadlineMs, windowEndMs)
  }

  #wait(what: 'next' | 'idle' | 'head' | 'linger', timeoutMs: number): void {
    this.#waitsFor = what
    this.deadlineMs = this.#sweeper.deadlineAfter(timeoutMs)
  }
}

/** How long after a request the next one is likely; then what was kept for it only costs memory. */
const nextRequestMs = 5_000
/** How long a peer may go on sending after its last answer, and how long it may pause in that. */
const lingerTimeoutMs = 30_000
const lingerIdleTimeoutMs = 5_000
