import { appLog } from '@tornado-ts/log'
import { TimeoutError } from './errors.ts'
import { IOLoop } from './io-loop.ts'
import { isQuiet, type QuietExceptions } from './quiet-errors.ts'

/** Settings of {@link withTimeout}. */
export interface WithTimeoutOptions {
  /** Errors that are not logged when they come after the time-out. @default none */
  quietExceptions?: QuietExceptions
  /** Aborting ends the wait as a time-out does, with the signal's reason. */
  signal?: AbortSignal
}

/**
 * Waits for a promise, but not for longer than this.
 *
 * The operation behind a promise goes on after the time-out, and its late error is logged. Give a function instead to
 * have it cancelled: it is called with a signal that is aborted then. One that is settled already
 * gives its result even if the time is out.
 *
 * @example
 * const line = await withTimeout(5_000, (signal) => stream.readUntil('\n', { signal }))
 *
 * @throws {TimeoutError} After `timeoutMs`.
 *
 * Tornado: gen.with_timeout.
 */
export function withTimeout<T>(
  timeoutMs: number,
  future: PromiseLike<T> | ((signal: AbortSignal) => T | PromiseLike<T>),
  { quietExceptions = [], signal }: WithTimeoutOptions = {},
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const loop = IOLoop.current()
    const controller = new AbortController()
    let gaveUp = false

    const giveUp = (reason: unknown): void => {
      release()
      gaveUp = true
      reject(reason)
      controller.abort(reason)
    }
    const onAbort = (): void => {
      giveUp(signal?.reason)
    }
    const timeout = loop.callLater(timeoutMs, () => {
      giveUp(new TimeoutError())
    })
    const release = (): void => {
      loop.removeTimeout(timeout)
      signal?.removeEventListener('abort', onAbort)
    }
    const onError = (error: unknown): void => {
      release()
      reject(error)
      if (!gaveUp || error === controller.signal.reason || isQuiet(error, quietExceptions)) return
      const name = typeof future === 'function' && future.name !== '' ? future.name : 'Promise'
      appLog.error(`Exception in Future ${name} after timeout`, error)
    }

    signal?.addEventListener('abort', onAbort)
    try {
      if (typeof future === 'function') signal?.throwIfAborted()
      const started = typeof future === 'function' ? future(controller.signal) : future
      Promise.resolve(started).then((value) => {
        release()
        resolve(value)
      }, onError)
      if (signal?.aborted === true) onAbort()
    } catch (error) {
      onError(error)
    }
  })
}
