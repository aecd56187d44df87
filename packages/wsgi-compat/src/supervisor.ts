import { appLog } from '@tornado-ts/log'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FastCGIConnectionError, NoWorkerError } from './errors.ts'
import type { FastCGIConnection } from './fastcgi-connection.ts'
import { FastCGIPool } from './fastcgi-pool.ts'
import type { FastCGIRequest } from './fastcgi-request.ts'
import type { Gateway, GatewayOptions } from './gateway.ts'
import { endBeforeReload, forgetReload, watchSources, type ReloadedOwner } from './reload-workers.ts'
import { WorkerProcess, type WorkerProcessOwner } from './worker-process.ts'

/** {@link PythonAppOptions} with their defaults. */
export interface SupervisorOptions {
  readonly target: string
  readonly python: readonly string[]
  readonly cwd: string | undefined
  readonly env: NodeJS.ProcessEnv | undefined
  readonly processes: number
  readonly threads: number
  readonly maxRequests: number
  readonly maxStartFailures: number
  readonly restartDelayMs: number
  readonly startTimeoutMs: number
  readonly graceMs: number
}

/**
 * Keeps a number of Python workers running, and gives them requests.
 *
 * A worker that ends is replaced at once; one that could not start, or has ended without having been given a request, after a
 * delay that doubles each time. When as many in a row as allowed could not start and none is left, it gives up.
 */
export class Supervisor implements Gateway, WorkerProcessOwner, ReloadedOwner {
  readonly params: Readonly<Record<string, string>> = {}

  readonly #options: SupervisorOptions
  readonly #requestTimeoutMs: number
  readonly #pool: FastCGIPool
  readonly #folder: string
  readonly #workers = new Set<WorkerProcess>()
  /** Workers that are replaced: they serve until a successor does, or have begun to end. */
  readonly #leaving = new Set<WorkerProcess>()
  /** Workers that are still to start, after their delay. */
  readonly #delays = new Set<NodeJS.Timeout>()
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly #removeFolder = (): void => rmSync(this.#folder, { recursive: true, force: true })
  #startedCount = 0
  /** Workers in a row that have ended without a request. */
  #failures = 0
  #closed: PromiseWithResolvers<void> | null = null

