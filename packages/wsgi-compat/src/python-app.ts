import type { Gateway, GatewayApplication, GatewayOptions } from './gateway.ts'
import { Supervisor } from './supervisor.ts'

/** How a Python application is run. */
export interface PythonAppOptions {
  /** The interpreter (CPython 3.8 or newer): a program, or a program and its flags. @default 'python3' */
  python?: string | readonly string[]
  /** Working directory of the workers; modules are looked for there first. @default that of this process */
  cwd?: string
  /** Added to the environment of this process for the workers; `undefined` takes a variable away. @default nothing */
  env?: Readonly<Record<string, string | undefined>>
  /** How many processes run the application. @default 1 */
  processes?: number
  /** How many requests each process runs at a time, a thread each; above 1 the application must be thread-safe. @default 1 */
  threads?: number
  /** A process is replaced after so many requests, once its successor is ready. @default Infinity: never */
  maxRequests?: number
  /** How many processes in a row may fail to start before it gives up, if none is left that serves. @default 5 */
  maxStartFailures?: number
  /** How long it waits after a failed start; doubles with each one, at most 10 s. In ms. @default 100 */
  restartDelayMs?: number
  /** Longest time that a process may take to import the application. In ms. @default 60_000 */
  startTimeoutMs?: number
  /** How long requests under way have at {@link WSGIContainer.close} or when a process is replaced. In ms. @default 30_000 */
  graceMs?: number
}

/** A WSGI application of Python: made by {@link pythonApp}. */
export class PythonApplication implements GatewayApplication {
  /** `package.module:callable`. */
  readonly target: string
  readonly #options: PythonAppOptions

  constructor(target: string, options: PythonAppOptions) {
    const { processes = 1, threads = 1, maxRequests = Infinity } = options
    if (!/^[^:]+(?::[^:]+)?$/.test(target) || target.startsWith('-')) {
      throw new TypeError(`Cannot run ${JSON.stringify(target)}: expected 'package.module:callable'`)
    }
    for (const [name, value] of Object.entries({ processes, threads })) {
      if (!Number.isInteger(value) || value < 1)
        throw new RangeError(`${name} must be a whole number above 0: ${value}`)
    }
    if (!(maxRequests >= 1)) throw new RangeError(`maxRequests must be at least 1: ${maxRequests}`)
    this.target = target
    this.#options = options
  }

  /** Starts the processes. */
  open(gatewayOptions: GatewayOptions): Gateway {
    const { python = 'python3', cwd, env, ...options } = this.#options
    return new Supervisor(
      {
        target: this.target,
        python: typeof python === 'string' ? [python] : python,
        cwd,
        env: env === undefined ? undefined : withEnvironment(env),
        processes: options.processes ?? 1,
        threads: options.threads ?? 1,
        maxRequests: options.maxRequests ?? Infinity,
        maxStartFailures: options.maxStartFailures ?? 5,
        restartDelayMs: options.restartDelayMs ?? 100,
        startTimeoutMs: options.startTimeoutMs ?? 60_000,
        graceMs: options.graceMs ?? 30_000,
      },
      gatewayOptions,
    )
  }
}

/**
 * A WSGI application of Python, run by processes of its own that a `WSGIContainer` starts and looks after.
 *
 * The callable may be an attribute of an object (`module:site.app`), or be made by a function (`module:create_app()`).
 *
 * @throws {TypeError | RangeError} When the target or an option makes no sense.
 */
export function pythonApp(target: string, options: PythonAppOptions = {}): PythonApplication {
  return new PythonApplication(target, options)
}

function withEnvironment(added: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  // oxlint-disable-next-line node/no-process-env -- not a setting: child processes inherit it
  return { ...process.env, ...added }
}
