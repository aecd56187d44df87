import { appLog } from '@tornado-ts/log'

/** What the loop may be given to run: its result is ignored, but for a promise whose failure is logged. */
export type Callback<Args extends unknown[] = []> = (...args: Args) => unknown

/** Runs one callback of the loop. Whatever it throws or rejects with goes to `appLog`; nothing leaves this function. */
export function runCallback<Args extends unknown[]>(callback: Callback<Args>, args: Args): void {
  try {
    const result = callback(...args)
    if (result !== undefined) watchResult(callback, result)
  } catch (error) {
    logCallbackError(callback, error)
  }
}

/** {@link runCallback} for the most frequent case, without the cost of spreading arguments. */
export function runBareCallback(callback: Callback): void {
  try {
    const result = callback()
    if (result !== undefined) watchResult(callback, result)
  } catch (error) {
    logCallbackError(callback, error)
  }
}

/** Cancelling is an order, not a failure. */
export function isCancellation(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Logs what a callback threw, unless it is a cancellation. */
export function logCallbackError<Args extends unknown[]>(callback: Callback<Args>, error: unknown): void {
  if (isCancellation(error)) return
  appLog.error(() => `Exception in callback ${callback.name || '<anonymous>'}`, error)
}

function watchResult<Args extends unknown[]>(callback: Callback<Args>, result: unknown): void {
  if (!isThenable(result)) return
  result.then(undefined, (error: unknown) => {
    logCallbackError(callback, error)
  })
}
