import { availableParallelism } from 'node:os'
import type { WorkerOptions } from 'node:worker_threads'
import { ExecutorClosedError, ExecutorFullError } from '../errors.ts'
import type { Executor, SubmitOptions, Work } from './executor.ts'
import { type Job, PoolWorker } from './pool-worker.ts'

/** Limits of a {@link WorkerPool}. */
export interface WorkerPoolOptions {
  /** Most threads at a time; they are started when there is work for them. @default the number of usable processors */
  size?: number
  /** Most calls that wait for a thread; beyond it `submit` rejects with {@link ExecutorFullError}. @default 10_000 */
  maxQueueSize?: number
  /** Given to every `Worker`: `resourceLimits`, `env`, `execArgv` and so on. @default those of this thread */
  workerOptions?: Omit<WorkerOptions, 'eval' | 'workerData'>
}

/**
 * Runs functions of modules in threads of their own, so that long computations do not hold up the loop.
 *
 * Calls start in the order they came. Arguments and results are copied between threads (structured clone); an error
 * keeps its name, message, stack, cause and fields. A thread that ends during a call rejects it with
 * {@link WorkerDiedError}, and another takes its place. An idle pool does not keep the process alive.
 */
export class WorkerPool implements Executor {
  readonly #size: number
  readonly #maxQueueSize: number
  readonly #workerOptions: WorkerOptions
  readonly #workers = new Set<PoolWorker>()
  readonly #idle: PoolWorker[] = []
  readonly #waiting = new Set<Job>()
  #closed: PromiseWithResolvers<void> | null = null

  /** @throws {RangeError} When the size is no whole number above 0, or the limit of the queue no number from 0. */
  constructor(options: WorkerPoolOptions = {}) {
    const { size = availableParallelism(), maxQueueSize = 10_000, workerOptions = {} } = options
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`Cannot make a pool of ${size} workers`)
    if (!(maxQueueSize >= 0)) throw new RangeError(`Cannot limit a queue to ${maxQueueSize}`)
    this.#size = size
    this.#maxQueueSize = maxQueueSize
    this.#workerOptions = workerOptions
  }

  /** Calls that run in a thread now. */
  get running(): number {
    return this.#workers.size - this.#idle.length
  }

  /** Calls that wait for a thread. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * @throws {TypeError} When the work is a function: only its module and name can reach another thread.
   * @throws {ExecutorFullError} When all threads are busy and the queue is full.
   * @throws {ExecutorClosedError}
   * @throws {WorkerDiedError} When the thread ends during the call.
   */
  async submit<Args extends unknown[], Result>(
    work: Work<Args, Result>,
    args: Args,
    options: SubmitOptions = {},
  ): Promise<Result> {
    if (typeof work === 'function') {
      throw new TypeError('Only functions of a module can run in a worker: name them with workerModule()')
    }
    const { module, name } = work
    const all = { ...work.options, ...options }
    const { signal } = all
    signal?.throwIfAborted()
    if (this.#closed !== null) throw new ExecutorClosedError()

    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const job: Job = { call: { module, name, args }, options: all, resolve, reject }
    const onAbort = (): void => {
      this.#cancel(job, signal?.reason)
    }
    signal?.addEventListener('abort', onAbort)
    try {
      this.#place(job)
      return (await promise) as Result
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Takes no more work, lets what was taken finish, then ends the threads. */
  close(): Promise<void> {
    this.#closed ??= Promise.withResolvers<void>()
    this.#endIfDone()
    return this.#closed.promise
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #place(job: Job): void {
    const worker = this.#idle.pop() ?? this.#grow()
    if (worker !== null) worker.run(job)
    else if (this.#waiting.size < this.#maxQueueSize) this.#waiting.add(job)
    else job.reject(new ExecutorFullError(this.#maxQueueSize))
  }

  #grow(): PoolWorker | null {
    if (this.#workers.size >= this.#size) return null
    const worker = new PoolWorker(this.#listener, this.#workerOptions)
    this.#workers.add(worker)
    return worker
  }

  readonly #listener = {
    onIdle: (worker: PoolWorker): void => {
      this.#idle.push(worker)
      this.#next()
    },
    onExit: (worker: PoolWorker): void => {
      this.#workers.delete(worker)
      const index = this.#idle.indexOf(worker)
      if (index !== -1) this.#idle.splice(index, 1)
      this.#next()
    },
  }

  #next(): void {
    const [job] = this.#waiting
    if (job === undefined) this.#endIfDone()
    else {
      this.#waiting.delete(job)
      this.#place(job)
    }
  }

  #cancel(job: Job, reason: unknown): void {
    job.reject(reason)
    if (this.#waiting.delete(job)) return
    for (const worker of this.#workers) {
      if (worker.job === job) void worker.terminate()
    }
  }

  #endIfDone(): void {
    if (this.#closed === null || this.running > 0 || this.#waiting.size > 0) return
    void Promise.all(Array.from(this.#workers, (worker) => worker.terminate())).then(() =>
      this.#closed?.resolve(),
    )
  }
}
