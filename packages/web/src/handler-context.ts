import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * The asynchronous context that middleware has made around a handler, `AsyncLocalStorage.run(id, next)` for instance. The end of
 * the response comes after the middleware, but belongs to the request: its log lines should know the same as those before.
 */
export class HandlerContext {
  #run: ((callback: () => void) => void) | null = null

  /** Called inside of the innermost middleware. */
  enter(): void {
    this.#run = AsyncLocalStorage.snapshot()
  }

  /** Runs in the context; where it was never entered, as it is. */
  run(callback: () => void): void {
    if (this.#run === null) callback()
    else this.#run(callback)
  }
}
