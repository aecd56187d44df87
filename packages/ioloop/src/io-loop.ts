import { currentLoop } from './current-loop.ts'
import { IOLoopClosedError, IOLoopStoppedError, TimeoutError } from './errors.ts'
import { KeepAlive } from './keep-alive.ts'
import { type Callback, runBareCallback, runCallback } from './run-callback.ts'
import { type TimeDelta, toMilliseconds } from './time-delta.ts'
import { Timers, type Timeout } from './timers.ts'

/** Settings of {@link IOLoop.runSync}. */
export interface RunSyncOptions {
  /** Rejects with {@link TimeoutError} after this long, and aborts the function's signal. @default no limit */
  timeoutMs?: number
}

/** About three years: what lies further ahead was computed from another clock. */
const furthestDeadlineMs = 1e11

/**
 * The event loop of this thread.
 *
 * Node runs the loop already, so there is exactly one for a thread, found by {@link IOLoop.current}; callbacks and
 * timers run whether or not {@link IOLoop.start} was called. An error of a callback goes to `appLog` as
 * `Exception in callback NAME`, and the loop goes on; an `AbortError` is silent. Each callback runs in the
 * `AsyncLocalStorage` context of the call that scheduled it.
 *
 * Tornado: ioloop.IOLoop.
 */
export class IOLoop {
  readonly #keepAlive = new KeepAlive()
  readonly #timers = new Timers(this.#keepAlive)
  readonly #runs = new Set<() => void>()
  #started = false
  #stopRequested = false
  #stopScheduled = false
  #closed = false

  /**
   * Use {@link IOLoop.current}: the constructor is for the rare program that closed its loop and wants another.
   *
   * @throws {Error} When this thread has a loop that is not closed.
   */
  constructor() {
    if (currentLoop.loop !== null) throw new Error('This thread has an IOLoop; use IOLoop.current()')
    currentLoop.loop = this
  }

  /** The loop of this thread, made on first use; with `instance: false`, `null` in place of making one. */
  static current(options: { readonly instance: false }): IOLoop | null
  static current(options?: { readonly instance?: boolean }): IOLoop
  static current({ instance = true }: { readonly instance?: boolean } = {}): IOLoop | null {
    return currentLoop.loop ?? (instance ? new IOLoop() : null)
  }

