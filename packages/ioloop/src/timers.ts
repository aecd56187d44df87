import { type Clock, systemClock } from './clock.ts'
import type { KeepAlive } from './keep-alive.ts'
import { type Callback, runCallback } from './run-callback.ts'

/** A pending call, as `callLater`, `callAt` and `addTimeout` of an {@link IOLoop} give it. Disposing it removes it. */
export interface Timeout extends Disposable {
  /** Keeps the process alive while pending, as it does from the start. */
  ref(): this
  /** Lets the process end while pending. */
  unref(): this
}

/** Node fires a timer of more than this at once. */
const longestDelayMs = 2_147_483_647

/** The timers of one loop. */
export class Timers {
  /** @internal */
  readonly keepAlive: KeepAlive
  clock: Clock = systemClock
  #closed = false

  constructor(keepAlive: KeepAlive) {
    this.keepAlive = keepAlive
  }

  get closed(): boolean {
    return this.#closed
  }

  /** @throws {TypeError} When the delay is NaN. */
  callLater<Args extends unknown[]>(delayMs: number, callback: Callback<Args>, args: Args): Timeout {
    if (delayMs <= longestDelayMs) return new PendingCall(this, delayMs, null, callback, args)
    return this.callAt(this.clock.now() + delayMs, callback, args)
  }

  /** @throws {TypeError} When the time is NaN. */
  callAt<Args extends unknown[]>(whenMs: number, callback: Callback<Args>, args: Args): Timeout {
    if (Number.isNaN(whenMs)) throw new TypeError('Cannot set a timer to NaN')
    return new PendingCall(this, whenMs - this.clock.now(), whenMs, callback, args)
  }

  /** No pending call runs any more. */
  close(): void {
    this.#closed = true
  }
}

// It is the handle and Node's argument at once, so a timer costs one object more than Node's own. Nor do the
// timers stand in a set: they are not what keeps the process alive, so a closed loop need not know them.
class PendingCall<Args extends unknown[]> implements Timeout {
  readonly #timers: Timers
  readonly #callback: Callback<Args>
  readonly #args: Args
  /** Node may fire up to a millisecond early, and can wait 25 days at most; `null` where neither matters. */
  readonly #notBeforeMs: number | null
  readonly #clock: Clock
  #timer: unknown
  #pending = true
  #holds = true

  constructor(
    timers: Timers,
    delayMs: number,
    notBeforeMs: number | null,
    callback: Callback<Args>,
    args: Args,
  ) {
    this.#timers = timers
    this.#callback = callback
    this.#args = args
    this.#notBeforeMs = notBeforeMs
    this.#clock = timers.clock
    this.#timer = this.#clock.setTimer(PendingCall.#fire, nodeDelay(delayMs), this)
    timers.keepAlive.hold()
  }

  ref(): this {
    if (this.#pending && !this.#holds) {
      this.#holds = true
      this.#timers.keepAlive.hold()
    }
    return this
  }

  unref(): this {
    if (this.#holds) {
      this.#holds = false
      this.#timers.keepAlive.release()
    }
    return this
  }

  [Symbol.dispose](): void {
    if (!this.#pending) return
    this.#clock.clearTimer(this.#timer)
    this.#settle()
  }

  #settle(): void {
    this.#pending = false
    this.unref()
  }

  static #fire<Args extends unknown[]>(call: PendingCall<Args>): void {
    if (!call.#pending) return
    const notBeforeMs = call.#notBeforeMs
    if (notBeforeMs !== null) {
      const leftMs = notBeforeMs - call.#clock.now()
      if (leftMs > 0 && !call.#timers.closed) {
        call.#timer = call.#clock.setTimer(PendingCall.#fire, nodeDelay(leftMs), call)
        return
      }
    }
    call.#settle()
    if (!call.#timers.closed) runCallback(call.#callback, call.#args)
  }
}

function nodeDelay(delayMs: number): number {
  if (delayMs <= 1) return 1
  return delayMs >= longestDelayMs ? longestDelayMs : Math.ceil(delayMs)
}
