import type { Timeout } from './timers.ts'

/** Where an {@link IOLoop} takes its time and timers from; a test may put one of its own in place. */
export interface Clock {
  /** Milliseconds since an arbitrary point; never goes back. */
  now(): number
  /**
   * Calls `fire(subject)` once after at least `delayMs`, a whole number of 1 to 2,147,483,647.
   * The timer that is returned is `this` in the call.
   */
  setTimer<T>(fire: (this: Timeout, subject: T) => void, delayMs: number, subject: T): Timeout
}

/** The clock of Node: monotonic, so setting the system's time moves no timer. */
export const systemClock: Clock = {
  now() {
    return performance.now()
  },
  setTimer(fire, delayMs, subject) {
    return setTimeout(fire, delayMs, subject)
  },
}
