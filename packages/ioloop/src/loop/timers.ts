import { type Clock, systemClock } from './clock.ts'
import { type Callback, runBareCallback, runCallback } from './run-callback.ts'

/** A pending call, as `callLater`, `callAt` and `addTimeout` of an {@link IOLoop} give it. Disposing it removes it. */
export interface Timeout extends Disposable {
  /** Lets the process end while the call is pending. */
  unref(): this
}

/** Node fires a timer of more than this at once. */
const longestDelayMs = 2_147_483_647

/** How many pending timers `close()` takes back at most: keeping account of more would double what they cost. */
const mostTracked = 256

/** The timers of one loop. The handles are Node's own, as an object beside each would double the cost too. */
export class Timers {
  clock: Clock = systemClock
  readonly #tracked = new Set<Timeout>()
  #closed = false

  /** @throws {TypeError} When the delay is NaN. */
  callLater<Args extends unknown[]>(delayMs: number, callback: Callback<Args>, args: Args): Timeout {
    if (!(delayMs <= longestDelayMs)) return this.callAt(this.clock.now() + delayMs, callback, args)
    const timeout =
      args.length === 0
        ? this.clock.setTimer(this.#fireBare, wholeDelay(delayMs), callback as Callback)
        : this.clock.setTimer(this.#fire, wholeDelay(delayMs), () => runCallback(callback, args))
    return this.#track(timeout)
  }

  /** @throws {TypeError} When the time is NaN. */
  callAt<Args extends unknown[]>(whenMs: number, callback: Callback<Args>, args: Args): Timeout {
    if (Number.isNaN(whenMs)) throw new TypeError('Cannot set a timer to NaN')
    return this.#track(new PunctualTimeout(this.clock, whenMs, this.#fire, () => runCallback(callback, args)))
  }

  remove(timeout: Timeout): void {
    if (this.#tracked.size > 0) this.#tracked.delete(timeout)
    clear(timeout)
  }

  /** No pending call runs any more; 256 of them no longer keep the process alive. */
  close(): void {
    this.#closed = true
    for (const timeout of this.#tracked) clear(timeout)
    this.#tracked.clear()
  }

  readonly #fireBare = withTimer((timeout, callback: Callback) => {
    this.#tracked.delete(timeout)
    if (!this.#closed) runBareCallback(callback)
  })

  readonly #fire = withTimer((timeout, run: () => void) => {
    this.#tracked.delete(timeout)
    if (!this.#closed) run()
  })

  #track(timeout: Timeout): Timeout {
    if (this.#tracked.size < mostTracked) this.#tracked.add(timeout)
    return timeout
  }
}

/** Fires at a time and never before, where Node may be a millisecond early, or cannot wait for so long. */
class PunctualTimeout implements Timeout {
  readonly #clock: Clock
  readonly #whenMs: number
  readonly #fire: (this: Timeout, run: () => void) => void
  readonly #run: () => void
  #keepsAlive = true
  #timer: Timeout

  constructor(clock: Clock, whenMs: number, fire: (this: Timeout, run: () => void) => void, run: () => void) {
    this.#clock = clock
    this.#whenMs = whenMs
    this.#fire = fire
    this.#run = run
    this.#timer = this.#arm()
  }

  unref(): this {
    this.#keepsAlive = false
    this.#timer.unref()
    return this
  }

  [Symbol.dispose](): void {
    clear(this.#timer)
  }

  #arm(): Timeout {
    return this.#clock.setTimer(this.#onTimer, wholeDelay(this.#whenMs - this.#clock.now()), undefined)
  }

  readonly #onTimer = (): void => {
    if (this.#clock.now() >= this.#whenMs) {
      this.#fire(this.#run)
      return
    }
    this.#timer = this.#arm()
    if (!this.#keepsAlive) this.#timer.unref()
  }
}

/** Makes the timer, which Node gives as `this`, an argument. */
function withTimer<T>(fire: (timeout: Timeout, subject: T) => void): (this: Timeout, subject: T) => void {
  return function (subject) {
    fire(this, subject)
  }
}

function clear(timeout: Timeout): void {
  if (Symbol.dispose in timeout) timeout[Symbol.dispose]()
  // The timers of a test runner's fake `setTimeout` cannot be disposed.
  else clearTimeout(timeout)
}

function wholeDelay(delayMs: number): number {
  if (delayMs <= 1) return 1
  return delayMs >= longestDelayMs ? longestDelayMs : Math.ceil(delayMs)
}
