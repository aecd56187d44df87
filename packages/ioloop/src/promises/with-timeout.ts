import { appLog } from '@tornado-ts/log'
import { TimeoutError } from '../errors.ts'
import { IOLoop } from '../loop/io-loop.ts'
import { isQuiet, type QuietExceptions } from './quiet-errors.ts'

/** Settings of {@link withTimeout}. */
export interface WithTimeoutOptions {
  /** Errors that are not logged when they come after the time-out. @default none */
  quietExceptions?: QuietExceptions
  /** Aborting ends the wait as a time-out does, with the signal's reason. */
  signal?: AbortSignal
}

/** Something to wait for: a promise, or a function that makes one and can be told to stop. */
export type Operation<T> = PromiseLike<T> | ((signal: AbortSignal) => T | PromiseLike<T>)

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
export async function withTimeout<T>(
  timeoutMs: number,
  future: Operation<T>,
  { quietExceptions = [], signal }: WithTimeoutOptions = {},
): Promise<T> {
  const controller = new AbortController()
  const { promise: gaveUp, reject } = Promise.withResolvers<never>()
  const giveUp = (reason: unknown): void => {
    reject(reason)
    controller.abort(reason)
  }
  const onAbort = (): void => {
    giveUp(signal?.reason)
  }
  const loop = IOLoop.current()
  const timeout = loop.callLater(timeoutMs, () => {
    giveUp(new TimeoutError())
  })
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted === true) onAbort()

  const operation = start(future, controller.signal)
  try {
    return await Promise.race([operation, gaveUp])
  } catch (error) {
    if (controller.signal.aborted && error === controller.signal.reason) {
      logLateError(operation, future, error, quietExceptions)
    }
    throw error
  } finally {
    loop.removeTimeout(timeout)
    signal?.removeEventListener('abort', onAbort)
  }
}

async function start<T>(future: Operation<T>, signal: AbortSignal): Promise<T> {
  if (typeof future !== 'function') return await future
  signal.throwIfAborted()
  return await future(signal)
}

function logLateError<T>(
  operation: Promise<T>,
  future: Operation<T>,
  reason: unknown,
  quietExceptions: QuietExceptions,
): void {
  const name = typeof future === 'function' && future.name !== '' ? future.name : 'Promise'
  operation.catch((error: unknown) => {
    // What the abort itself made it throw is no news.
    if (error === reason || isQuiet(error, quietExceptions)) return
    appLog.error(`Exception in Future ${name} after timeout`, error)
  })
}