  /**
   * Runs a callback in the next iteration of the loop, after those added before it. It never runs within this call,
   * and callbacks that add callbacks starve neither timers nor sockets. Ignored once the loop is closed.
   */
  addCallback<Args extends unknown[]>(callback: Callback<Args>, ...args: Args): void {
    if (this.#closed) return
    if (args.length === 0) setImmediate(this.#runBare, callback as Callback)
    else setImmediate(this.#run, callback as Callback<unknown[]>, args)
  }

  /** The same as {@link IOLoop.addCallback}, for a call whose result nobody waits for. */
  spawnCallback<Args extends unknown[]>(callback: Callback<Args>, ...args: Args): void {
    this.addCallback(callback, ...args)
  }

  /** Runs a callback with the outcome of a promise once it is settled, in an iteration of its own. */
  addFuture<T>(future: PromiseLike<T>, callback: Callback<[PromiseSettledResult<T>]>): void {
    future.then(
      (value) => {
        this.addCallback(callback, { status: 'fulfilled', value })
      },
      (reason: unknown) => {
        this.addCallback(callback, { status: 'rejected', reason })
      },
    )
  }

  /**
   * Milliseconds on a monotonic clock, with fractions. Only differences mean anything: the clock starts
   * anywhere, in each thread elsewhere, and setting the system's time does not move it.
   */
  time(): number {
    return this.#timers.clock.now()
  }

  /**
   * Runs a callback after a delay; one of zero or less ends in the next iteration.
   *
   * @throws {TypeError} When the delay is no number.
   * @throws {IOLoopClosedError}
   */
  callLater<Args extends unknown[]>(delayMs: number, callback: Callback<Args>, ...args: Args): Timeout {
    if (this.#closed) throw new IOLoopClosedError()
    return this.#timers.callLater(delayMs, callback, args)
  }

  /**
   * Runs a callback at a time of {@link IOLoop.time}, never before; one that is past runs in the next iteration.
   *
   * @throws {TypeError} When the time is no number.
   * @throws {RangeError} When it lies years ahead, as a time of `Date.now()` does.
   * @throws {IOLoopClosedError}
   */
  callAt<Args extends unknown[]>(whenMs: number, callback: Callback<Args>, ...args: Args): Timeout {
    if (this.#closed) throw new IOLoopClosedError()
    if (whenMs - this.time() > furthestDeadlineMs) {
      throw new RangeError(`Deadline ${whenMs} lies years ahead; count from IOLoop.time(), not Date.now()`)
    }
    return this.#timers.callAt(whenMs, callback, args)
  }

  /**
   * Runs a callback at a time of {@link IOLoop.time}, as `callAt`, or after a {@link TimeDelta}, as `callLater`.
   *
   * @throws {TypeError} When the deadline is neither.
   */
  addTimeout<Args extends unknown[]>(
    deadline: number | TimeDelta,
    callback: Callback<Args>,
    ...args: Args
  ): Timeout {
    if (typeof deadline === 'number') return this.callAt(deadline, callback, ...args)
    if (typeof deadline === 'object' && deadline !== null) {
      return this.callLater(toMilliseconds(deadline), callback, ...args)
    }
    throw new TypeError(`Cannot use ${typeof deadline} as a deadline`)
  }

  /** Takes a pending call back. Does nothing for one that has run or was removed. */
  removeTimeout(timeout: Timeout): void {
    timeout[Symbol.dispose]()
  }

  /**
   * Keeps the process alive until {@link IOLoop.stop}, then resolves. A `stop()` that came before ends it after one
   * iteration. A stopped loop can be started again.
   *
   * @throws {Error} When it is started already.
   * @throws {IOLoopClosedError}
   */
  async start(): Promise<void> {
    if (this.#started) throw new Error('IOLoop is already running')
    this.#started = true
    try {
      await new Promise<void>((resolve) => {
        this.#enterRun(resolve)
      })
    } finally {
      this.#started = false
    }
  }

  /** Ends {@link IOLoop.start} and {@link IOLoop.runSync} after the current iteration; the next one, if none runs. */
  stop(): void {
    this.#stopRequested = true
    if (this.#runs.size > 0) this.#endRunsAfterIteration()
  }

  /**
   * Calls a function and gives its result, keeping the process alive meanwhile.
   *
   * The function is called at once; it may be synchronous. Its `signal` is aborted when the time is out
   * or the loop is stopped; what it rejects with after that is dropped.
   *
   * @throws {TimeoutError} After `timeoutMs`.
   * @throws {IOLoopStoppedError} When the loop is stopped first.
   * @throws {IOLoopClosedError}
   */
  async runSync<T>(
    fn: (signal: AbortSignal) => T | PromiseLike<T>,
    { timeoutMs }: RunSyncOptions = {},
  ): Promise<T> {
    const controller = new AbortController()
    let timeout: Timeout | null = null
    let onStop: (() => void) | null = null
    try {
      return await new Promise<T>((resolve, reject) => {
        const giveUp = (error: Error): void => {
          reject(error)
          controller.abort(error)
        }
        onStop = () => {
          giveUp(new IOLoopStoppedError())
        }
        this.#enterRun(onStop)
        if (timeoutMs !== undefined) {
          timeout = this.callLater(timeoutMs, () => {
            giveUp(new TimeoutError(`Operation timed out after ${timeoutMs} ms`))
          })
        }
        // Not `resolve(promise)`, after which neither the time-out nor a stop could reject any more.
        Promise.resolve(fn(controller.signal)).then(resolve, reject)
      })
    } finally {
      if (timeout !== null) this.removeTimeout(timeout)
      if (onStop !== null) this.#leaveRun(onStop)
    }
  }

  /**
   * Ends the loop: no callback or timer of it runs any more, and {@link IOLoop.current} makes another.
   * A second call does nothing.
   *
   * @throws {Error} When it is started; stop it first.
   */
  async close(): Promise<void> {
    if (this.#closed) return
    if (this.#runs.size > 0) throw new Error('Cannot close a running IOLoop')
    this.#closed = true
    this.#timers.close()
    this.#keepAlive.end()
    if (currentLoop.loop === this) currentLoop.loop = null
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // One function for each loop, made once: a closure for each callback costs more than all the rest.
  readonly #runBare = (callback: Callback): void => {
    if (!this.#closed) runBareCallback(callback)
  }

  readonly #run = (callback: Callback<unknown[]>, args: unknown[]): void => {
    if (!this.#closed) runCallback(callback, args)
  }

  #enterRun(onStop: () => void): void {
    if (this.#closed) throw new IOLoopClosedError()
    this.#keepAlive.hold()
    this.#runs.add(onStop)
    if (this.#stopRequested) this.#endRunsAfterIteration()
  }

  #leaveRun(onStop: () => void): void {
    if (this.#runs.delete(onStop)) this.#keepAlive.release()
  }

  #endRunsAfterIteration(): void {
    if (this.#stopScheduled) return
    this.#stopScheduled = true
    setImmediate(() => {
      this.#stopRequested = false
      this.#stopScheduled = false
      for (const onStop of this.#runs) {
        this.#leaveRun(onStop)
        onStop()
      }
    })
  }
}
