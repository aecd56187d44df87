import { TimeoutError } from '@tornado-ts/ioloop'
import type { GiveUpOptions } from '../tcp/connect-options.ts'

/** The promise of a connection, and what ends the waiting for it. */
export class PendingConnect<Result> {
  readonly #outcome: PromiseWithResolvers<Result> = Promise.withResolvers()
  readonly #onGiveUp: (reason: Error) => void
  readonly #signal: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout | undefined
  #gaveUp: Error | null = null

  /** Calls `onGiveUp` when the time is over or the signal, which has not fired yet, does; that must close the stream. */
  constructor(onGiveUp: (reason: Error) => void, { timeoutMs, signal }: GiveUpOptions) {
    this.#onGiveUp = onGiveUp
    this.#signal = signal
    if (timeoutMs !== undefined) {
      this.#timer = setTimeout(() => this.#giveUp(new TimeoutError()), checkTimeout(timeoutMs))
    }
    signal?.addEventListener('abort', this.#onAbort)
  }

  get promise(): Promise<Result> {
    return this.#outcome.promise
  }

  resolve(result: Result): void {
    this.#stop()
    this.#outcome.resolve(result)
  }

  /** Rejects with why it was given up, or else with `error`. A rejection that nobody awaits is silent. */
  reject(error: Error): void {
    this.#stop()
    this.#outcome.promise.catch(ignore)
    this.#outcome.reject(this.#gaveUp ?? error)
  }

  readonly #onAbort = (): void => this.#giveUp(this.#signal!.reason as Error)

  #giveUp(reason: Error): void {
    this.#gaveUp = reason
    this.#onGiveUp(reason)
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }
}

/**
 * Also refuses what came from Tornado's timedeltas.
 *
 * @throws {TypeError | RangeError} When it is no number of milliseconds.
 */
export function checkTimeout(timeoutMs: number): number {
  if (typeof timeoutMs !== 'number')
    throw new TypeError(`Cannot wait for ${String(timeoutMs)}: expected milliseconds`)
  if (!(timeoutMs >= 0)) throw new RangeError(`Cannot wait for ${timeoutMs} ms`)
  // Beyond this, Node's timers fire at once.
  return Math.min(timeoutMs, 2 ** 31 - 1)
}

function ignore(): void {}
