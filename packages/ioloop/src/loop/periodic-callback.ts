import { IOLoopClosedError } from '../errors.ts'
import { IOLoop } from './io-loop.ts'
import { type Callback, logCallbackError } from './run-callback.ts'
import { type TimeDelta, toMilliseconds } from './time-delta.ts'
import type { Timeout } from './timers.ts'

/** Settings of a {@link PeriodicCallback}. */
export interface PeriodicCallbackOptions {
  /**
   * Part of the period by which each one varies at random: 0.1 makes it 95 to 105 % of its length, so that many programs
   * with one schedule do not act at once. From 0 to below 2. @default 0
   */
  jitter?: number
}

/**
 * Runs a function at a fixed period on the current {@link IOLoop}, first after one full period.
 *
 * Runs never overlap, and a promise counts until it is settled: one that outlasts its period drops the ticks it missed,
 * and the next falls back on the original schedule. An error is logged to `appLog`; the timer goes on. Closing the loop
 * ends it.
 *
 * Tornado: ioloop.PeriodicCallback.
 */
export class PeriodicCallback implements Disposable {
  /** The period in milliseconds. */
  readonly callbackTimeMs: number
  readonly jitter: number
  readonly #callback: Callback
  #run: Run | null = null

  /**
   * @param callbackTime The period: milliseconds, or a {@link TimeDelta}.
   * @throws {RangeError} When the period is not above 0, or with the jitter it might not be.
   */
  constructor(
    callback: Callback,
    callbackTime: number | TimeDelta,
    { jitter = 0 }: PeriodicCallbackOptions = {},
  ) {
    const periodMs = typeof callbackTime === 'number' ? callbackTime : toMilliseconds(callbackTime)
    if (!(periodMs > 0)) throw new RangeError(`Cannot run a callback every ${periodMs} ms`)
    if (!(jitter >= 0 && jitter < 2)) throw new RangeError(`Cannot vary a period by ${jitter} of its length`)
    this.#callback = callback
    this.callbackTimeMs = periodMs
    this.jitter = jitter
  }

  /** Starts the schedule; does nothing when it is running. */
  start(): void {
    if (this.#run !== null) return
    const loop = IOLoop.current()
    this.#run = { loop, dueAtMs: loop.time(), timeout: null }
    this.#schedule(this.#run)
  }

  /** Ends the schedule; a run that is under way finishes. */
  stop(): void {
    const run = this.#run
    if (run === null) return
    this.#run = null
    if (run.timeout !== null) run.loop.removeTimeout(run.timeout)
  }

  isRunning(): boolean {
    return this.#run !== null
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  #schedule(run: Run): void {
    const periodMs = jitterPeriod(this.callbackTimeMs, this.jitter, Math.random())
    run.dueAtMs = nextDueTime(run.dueAtMs, run.loop.time(), periodMs)
    run.timeout = run.loop.callAt(run.dueAtMs, () => this.#tick(run))
  }

  async #tick(run: Run): Promise<void> {
    run.timeout = null
    try {
      await this.#callback()
    } catch (error) {
      logCallbackError(this.#callback, error)
    }
    // It may have been stopped meanwhile, or stopped and started.
    if (this.#run !== run) return
    try {
      this.#schedule(run)
    } catch (error) {
      if (!(error instanceof IOLoopClosedError)) throw error
      this.#run = null
    }
  }
}

/** One stretch between start and stop. */
interface Run {
  readonly loop: IOLoop
  dueAtMs: number
  timeout: Timeout | null
}

/** The first multiple of `periodMs` after `nowMs`, counting from `dueAtMs`. */
export function nextDueTime(dueAtMs: number, nowMs: number, periodMs: number): number {
  // A clock that stepped back must not make us fire the same tick twice.
  const elapsedMs = Math.max(0, nowMs - dueAtMs)
  return dueAtMs + (Math.floor(elapsedMs / periodMs) + 1) * periodMs
}

/** The period with its jitter; `random` is uniform in 0 to 1. */
export function jitterPeriod(periodMs: number, jitter: number, random: number): number {
  return periodMs * (1 + jitter * (random - 0.5))
}
