import { TimeoutError } from '@tornado-ts/ioloop'
import { getAsyncTestTimeoutMs } from './async-test-timeout.ts'

/** Settings of {@link genTest}. */
export interface GenTestOptions {
  /** Longest time the test may take; 0 for no limit. @default 5_000, or the environment's `ASYNC_TEST_TIMEOUT` in seconds */
  timeoutMs?: number
}

/**
 * A test with a time limit of its own, for any runner: `it('…', genTest(async (signal) => { … }))`.
 *
 * When the time is over the signal is aborted with the error that the test then fails with: what waits on the signal
 * throws it where it waits. The time is the real one, whatever fake clock the test uses. Tornado: testing.gen_test.
 *
 * @throws {TimeoutError} (rejection) When the test takes longer.
 */
export function genTest<T, This = unknown>(
  test: (this: This, signal: AbortSignal) => T | PromiseLike<T>,
  { timeoutMs = getAsyncTestTimeoutMs() }: GenTestOptions = {},
): (this: This) => Promise<T> {
  // Runners ask how many parameters a test has: one with any waits for a callback.
  return async function (this: This) {
    return await runWithLimit((signal) => test.call(this, signal), timeoutMs)
  }
}

/** Runs a function with a limit; no limit when it is not above 0. */
export async function runWithLimit<T>(
  run: (signal: AbortSignal) => T | PromiseLike<T>,
  timeoutMs: number,
): Promise<T> {
  const controller = new AbortController()
  if (!(timeoutMs > 0)) return await run(controller.signal)
  const { promise: timeUp, reject } = Promise.withResolvers<never>()
  const timer = realSetTimeout(() => {
    const error = new TimeoutError(`Operation timed out after ${timeoutMs / 1000} seconds`)
    controller.abort(error)
    reject(error)
  }, timeoutMs)
  try {
    return await Promise.race([run(controller.signal), timeUp])
  } finally {
    realClearTimeout(timer)
  }
}

/** As the program started with: tests fake the timers. */
const realSetTimeout: typeof setTimeout = setTimeout
const realClearTimeout: typeof clearTimeout = clearTimeout
