import { AsyncLocalStorage } from 'node:async_hooks'
import { isMainThread } from 'node:worker_threads'
import { type Callback, runCallback } from './run-callback.ts'

/** The signal callbacks of one loop. */
export class SignalCallbacks {
  readonly #registered = new Set<Disposable>()

  add<Args extends unknown[]>(signal: NodeJS.Signals, callback: Callback<Args>, args: Args): Disposable {
    if (!isMainThread) throw new Error('Signals reach the main thread only')
    const inContext = AsyncLocalStorage.snapshot()
    const listener = (): void => {
      inContext(() => {
        runCallback(callback, args)
      })
    }
    process.on(signal, listener)
    const registered = {
      [Symbol.dispose]: () => {
        process.off(signal, listener)
        this.#registered.delete(registered)
      },
    }
    this.#registered.add(registered)
    return registered
  }

  close(): void {
    for (const registered of this.#registered) registered[Symbol.dispose]()
  }
}
