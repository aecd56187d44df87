import { genLog } from '@tornado-ts/log'
import cluster, { type Worker } from 'node:cluster'
import { TooManyRestartsError } from '../errors.ts'

/** As `ForkOptions`, with their defaults. */
export interface SupervisorOptions {
  readonly maxRestarts: number
  readonly restartDelayMs: number
  readonly healthyAfterMs: number
  readonly graceMs: number
}

/** Looks after the processes of `forkProcesses`. */
export class ProcessSupervisor {
  /** Tells a process its number. */
  static readonly taskVariable = 'TORNADO_TS_TASK_ID'

  readonly #count: number
  readonly #options: SupervisorOptions
  readonly #workers = new Set<Worker>()
  readonly #outcome: PromiseWithResolvers<never> = Promise.withResolvers()
  /** Processes that are still to start, after their delay. */
  readonly #delays = new Set<NodeJS.Timeout>()
  #restarts = 0
  #error: Error | null = null
  #isStopping = false

  constructor(count: number, options: SupervisorOptions) {
    this.#count = count
    this.#options = options
  }

  /** Ends the program when all processes have ended; rejects when they cannot be kept running. */
  run(): Promise<never> {
    for (const signal of stopSignals) process.on(signal, this.#onSignal)
    for (let id = 0; id < this.#count; id++) this.#start(id, 0)
    return this.#outcome.promise
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.#isStopping) {
      for (const worker of this.#workers) worker.process.kill('SIGKILL')
      return
    }
    genLog.info(`Received ${signal}, stopping ${this.#workers.size} processes`)
    this.#stop()
  }

  /** @param failures How often in a row the one before failed young. */
  #start(id: number, failures: number): void {
    const worker = cluster.fork({ [ProcessSupervisor.taskVariable]: String(id) })
    const startedAtMs = performance.now()
    this.#workers.add(worker)
    let isOver = false
    const ended = (how: string | null): void => {
      if (isOver) return
      isOver = true
      this.#workers.delete(worker)
      const isHealthy = performance.now() - startedAtMs >= this.#options.healthyAfterMs
      this.#ended(id, `child ${id} (pid ${worker.process.pid})`, how, isHealthy ? 0 : failures)
    }
    worker.on('exit', (code: number, signal: string | null) => {
      ended(signal !== null ? `killed by signal ${signal}` : code === 0 ? null : `exited with status ${code}`)
    })
    worker.on('error', (error: Error) => {
      if (worker.process.pid === undefined) ended(`did not start: ${error.message}`)
    })
  }

  #ended(id: number, child: string, how: string | null, failures: number): void {
    if (how === null) genLog.info(`${child} exited normally`)
    else if (!this.#isStopping) {
      if (++this.#restarts > this.#options.maxRestarts) {
        genLog.error(`${child} ${how}; too many child restarts, giving up`)
        this.#error = new TooManyRestartsError(
          `Too many child restarts, giving up: ${child} ${how} after ${this.#options.maxRestarts} restarts`,
        )
        this.#stop()
      } else {
        const delayMs = failures === 0 ? 0 : this.#delayAfter(failures)
        genLog.warning(`${child} ${how}, restarting${delayMs > 0 ? ` in ${delayMs} ms` : ''}`)
        this.#startLater(id, failures + 1, delayMs)
      }
    }
    if (this.#workers.size === 0 && this.#delays.size === 0) this.#finish()
  }

  #delayAfter(failures: number): number {
    return Math.min(this.#options.restartDelayMs * 2 ** (failures - 1), longestDelayMs)
  }

  #startLater(id: number, failures: number, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#delays.delete(timer)
      this.#start(id, failures)
    }, delayMs)
    this.#delays.add(timer)
  }

  #stop(): void {
    this.#isStopping = true
    for (const timer of this.#delays) clearTimeout(timer)
    this.#delays.clear()
    for (const worker of this.#workers) worker.process.kill('SIGTERM')
    const { graceMs } = this.#options
    setTimeout(() => {
      if (this.#workers.size > 0)
        genLog.warning(`${this.#workers.size} processes did not end in time, killing them`)
      for (const worker of this.#workers) worker.process.kill('SIGKILL')
    }, graceMs + killDelayMs).unref()
    if (this.#workers.size === 0) this.#finish()
  }

  #finish(): void {
    for (const signal of stopSignals) process.off(signal, this.#onSignal)
    if (this.#error === null) process.exit(0)
    this.#outcome.reject(this.#error)
  }
}

const stopSignals = ['SIGTERM', 'SIGINT'] as const
const longestDelayMs = 10_000
/** Processes that watch the time themselves are left this much more. */
const killDelayMs = 1_000
