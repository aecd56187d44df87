// From the module, because a test's fake timers replace the globals and must not see this one.
import { clearInterval, setInterval } from 'node:timers'

const longestTimerMs = 2_147_483_647

/** Keeps the process alive while at least one hold is out. */
export class KeepAlive {
  #holds = 0
  #timer: NodeJS.Timeout | null = null

  hold(): void {
    this.#holds += 1
    if (this.#holds > 1) return
    if (this.#timer === null) this.#timer = setInterval(doNothing, longestTimerMs)
    else this.#timer.ref()
  }

  release(): void {
    this.#holds -= 1
    if (this.#holds === 0) this.#timer?.unref()
  }

  /** Gives up all holds for good. */
  end(): void {
    this.#holds = Number.POSITIVE_INFINITY
    if (this.#timer !== null) clearInterval(this.#timer)
  }
}

function doNothing(): void {}
