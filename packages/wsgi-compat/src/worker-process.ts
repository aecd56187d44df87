import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { WorkerStartError } from './errors.ts'
import { FastCGIConnection, type CloseReason, type FastCGIConnectionOwner } from './fastcgi-connection.ts'
import type { FastCGIRequest } from './fastcgi-request.ts'
import { ReusingStream } from './reusing-stream.ts'

/** How a worker is run. */
export interface WorkerProcessOptions {
  /** `package.module:callable`. */
  readonly target: string
  readonly python: readonly string[]
  readonly cwd: string | undefined
  readonly env: NodeJS.ProcessEnv | undefined
  readonly threads: number
  readonly isMultiprocess: boolean
  readonly socketPath: string
  readonly startTimeoutMs: number
  readonly requestTimeoutMs: number
}

/** What a {@link WorkerProcess} tells its supervisor. */
export interface WorkerProcessOwner {
  workerConnectionIdle(worker: WorkerProcess, connection: FastCGIConnection): void
  workerConnectionHasRoom(worker: WorkerProcess, connection: FastCGIConnection): void
  requestReturned(request: FastCGIRequest): void
  workerConnectionClosed(
    worker: WorkerProcess,
    connection: FastCGIConnection,
    error: Error | null,
    request: FastCGIRequest | null,
  ): void
  /** A thread of it does not come back from a request: it has to be replaced. */
  workerStuck(worker: WorkerProcess): void
  /** Its process is gone; called once, also when it never started. */
  workerEnded(worker: WorkerProcess, how: string): void
}

/** One process of Python and a connection to each of its threads. */
export class WorkerProcess implements FastCGIConnectionOwner {
  /** Files of the application that it has loaded, once it is ready. */
  files: readonly string[] = []
  /** What it said about why it could not start. */
  startError: string | null = null

  readonly #options: WorkerProcessOptions
  readonly #owner: WorkerProcessOwner
  readonly #process: ChildProcess
  readonly #control: Socket | null
  readonly #connections = new Set<FastCGIConnection>()
  readonly #stuckTimers = new Map<FastCGIConnection, NodeJS.Timeout>()
  #state: 'starting' | 'ready' | 'retiring' | 'ended' = 'starting'
  /** Requests of connections that are closed. */
  #pastRequestCount = 0
  #isServing = false
  #startTimer: NodeJS.Timeout | null
  #killTimer: NodeJS.Timeout | null = null

