import { Worker, type WorkerOptions } from 'node:worker_threads'
import { WorkerDiedError } from '../errors.ts'
import type { SubmitOptions } from './executor.ts'
import { type Answer, type Call, poolThread, restoreThrown } from './pool-thread.ts'

/** One call: waiting for a worker, or running in one. */
export interface Job {
  readonly call: Call
  readonly options: SubmitOptions
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** What a {@link PoolWorker} tells its pool. */
export interface PoolWorkerListener {
  onIdle(worker: PoolWorker): void
  onExit(worker: PoolWorker): void
}

/** A thread that runs one job at a time. */
export class PoolWorker {
  readonly #thread: Worker
  readonly #listener: PoolWorkerListener
  #job: Job | null = null
  #error: unknown
  #isEnding = false

  constructor(listener: PoolWorkerListener, options: WorkerOptions) {
    this.#listener = listener
    this.#thread = new Worker(poolThread, { ...options, eval: true })
    this.#thread.on('message', (answer: Answer) => {
      const job = this.#release()
      if ('result' in answer) job?.resolve(answer.result)
      else job?.reject(restoreThrown(answer.thrown))
      this.#becomeIdle()
    })
    this.#thread.on('error', (error) => {
      this.#error = error
    })
    this.#thread.on('exit', (exitCode) => {
      const job = this.#release()
      const options = this.#error === undefined ? {} : { cause: this.#error }
      job?.reject(new WorkerDiedError(job.call.name, exitCode, options))
      this.#listener.onExit(this)
    })
  }

  get job(): Job | null {
    return this.#job
  }

  run(job: Job): void {
    this.#job = job
    this.#thread.ref()
    try {
      this.#thread.postMessage(job.call, [...(job.options.transfer ?? [])])
    } catch (error) {
      this.#release()
      job.reject(error)
      // Not within this call: a long queue of such jobs would be as deep a recursion.
      queueMicrotask(() => this.#becomeIdle())
    }
  }

  /** Ends the thread whatever it does. */
  async terminate(): Promise<void> {
    this.#isEnding = true
    await this.#thread.terminate()
  }

  // An answer may still come from a thread that is being ended; another job would die with it.
  #becomeIdle(): void {
    if (!this.#isEnding) this.#listener.onIdle(this)
  }

  // A process may end while its pools have nothing to do.
  #release(): Job | null {
    const job = this.#job
    this.#job = null
    this.#thread.unref()
    return job
  }
}
