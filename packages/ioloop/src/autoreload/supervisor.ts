import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { genLog } from '@tornado-ts/log'
import { FileWatch } from './file-watch.ts'
import { isWatchReport, type ReloadOrder } from './supervisor-messages.ts'

/** The program that a {@link Supervisor} runs, and how. */
export interface SupervisorOptions {
  /** Absolute path of the program. */
  readonly program: string
  readonly args: readonly string[]
  /** Options of Node for the program. @default none */
  readonly execArgv?: readonly string[]
  /** Ends when the program ends with status 0. @default false */
  readonly untilSuccess?: boolean
  /** Whether modules below a folder `node_modules` are watched too. @default false */
  readonly nodeModules?: boolean
  /** Time between two looks at the files. @default 500 */
  readonly checkTimeMs?: number
  /** Time after which a program that does not end for a restart is asked with SIGTERM, and then killed. @default 5_000 */
  readonly graceMs?: number
}

/** How a program ended. */
export interface Ending {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

const endingSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * Runs a program as a child process, and again whenever a file changes that it has loaded or watches.
 *
 * It watches from outside, so a program that does not start, or hangs, is started again like any other. Signals to it go
 * to the program, and it ends when the program has.
 */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #files = new FileWatch()
  readonly #stop = Promise.withResolvers<NodeJS.Signals>()
  #child: ChildProcess | null = null

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#files.add(options.program)
  }

  /** Resolves with how the program ended that was told to end, or the one that ended well under `untilSuccess`. */
  async run(): Promise<Ending> {
    const listeners = endingSignals.map((signal) => ({ signal, listener: () => this.#onSignal(signal) }))
    for (const { signal, listener } of listeners) process.on(signal, listener)
    try {
      for (;;) {
        const ending = await this.#runOnce()
        if (ending !== null) return ending
      }
    } finally {
      for (const { signal, listener } of listeners) process.off(signal, listener)
    }
  }

  /** Runs the program until it is to be started again: `null`, or until all is over. */
  async #runOnce(): Promise<Ending | null> {
    const child = this.#spawn()
    this.#child = child
    const ended = new Promise<Ending>((resolve) => {
      child.once('exit', (status, signal) => resolve({ status, signal }))
      child.once('error', (error) => {
        genLog.error(`Cannot start ${process.execPath}`, error)
        resolve({ status: 1, signal: null })
      })
    })
    const stopped = this.#stop.promise
    const watching = new AbortController()
    const changed = this.#change(watching.signal)
    try {
      const first = await Promise.race([changed, ended, stopped])
      if (typeof first === 'string') {
        if (isSignal(first)) return await ended
        genLog.info(`${first} modified; restarting server`)
        await this.#endChild(child, ended, first)
        return null
      }
      this.#child = null
      if (first !== null && this.#isLast(first)) return first
      const next = await Promise.race([changed, stopped])
      if (next !== null && isSignal(next)) return { status: null, signal: next }
      genLog.info(`${next} modified; restarting server`)
      return null
    } finally {
      watching.abort()
    }
  }

  #spawn(): ChildProcess {
    const { program, args, execArgv = [], nodeModules = false } = this.#options
    const preload = new URL(
      import.meta.url.endsWith('.ts') ? '../autoreload-worker.ts' : './autoreload-worker.js',
      import.meta.url,
    )
    preload.searchParams.set('supervisor', String(process.pid))
    if (nodeModules) preload.searchParams.set('node-modules', '')
    const child = spawn(process.execPath, [...execArgv, '--import', preload.href, program, ...args], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    })
    child.on('message', (message) => {
      if (!isWatchReport(message)) return
      const { path, stamp } = message.tornadoWatch
      this.#files.add(path, stamp)
    })
    return child
  }

  /** Says how the program ended; whether that ends the supervisor as well. */
  #isLast({ status, signal }: Ending): boolean {
    if (this.#options.untilSuccess === true && status === 0) return true
    const how = signal === null ? `with status ${status}` : `by ${signal}`
    if (status === 0) genLog.info('Program exited normally; waiting for a change')
    else genLog.warning(`Program exited ${how}; waiting for a change`)
    return false
  }

  /** The path of the next file that changes; `null` when aborted. */
  async #change(signal: AbortSignal): Promise<string | null> {
    const { checkTimeMs = 500 } = this.#options
    while (!signal.aborted) {
      const changed = await this.#files.check()
      if (changed !== null) return changed
      await delay(checkTimeMs, undefined, { signal }).catch(() => {})
    }
    return null
  }

  async #endChild(child: ChildProcess, ended: Promise<Ending>, path: string): Promise<void> {
    const { graceMs = 5_000 } = this.#options
    const order: ReloadOrder = { tornadoReload: path }
    // A program that cannot be reached is ended by the signals below.
    if (child.connected) child.send(order, () => {})
    const timers = [
      setTimeout(() => child.kill('SIGTERM'), child.connected ? graceMs : 0),
      setTimeout(() => child.kill('SIGKILL'), graceMs * 2),
    ]
    await ended
    timers.forEach((timer) => clearTimeout(timer))
  }

  #onSignal(signal: NodeJS.Signals): void {
    // A terminal sends its interrupt to the program too.
    const isShared = signal === 'SIGINT' && process.stdin.isTTY
    if (!isShared) this.#child?.kill(signal)
    this.#stop.resolve(signal)
  }
}

function isSignal(text: string): text is NodeJS.Signals {
  return (endingSignals as readonly string[]).includes(text)
}
