import type { ClockOwner } from './connection-clock.ts'
import type { DeadlineSweeper, Expiring } from './deadline-sweeper.ts'
import type { ResolvedParameters } from './parameters.ts'

/**
 * Knows how long a client's connection waits for what: one deadline at a time, watched by a sweeper that many connections
 * share.
 *
 * A head or body has its time from its first byte on; more bytes of it do not buy more time.
 */
export class ResponseClock implements Expiring {
  deadlineMs: number = Infinity

  readonly #sweeper: DeadlineSweeper
  readonly #params: ResolvedParameters
  readonly #owner: Pick<ClockOwner, 'late'>
  /** `response`: for its first byte. How long that may take is for the caller to say, with `abort`. */
  #waitsFor: 'idle' | 'response' | 'head' | 'body' = 'idle'
  #bodyTimeoutMs: number

  constructor(sweeper: DeadlineSweeper, params: ResolvedParameters, owner: Pick<ClockOwner, 'late'>) {
    this.#sweeper = sweeper
    this.#params = params
    this.#owner = owner
    this.#bodyTimeoutMs = params.bodyTimeoutMs
  }

  start(): void {
    this.#sweeper.add(this)
    this.awaitRequest()
  }

  stop(): void {
    this.#sweeper.remove(this)
  }

  /** A request has begun: the body of its response has the time that the parameters say. */
  requestBegan(): void {
    this.#bodyTimeoutMs = this.#params.bodyTimeoutMs
    this.awaitResponse()
  }

  /** Sets the time for the body of this response; of one that is coming, from now. */
  setBodyTimeout(bodyTimeoutMs: number): void {
    this.#bodyTimeoutMs = bodyTimeoutMs
    if (this.#waitsFor === 'body') this.deadlineMs = this.#sweeper.deadlineAfter(bodyTimeoutMs)
  }

  awaitRequest(): void {
    this.#waitsFor = 'idle'
    this.deadlineMs = this.#sweeper.deadlineAfter(this.#params.idleConnectionTimeoutMs)
  }

  awaitResponse(): void {
    this.#waitsFor = 'response'
    this.deadlineMs = Infinity
  }

  awaitHead(): void {
    if (this.#waitsFor === 'head' && this.deadlineMs !== Infinity) return
    this.#waitsFor = 'head'
    this.deadlineMs = this.#sweeper.deadlineAfter(this.#params.headerTimeoutMs)
  }

  awaitBody(): void {
    if (this.#waitsFor === 'body' && this.deadlineMs !== Infinity) return
    this.#waitsFor = 'body'
    this.deadlineMs = this.#sweeper.deadlineAfter(this.#bodyTimeoutMs)
  }

  /** Nothing is waited for any more. */
  rest(): void {
    this.deadlineMs = Infinity
  }

  expire(): void {
    if (this.#waitsFor !== 'response') this.#owner.late(this.#waitsFor)
  }
}
