import type { PendingRead } from './pending-read.ts'

/** A read and the promise of its result. */
export class WaitingRead {
  readonly read: PendingRead<unknown>
  readonly #outcome: PromiseWithResolvers<unknown> = Promise.withResolvers()
  #signal: AbortSignal | null = null
  #onAbort: (() => void) | null = null
  /** Whether a late search is on its way. */
  isSearchScheduled = false

  constructor(read: PendingRead<unknown>) {
    this.read = read
  }

  get promise(): Promise<unknown> {
    return this.#outcome.promise
  }

  /** Calls `onAbort` when the signal fires before the read has its outcome. */
  listenTo(signal: AbortSignal, onAbort: () => void): void {
    this.#signal = signal
    this.#onAbort = onAbort
    signal.addEventListener('abort', onAbort)
  }

  resolve(result: unknown): void {
    if (this.#signal !== null) this.#stopListening()
    this.#outcome.resolve(result)
  }

  /** A rejection that nobody awaits is silent. */
  reject(reason: unknown): void {
    if (this.#signal !== null) this.#stopListening()
    this.#outcome.promise.catch(ignore)
    this.#outcome.reject(reason)
  }

  #stopListening(): void {
    this.#signal!.removeEventListener('abort', this.#onAbort!)
    this.#signal = null
  }
}

function ignore(): void {}
