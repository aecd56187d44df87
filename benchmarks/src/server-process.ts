import type { AnyApp } from './app-spec.ts'
import { LineProcess } from './line-process.ts'
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

/** A server in a process of its own. It first says its port, then answers each line `usage` with a {@link Usage}. */
export class ServerProcess {
  readonly #process: LineProcess
  #port = 0

  private constructor(process: LineProcess) {
    this.#process = process
  }

  /** Resolves when the server listens. */
  static async start(peer: Peer, app: AnyApp, options: ServerProcessOptions): Promise<ServerProcess> {
    const command = [...options.prefix, ...peer.command(options.nodeFlags ?? []), JSON.stringify(app)]
    const server = new ServerProcess(new LineProcess(command))
    try {
      const { port }: { port: number } = JSON.parse(await server.#process.answer())
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
    const usage: Usage = JSON.parse(await this.#process.ask('usage'))
    return usage
  }

  async stop(): Promise<void> {
    await this.#process.stop()
  }
}
