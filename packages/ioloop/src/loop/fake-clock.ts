import type { Clock } from './clock.ts'
import { IOLoop } from './io-loop.ts'
import type { Timeout } from './timers.ts'

/** A timer that has not fired. */
interface FakeTimer extends Timeout {
  readonly dueAtMs: number
  fire(): void
}

/**
 * Time that moves only when told to, for tests of timers and time-outs: those of an {@link IOLoop}, `sleep`,
 * `withTimeout`, `PeriodicCallback`, locks, queues and all that is built on them. Timers that were pending
 * before go on in real time. Disposing gives the loop its clock back and drops the timers that have not fired.
 *
 * @example
 * using clock = new FakeClock()
 * const timedOut = lock.acquire({ timeoutMs: 5_000 })
 * await clock.advance(5_000)
 * await expect(timedOut).rejects.toThrow('Timeout')
 */
export class FakeClock implements Clock, Disposable {
  readonly #loop: IOLoop
  readonly #before: Clock
  readonly #timers = new Set<FakeTimer>()
  #nowMs = 0

  constructor(loop: IOLoop = IOLoop.current()) {
    this.#loop = loop
    this.#before = loop.useClock(this)
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#nowMs
  }

  /**
   * Moves the time, and fires what falls due on the way, in order. Between two timers, and at the end, callbacks and
   * promises run on, so what they start is seen. Resolves when the time is reached.
   */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs
    await settle()
    for (let next = this.#nextUntil(untilMs); next !== null; next = this.#nextUntil(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueAtMs)
      this.#timers.delete(next)
      next.fire()
      await settle()
    }
    this.#nowMs = untilMs
  }

  setTimer<T>(fire: (this: Timeout, subject: T) => void, delayMs: number, subject: T): Timeout {
    const timer: FakeTimer = {
      dueAtMs: this.#nowMs + delayMs,
      fire: () => {
        fire.call(timer, subject)
      },
      unref: () => timer,
      [Symbol.dispose]: () => {
        this.#timers.delete(timer)
      },
    }
    this.#timers.add(timer)
    return timer
  }

  [Symbol.dispose](): void {
    this.#timers.clear()
    this.#loop.useClock(this.#before)
  }

  #nextUntil(untilMs: number): FakeTimer | null {
    let next: FakeTimer | null = null
    for (const timer of this.#timers) {
      if (timer.dueAtMs <= untilMs && (next === null || timer.dueAtMs < next.dueAtMs)) next = timer
    }
    return next
  }
}

// Two turns: a callback added by a promise that a first callback settled has run by then too.
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}
