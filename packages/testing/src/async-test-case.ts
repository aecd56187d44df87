import { IOLoop, TimeoutError } from '@tornado-ts/ioloop'
import { appLog } from '@tornado-ts/log'
import { expectLog, type ExpectedLog } from '@tornado-ts/log/testing'
import { getAsyncTestTimeoutMs } from './async-test-timeout.ts'
import { runWithLimit } from './gen-test.ts'

/** The names of the methods of a test case that are tests. */
export type TestMethods<Case> = {
  [Name in keyof Case]: Name extends `test${string}` ? Name : never
}[keyof Case] &
  string

/** Settings of {@link AsyncTestCase.wait}. */
export interface WaitOptions {
  /** Looked at on each `stop`; the wait goes on while it is false. @default one `stop` is enough */
  condition?: () => boolean
  /** Longest wait; 0 for no limit. @default 5_000, or the environment's `ASYNC_TEST_TIMEOUT` in seconds */
  timeoutMs?: number
}

/**
 * A class of tests, as Tornado's test cases are written: each method whose name begins with `test` is one, with an object
 * of its own. `defineTestCase` gives them to a runner, `main` runs them without one.
 *
 * Test methods, `setUp` and `tearDown` may be async; a test may take five seconds. Tornado: testing.AsyncTestCase.
 */
export class AsyncTestCase {
  /** The loop of this test. It is closed after it, with the timers and callbacks it still has. */
  ioLoop!: IOLoop
  readonly #methodName: string
  readonly #cleanups: (() => unknown)[] = []
  readonly #gone = new AbortController()
  #failures: ExpectedLog | null = null
  #rethrown = 0
  #stopped: { readonly value: unknown } | null = null
  #onStop: (() => void) | null = null

  /** @param methodName The test that this object runs. */
  constructor(methodName = 'runTest') {
    this.#methodName = methodName
  }

  /** Aborted when the test is over, for what it leaves behind. */
  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** Runs before the test; an override calls this one first. */
  setUp(): void | Promise<void> {
    this.ioLoop = this.getNewIoloop()
    this.#failures = expectLog(appLog, /^Exception in callback/, { required: false })
  }

  /**
   * Runs after the test, whatever came of it; an override calls this one last. Aborts `signal`, closes the loop, and throws the error of
   * a callback that failed meanwhile.
   */
  async tearDown(): Promise<void> {
    this.#gone.abort(new Error('Test is over'))
    await this.ioLoop.close({ allFds: true })
    const failures = this.#failures
    this.#failures?.[Symbol.dispose]()
    this.#failures = null
    this.#rethrow(failures)
  }

  /** The loop for one test. Node has one loop for a thread, so it is a new one only after the one before was closed. */
  getNewIoloop(): IOLoop {
    return IOLoop.current()
  }

  /** Has a function called after `tearDown`, the last one given first. */
  addCleanup(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup)
  }

  /**
   * Runs the test with what belongs before and after it.
   *
   * @throws Whatever the test throws; several errors as an `AggregateError`.
   * @throws {TypeError} (rejection) When the test returns a generator, or anything but a promise or nothing.
   */
  async run(): Promise<void> {
    const errors: unknown[] = []
    const attempt = async (step: () => unknown): Promise<boolean> => {
      try {
        await step()
        return true
      } catch (error) {
        errors.push(error)
        return false
      }
    }
    if (await attempt(() => this.setUp())) {
      await attempt(async () => await runWithLimit(() => this.#runTest(), getAsyncTestTimeoutMs()))
      await attempt(() => this.tearDown())
    }
    this.#failures?.[Symbol.dispose]()
    for (const cleanup of this.#cleanups.splice(0).toReversed()) await attempt(cleanup)
    if (errors.length === 1) throw errors[0]
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} errors in ${this.#methodName}`)
  }

  /**
   * Ends the current or the next {@link wait}, which resolves with the value. For tests of code with callbacks:
   * `startSomething(() => this.stop())`, then `await this.wait()`.
   */
  stop(value?: unknown): void {
    this.#stopped = { value }
    this.#onStop?.()
  }

  /**
   * Waits for {@link stop}.
   *
   * @throws {TimeoutError} (rejection) `Async operation timed out after N seconds`.
   * @throws Whatever a callback of the loop threw meanwhile.
   */
  async wait({ condition, timeoutMs = getAsyncTestTimeoutMs() }: WaitOptions = {}): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const isOver = (): boolean => this.#stopped !== null && (condition === undefined || condition())
    const timer =
      timeoutMs > 0
        ? realSetTimeout(() => {
            reject(new TimeoutError(`Async operation timed out after ${timeoutMs / 1000} seconds`))
          }, timeoutMs)
        : undefined
    // The loop logs what a callback throws; nothing tells of it but the log.
    const poll = realSetInterval(() => {
      if ((this.#failures?.matched ?? 0) > this.#rethrown) resolve()
    }, 5)
    this.#onStop = (): void => {
      if (isOver()) resolve()
    }
    this.#onStop()
    try {
      await promise
    } finally {
      clearTimeout(timer)
      clearInterval(poll)
      this.#onStop = null
    }
    this.#rethrow(this.#failures)
    const value = this.#stopped?.value
    this.#stopped = null
    return value
  }

  async #runTest(): Promise<void> {
    const test = (this as unknown as Record<string, unknown>)[this.#methodName]
    if (typeof test !== 'function') throw new TypeError(`No such test: ${this.#methodName}`)
    const result: unknown = test.call(this)
    if (typeof result === 'object' && result !== null && 'then' in result) {
      const value: unknown = await (result as PromiseLike<unknown>)
      if (value !== undefined) throw new TypeError(`Return value from test method ignored: ${String(value)}`)
    } else if (typeof result === 'object' && result !== null && 'next' in result) {
      throw new TypeError('Generator test methods are not run: make the method async')
    } else if (result !== undefined) {
      throw new TypeError(`Return value from test method ignored: ${String(result)}`)
    }
  }

  #rethrow(failures: ExpectedLog | null): void {
    const record = failures?.records[this.#rethrown]
    if (record === undefined) return
    this.#rethrown++
    const { error = new Error(record.message) } = record
    // oxlint-disable-next-line typescript/only-throw-error -- as the callback threw it
    throw error
  }
}

/** As the program started with: tests fake the timers. */
const realSetTimeout: typeof setTimeout = setTimeout
const realSetInterval: typeof setInterval = setInterval
