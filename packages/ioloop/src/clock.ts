/** Where an {@link IOLoop} takes its time and timers from; a test may put one of its own in place. */
export interface Clock {
  /** Milliseconds since an arbitrary point; never goes back. */
  now(): number
  /** Calls `fire(subject)` once after at least `delayMs`, a whole number of 1 to 2,147,483,647, without keeping the process alive. */
  setTimer<T>(fire: (subject: T) => void, delayMs: number, subject: T): unknown
  /** Takes what `setTimer` gave, pending or not. */
  clearTimer(timer: unknown): void
}

/** The clock of Node: monotonic, so setting the system's time moves no timer. */
export const systemClock: Clock = {
  now() {
    return performance.now()
  },
  setTimer(fire, delayMs, subject) {
    const timer = setTimeout(fire, delayMs, subject)
    timer.unref()
    return timer
  },
  clearTimer(timer) {
    clearTimeout(timer as NodeJS.Timeout)
  },
}