  constructor(options: WorkerProcessOptions, owner: WorkerProcessOwner) {
    this.#options = options
    this.#owner = owner
    const [program = 'python3', ...flags] = options.python
    const args = [...flags, workerProgram, '--socket', options.socketPath, '--control', '3']
    if (options.threads > 1) args.push('--threads', String(options.threads))
    if (options.isMultiprocess) args.push('--multiprocess')
    this.#process = spawn(program, [...args, options.target], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
    })
    this.#process.once('error', (error) => this.#ended(`did not start: ${whyNot(error, options.cwd)}`))
    this.#process.once('exit', (code, signal) => {
      this.#ended(signal === null ? `exited with status ${code}` : `was killed by ${signal}`)
    })
    this.#control = (this.#process.stdio[3] as Socket | null | undefined) ?? null
    this.#listen()
    this.#startTimer = setTimeout(() => {
      this.startError ??= `It was not ready within ${options.startTimeoutMs} ms`
      this.kill()
    }, options.startTimeoutMs)
  }

  /** The process's number, or `undefined` when it did not start. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  get state(): 'starting' | 'ready' | 'retiring' | 'ended' {
    return this.#state
  }

  /** How many requests it has been given. */
  get requestCount(): number {
    let count = this.#pastRequestCount
    for (const connection of this.#connections) count += connection.requestCount
    return count
  }

  /** Whether one of its threads has taken a connection. */
  get isServing(): boolean {
    return this.#isServing && this.#state !== 'ended'
  }

  /** Whether it runs a request. */
  get isBusy(): boolean {
    for (const connection of this.#connections) if (connection.isBusy) return true
    return false
  }

  /** Lets the requests under way end, then the process; after `graceMs` it is killed. */
  retire(graceMs: number): void {
    if (this.#state === 'ended') return
    this.#state = 'retiring'
    this.#process.ref()
    for (const connection of this.#connections) {
      if (connection.isBusy) connection.takeNoMore()
      else connection.close('released')
    }
    this.#killTimer ??= setTimeout(() => this.kill(), graceMs)
    this.#endIfDone()
  }

  /** Ends the process whatever it does. */
  kill(): void {
    if (this.#state !== 'ended') this.#process.kill('SIGKILL')
  }

  /** The program may end although the worker runs; the worker then ends by itself. */
  unref(): void {
    this.#process.unref()
    this.#control?.unref()
  }

  connectionIdle(connection: FastCGIConnection): void {
    clearTimeout(this.#stuckTimers.get(connection))
    this.#stuckTimers.delete(connection)
    this.#isServing = true
    if (this.#state === 'retiring') connection.close('released')
    else this.#owner.workerConnectionIdle(this, connection)
  }

  connectionHasRoom(connection: FastCGIConnection): void {
    this.#owner.workerConnectionHasRoom(this, connection)
  }

  requestReturned(request: FastCGIRequest): void {
    this.#owner.requestReturned(request)
  }

  connectionClosed(
    connection: FastCGIConnection,
    reason: CloseReason,
    error: Error | null,
    request: FastCGIRequest | null,
  ): void {
    this.#connections.delete(connection)
    this.#pastRequestCount += connection.requestCount
    const wasAsking = this.#stuckTimers.get(connection)
    clearTimeout(wasAsking)
    this.#stuckTimers.delete(connection)
    this.#owner.workerConnectionClosed(this, connection, error, request)
    if (reason === 'timedOut') this.#owner.workerStuck(this)
    // One that is lost while it asks is no use: the process is about to end, or has to be.
    if (this.#state === 'ready' && (reason !== 'lost' || wasAsking === undefined)) this.#connect()
    else this.#endIfDone()
  }

  /** Connects to a thread, and waits until one that is free takes the connection. */
  #connect(): void {
    const stream = new ReusingStream()
    const { requestTimeoutMs, socketPath } = this.#options
    const connection = new FastCGIConnection(stream, this, { keepConnection: true, requestTimeoutMs })
    this.#connections.add(connection)
    const timer = setTimeout(() => this.#owner.workerStuck(this), requestTimeoutMs)
    this.#stuckTimers.set(connection, timer.unref())
    stream.socket.unref()
    stream.connect(socketPath).catch(() => {})
    connection.ask()
  }

  #listen(): void {
    const control = this.#control
    if (control === null) return
    let text = ''
    control.setEncoding('utf8')
    control.on('error', () => {})
    control.on('data', (chunk: string) => {
      text += chunk
      const end = text.indexOf('\n')
      if (end === -1) return
      const message = JSON.parse(text.slice(0, end)) as { error?: string; files?: string[] }
      text = ''
      if (message.error !== undefined) this.startError = message.error.trimEnd()
      else this.#started(message.files ?? [])
    })
  }

  #started(files: readonly string[]): void {
    if (this.#state !== 'starting') return
    this.#clearStartTimer()
    this.files = files
    this.#state = 'ready'
    for (let i = 0; i < this.#options.threads; i++) this.#connect()
  }

  #endIfDone(): void {
    if (this.#state === 'retiring' && this.#connections.size === 0) this.#process.kill('SIGTERM')
  }

  #clearStartTimer(): void {
    if (this.#startTimer !== null) clearTimeout(this.#startTimer)
    this.#startTimer = null
  }

  #ended(how: string): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#clearStartTimer()
    if (this.#killTimer !== null) clearTimeout(this.#killTimer)
    for (const connection of this.#connections) connection.close('lost')
    this.#control?.destroy()
    this.#owner.workerEnded(this, how)
  }

  /** The error to tell when it did not start. */
  toStartError(how: string): WorkerStartError {
    const why = this.startError ?? `It ${how}`
    return new WorkerStartError(`Cannot start a Python worker for ${this.#options.target}: ${why}`)
  }
}

/** The platform tells of the program also when it is the working directory that is missing. */
function whyNot(error: Error, cwd: string | undefined): string {
  return cwd === undefined || existsSync(cwd) ? error.message : `working directory ${cwd} does not exist`
}

/** Beside `src` as well as beside `dist`. */
const workerProgram = fileURLToPath(new URL('../python/worker.py', import.meta.url))
