import { BlockingWatchdog } from './blocking-watchdog.ts'
import type { Clock } from './clock.ts'
import { currentLoop } from './current-loop.ts'
import {
  closeDescriptor,
  type DescriptorHandler,
  Descriptors,
  errorEvent,
  filenoOf,
  type Pollable,
  readEvent,
  writeEvent,
} from './descriptors.ts'
import { IOLoopClosedError, IOLoopStoppedError, TimeoutError } from '../errors.ts'
import type { Executor, Work } from '../executors/executor.ts'
import { HandlePorts, type LoopHandle, type RemoteCallbacks } from './loop-handle.ts'
import { LoopRuns } from './loop-runs.ts'
import { type Callback, runBareCallback, runCallback } from './run-callback.ts'
import { SignalCallbacks } from './signal-callbacks.ts'
import { type TimeDelta, toMilliseconds } from './time-delta.ts'
import { Timers, type Timeout } from './timers.ts'
import { WorkerPool } from '../executors/worker-pool.ts'

/** Settings of {@link IOLoop.runSync}. */
export interface RunSyncOptions {
  /** Rejects with {@link TimeoutError} after this long, and aborts the function's signal. @default no limit */
  timeoutMs?: number
}

/** Settings of {@link IOLoop.close}. */
export interface CloseOptions {
  /** Closes the descriptors that have handlers too. @default false */
  allFds?: boolean
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
export class IOLoop implements AsyncDisposable {
  /** No event. */
  static readonly NONE = 0
  /** The descriptor has something to read, or is at its end. */
  static readonly READ: 1 = readEvent
  /** The descriptor takes something to write. */
  static readonly WRITE: 4 = writeEvent
  /** The other end is gone, or the descriptor is in error. */
  static readonly ERROR: 24 = errorEvent

