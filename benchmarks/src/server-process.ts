import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { AppSpec } from './app-spec.ts'
import type { Peer } from './peers.ts'

/** What a server's process has used so far. */
export interface Usage {
  /** User and system time of all its threads, in µs. */
  readonly cpuUs: number
  /** Resident memory, in bytes. */
  readonly residentSize: number
}

export interface ServerProcessOptions {
  /** Words before the command that pin it to a core. */
  readonly prefix: readonly string[]
  /** Flags for Node, of servers that run on it. */
  readonly nodeFlags?: readonly string[]
}

/** A server that takes longer to listen, or to say what it used, is given up. */
const answerTimeoutMs = 20_000
/** A server that takes longer to end is killed. */
const stopTimeoutMs = 5000

/**
 * A server in a process of its own. It says its port in one line of JSON, answers each line `usage` with a
 * {@link Usage}, and ends when its standard input does, so that it never outlives the process that started it.
 */
export class ServerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: Interface
  readonly #gone: Promise<string>
  #port = 0

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child
    this.#lines = createInterface({ input: child.stdout })
    this.#gone = new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('exit', (status, signal) => resolve(`ended with ${signal ?? `status ${status}`}`))
    })
    // A question to a server that just died; its end is reported by who waits for the answer.
    child.stdin.on('error', () => {})
  }

  /** Resolves when the server listens. */
  static async start(peer: Peer, app: AppSpec, options: ServerProcessOptions): Promise<ServerProcess> {
    const command = [...options.prefix, ...peer.command(options.nodeFlags ?? [])]
    const [file = '', ...args] = command
    const env = { ...process.env, NODE_ENV: 'production' }
    const server = new ServerProcess(
      spawn(file, [...args, JSON.stringify(app)], { stdio: ['pipe', 'pipe', 'inherit'], env }),
    )
    try {
      const { port }: { port: number } = JSON.parse(await server.#answer())
      server.#port = port
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  get port(): number {
    return this.#port
  }

  /** Asks the process itself, which knows to the µs. */
  async usage(): Promise<Usage> {
    this.#child.stdin.write('usage\n')
    const usage: Usage = JSON.parse(await this.#answer())
    return usage
  }

  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs)
    this.#child.stdin.end()
    await this.#gone
    clearTimeout(timer)
  }

  /** The next line it says. Rejects when it ends or stays silent instead. */
  #answer(): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (how: string): void => {
        clearTimeout(timer)
        reject(new Error(`The server ${how}`))
      }
      const timer = setTimeout(fail, answerTimeoutMs, `said nothing for ${answerTimeoutMs} ms`)
      this.#lines.once('line', (line) => {
        clearTimeout(timer)
        resolve(line)
      })
      void this.#gone.then(fail)
    })
  }
}
