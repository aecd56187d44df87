import { IOLoopClosedError } from '../errors.ts'
import { KeepAlive } from './keep-alive.ts'

/** What waits for a loop to be stopped: `start()`, and each `runSync()`. While there is any, the process stays alive. */
export class LoopRuns {
  readonly #keepAlive = new KeepAlive()
  readonly #onStop = new Set<() => void>()
  #stopRequested = false
  #stopScheduled = false
  #closed = false

  get size(): number {
    return this.#onStop.size
  }

  /**
   * Begins a run, which a stop that was asked for before ends after one iteration.
   *
   * @throws {IOLoopClosedError}
   */
  enter(onStop: () => void): void {
    if (this.#closed) throw new IOLoopClosedError()
    this.#keepAlive.hold()
    this.#onStop.add(onStop)
    if (this.#stopRequested) this.#endAfterIteration()
  }

  /** Ends a run. Does nothing for one that has ended. */
  leave(onStop: () => void): void {
    if (this.#onStop.delete(onStop)) this.#keepAlive.release()
  }

  /** Ends all runs after this iteration; the next one, if there is none. */
  stop(): void {
    this.#stopRequested = true
    if (this.#onStop.size > 0) this.#endAfterIteration()
  }

  close(): void {
    this.#closed = true
    this.#keepAlive.end()
  }

  #endAfterIteration(): void {
    if (this.#stopScheduled) return
    this.#stopScheduled = true
    setImmediate(() => {
      this.#stopRequested = false
      this.#stopScheduled = false
      for (const onStop of this.#onStop) {
        this.leave(onStop)
        onStop()
      }
    })
  }
}