  readonly #runs = new LoopRuns()
  readonly #timers = new Timers()
  readonly #descriptors = new Descriptors()
  readonly #handlePorts = new HandlePorts()
  readonly #signals = new SignalCallbacks()
  #watchdog: BlockingWatchdog | null = null
  #executor: Executor | null = null
  #ownExecutor: WorkerPool | null = null
  #started = false
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
    this.#timers.remove(timeout)
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
        this.#runs.enter(resolve)
      })
    } finally {
      this.#started = false
    }
  }

  /** Ends {@link IOLoop.start} and {@link IOLoop.runSync} after the current iteration; the next one, if none runs. */
  stop(): void {
    this.#runs.stop()
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
        this.#runs.enter(onStop)
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
      if (onStop !== null) this.#runs.leave(onStop)
    }
  }

  /**
   * Calls a handler whenever a descriptor is ready, for as long as it is: what it does not read or write is reported
   * again in the next iteration. Reading and writing come as two calls.
   *
   * `IOLoop.ERROR` comes unasked when the descriptor is in error; libuv then watches it no more until
   * {@link IOLoop.updateHandler}. A removed handler is not called even for what was ready already. Remove a handler
   * before its descriptor is closed.
   *
   * Main thread only. Needs the optional package `koffi`.
   *
   * @param source A descriptor, or an object with `fileno()`; the handler gets the same back.
   * @param events `IOLoop.READ`, `IOLoop.WRITE`, or both with `|`; `IOLoop.ERROR` asks for the peer's end too.
   * @throws {RangeError} When the descriptor has a handler.
   * @throws {MissingPackageError} When koffi is not installed.
   * @throws {Error} When the system cannot poll it: a regular file, or one that Node itself watches.
   */
  addHandler<Source extends Pollable>(
    source: Source,
    handler: DescriptorHandler<Source>,
    events: number,
  ): void {
    if (this.#closed) throw new IOLoopClosedError()
    this.#descriptors.add(source, handler, events)
  }

  /**
   * Changes the events a handler is called for.
   *
   * @throws {RangeError} When the descriptor has no handler.
   */
  updateHandler(source: Pollable, events: number): void {
    this.#descriptors.update(source, events)
  }

  /** Ends the calls of a handler. Does nothing when there is none. */
  removeHandler(source: Pollable): void {
    this.#descriptors.remove(source)
  }

  /** The number of a descriptor, and what it was given as. */
  splitFd<Source extends Pollable>(source: Source): [fd: number, source: Source] {
    return [filenoOf(source), source]
  }

  /** Closes a descriptor, by its own `close()` where it has one. Does nothing when it is closed already. */
  closeFd(source: Pollable): void {
    closeDescriptor(source)
  }

  /**
   * Runs a callback each time the process gets a signal, in place of what the system would do.
   * Disposing the result, or closing the loop, ends it. Main thread only.
   */
  addSignalCallback<Args extends unknown[]>(
    signal: NodeJS.Signals,
    callback: Callback<Args>,
    ...args: Args
  ): Disposable {
    if (this.#closed) throw new IOLoopClosedError()
    return this.#signals.add(signal, callback, args)
  }

  /**
   * Makes a way for one other thread to run callbacks on this loop; see {@link RemoteLoop} for the other end.
   * Calls come in the order of that thread, none is lost when it ends, and those posted before
   * {@link IOLoop.close} run within it. The process stays alive until the handle is closed or its thread has ended.
   */
  handle<Callbacks extends RemoteCallbacks>(callbacks: Callbacks): LoopHandle<Callbacks> {
    if (this.#closed) throw new IOLoopClosedError()
    return this.#handlePorts.create(callbacks)
  }

  /**
   * Runs a function elsewhere, in the default executor for `null`: a {@link WorkerPool} made on first use.
   * Options of the call are given as `hashing.digest.with({ signal })`.
   *
   * @throws What the function throws, or the executor.
   */
  async runInExecutor<Args extends unknown[], Result>(
    executor: Executor | null,
    work: Work<Args, Result>,
    ...args: Args
  ): Promise<Result> {
    if (this.#closed) throw new IOLoopClosedError()
    const chosen = executor ?? this.#executor ?? (this.#ownExecutor ??= new WorkerPool())
    return await chosen.submit(work, args)
  }

  /** Sets what `runInExecutor(null, …)` uses from now on. Closing it is up to you. */
  setDefaultExecutor(executor: Executor): void {
    this.#executor = executor
  }

  /**
   * Logs to `appLog`, at warning, how long and where callbacks block the loop, when it is longer than this; `null`, the
   * default, turns it off. While on it costs a thread and four timer ticks a threshold. The stack is taken through the
   * inspector, so a debugger should not be attached at the same time. Main thread only.
   *
   * @throws {RangeError} When the threshold is not above 0.
   */
  setBlockingLogThreshold(thresholdMs: number | null): void {
    if (this.#closed) throw new IOLoopClosedError()
    const watchdog = thresholdMs === null ? null : new BlockingWatchdog(thresholdMs)
    void this.#watchdog?.close()
    this.#watchdog = watchdog
  }

  /** Takes time and timers from elsewhere from now on; gives what they came from before. For tests. */
  useClock(clock: Clock): Clock {
    const before = this.#timers.clock
    this.#timers.clock = clock
    return before
  }

  /**
   * Ends the loop: no callback, timer or handler of it runs any more, and {@link IOLoop.current} makes another.
   * Resolves when its own threads have ended, after the work they have. A second call does nothing.
   * Of more than 256 pending timers, some may keep the process alive until they are due.
   *
   * @throws {Error} When it is started; stop it first.
   */
  async close({ allFds = false }: CloseOptions = {}): Promise<void> {
    if (this.#closed) return
    if (this.#runs.size > 0) throw new Error('Cannot close a running IOLoop')
    this.#handlePorts.close()
    this.#closed = true
    this.#timers.close()
    this.#descriptors.close(allFds)
    this.#signals.close()
    this.#runs.close()
    if (currentLoop.loop === this) currentLoop.loop = null
    await Promise.all([this.#watchdog?.close(), this.#ownExecutor?.close()])
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
}