  constructor(options: SupervisorOptions, gatewayOptions: GatewayOptions) {
    this.#options = options
    this.#requestTimeoutMs = gatewayOptions.requestTimeoutMs ?? 60_000
    this.#pool = new FastCGIPool(gatewayOptions)
    this.#pool.sendsAhead = true
    // Only its owner may enter it, so nobody else can connect to the workers.
    this.#folder = mkdtempSync(join(tmpdir(), 'wsgi-'))
    process.once('exit', this.#removeFolder)
    // Who cares about it awaits `ready`; for others there is the log.
    this.#ready.promise.catch(() => {})
    endBeforeReload(this)
    this.#fill()
  }

  /** The numbers of the processes that run. */
  get pids(): number[] {
    return [...this.#workers].flatMap((worker) => worker.pid ?? [])
  }

  /** Files of the application that its workers have loaded. */
  get files(): string[] {
    return [...new Set([...this.#workers].flatMap((worker) => worker.files))]
  }

  /** Resolves when all workers are ready; rejects when they cannot be started. */
  ready(): Promise<void> {
    return this.#ready.promise
  }

  submit(request: FastCGIRequest): void {
    this.#pool.submit(request)
  }

  /** Starts new workers; the old ones go as those become ready. */
  reload(): void {
    for (const worker of this.#workers) this.#leaving.add(worker)
    this.#fill()
  }

  close(): Promise<void> {
    if (this.#closed !== null) return this.#closed.promise
    this.#closed = Promise.withResolvers()
    const error = new NoWorkerError('Container is closed')
    this.#pool.refuse(error)
    this.#ready.reject(error)
    for (const timer of this.#delays) clearTimeout(timer)
    this.#delays.clear()
    for (const worker of this.#workers) worker.retire(this.#options.graceMs)
    this.#endIfDone()
    return this.#closed.promise
  }

  async endBeforeReload(): Promise<void> {
    const closed = this.close()
    for (const worker of this.#workers) worker.kill()
    await closed
  }

  workerConnectionIdle(worker: WorkerProcess, connection: FastCGIConnection): void {
    this.#replaceIfDue(worker)
    const isNew = connection.requestCount === 0
    this.#pool.offer(connection)
    if (isNew) this.#workerReady(worker)
  }

  workerConnectionHasRoom(worker: WorkerProcess, connection: FastCGIConnection): void {
    this.#replaceIfDue(worker)
    if (worker.state === 'ready') this.#pool.offerRoom(connection)
  }

  requestReturned(request: FastCGIRequest): void {
    this.#pool.resubmit(request)
  }

  workerConnectionClosed(
    worker: WorkerProcess,
    connection: FastCGIConnection,
    error: Error | null,
    request: FastCGIRequest | null,
  ): void {
    this.#pool.remove(connection)
    if (request === null || request.state === 'over') {
      if (error?.name === 'FastCGIProtocolError') {
        appLog.error(`Closed a connection to a Python worker (pid ${worker.pid}): ${error.message}`)
      }
    } else if (error?.name === 'FastCGIProtocolError') request.fail(error)
    else {
      const what = `Python worker (pid ${worker.pid}) was lost while it ran the request`
      request.fail(new FastCGIConnectionError(what, error === null ? {} : { cause: error }))
    }
  }

  workerStuck(worker: WorkerProcess): void {
    if (worker.state !== 'ready' || this.#closed !== null) return
    appLog.error(`Python worker (pid ${worker.pid}) does not come back from a request; replacing it`)
    this.#leaving.add(worker)
    worker.retire(worker.isBusy ? this.#requestTimeoutMs : stuckGraceMs)
    this.#fill()
  }

  workerEnded(worker: WorkerProcess, how: string): void {
    this.#workers.delete(worker)
    const wasLeaving = this.#leaving.delete(worker)
    if (this.#closed !== null) this.#endIfDone()
    else if (worker.requestCount > 0) {
      this.#failures = 0
      if (wasLeaving) return
      appLog.error(`Python worker (pid ${worker.pid}) ${how}; starting another`)
      this.#fill()
    } else if (!wasLeaving) this.#failedToStart(worker, how)
  }

  #replaceIfDue(worker: WorkerProcess): void {
    if (worker.requestCount < this.#options.maxRequests || this.#leaving.has(worker)) return
    this.#leaving.add(worker)
    this.#fill()
  }

  /** Starts workers until there are as many as wanted, those to come included. */
  #fill(): void {
    const { processes, threads, startTimeoutMs, ...options } = this.#options
    const isMultiprocess = processes > 1
    const requestTimeoutMs = this.#requestTimeoutMs
    while (this.#workers.size - this.#leaving.size + this.#delays.size < processes) {
      const socketPath = join(this.#folder, String(this.#startedCount++))
      this.#workers.add(
        new WorkerProcess(
          { ...options, threads, startTimeoutMs, isMultiprocess, requestTimeoutMs, socketPath },
          this,
        ),
      )
    }
  }

  /** A worker has taken a connection for the first time. */
  #workerReady(worker: WorkerProcess): void {
    watchSources(worker.files)
    for (const old of this.#leaving) {
      if (old.state !== 'ready') continue
      old.retire(this.#options.graceMs)
      break
    }
    if ([...this.#workers].filter((each) => each.isServing).length < this.#options.processes) return
    this.#failures = 0
    this.#ready.resolve()
    for (const each of this.#workers) if (each.state === 'ready') each.unref()
  }

  #failedToStart(worker: WorkerProcess, how: string): void {
    this.#failures++
    const error = worker.toStartError(how)
    const isLeft = [...this.#workers].some((each) => each.isServing)
    if (this.#failures >= this.#options.maxStartFailures && !isLeft) {
      appLog.error(`Giving up after ${this.#failures} attempts. ${error.message}`)
      this.#giveUp(error)
      return
    }
    const delayMs = Math.min(this.#options.restartDelayMs * 2 ** (this.#failures - 1), longestDelayMs)
    appLog.error(`${error.message}\nTrying again in ${delayMs} ms`)
    const timer = setTimeout(() => {
      this.#delays.delete(timer)
      this.#fill()
    }, delayMs)
    this.#delays.add(timer)
  }

  #giveUp(error: Error): void {
    this.#ready.reject(error)
    for (const timer of this.#delays) clearTimeout(timer)
    this.#delays.clear()
    this.#pool.refuse(new NoWorkerError('There is no Python worker', { cause: error }))
    for (const worker of this.#workers) {
      this.#leaving.add(worker)
      worker.kill()
    }
  }

  #endIfDone(): void {
    if (this.#closed === null || this.#workers.size > 0) return
    forgetReload(this)
    process.off('exit', this.#removeFolder)
    this.#removeFolder()
    this.#closed.resolve()
  }
}

const longestDelayMs = 10_000
/** For a worker that has nothing to do but what it does not come back from. */
const stuckGraceMs = 1_000
