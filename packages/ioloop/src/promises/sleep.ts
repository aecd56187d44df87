import { IOLoop } from '../loop/io-loop.ts'

/** Settings of {@link sleep}. */
export interface SleepOptions {
  /** Aborting ends the sleep with the signal's reason. */
  signal?: AbortSignal
}

/**
 * Resolves after a delay on the loop's clock.
 *
 * Tornado: gen.sleep.
 */
export async function sleep(durationMs: number, { signal }: SleepOptions = {}): Promise<void> {
  signal?.throwIfAborted()
  const loop = IOLoop.current()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timeout = loop.callLater(durationMs, resolve)
  const onAbort = (): void => {
    loop.removeTimeout(timeout)
    reject(signal?.reason)
  }
  signal?.addEventListener('abort', onAbort)
  await promise.finally(() => signal?.removeEventListener('abort', onAbort))
}

/**
 * Awaiting it lets the loop run one iteration, so that a long computation can give way.
 *
 * @example
 * await moment
 *
 * Tornado: gen.moment.
 */
export const moment: PromiseLike<void> = Object.freeze<PromiseLike<void>>({
  then(onFulfilled, onRejected) {
    const turn = new Promise<void>((resolve) => {
      IOLoop.current().addCallback(resolve)
    })
    return turn.then(onFulfilled, onRejected)
  },
})
