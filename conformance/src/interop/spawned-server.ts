import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { end } from './programs.ts'

/** Starts a program that listens on the port and keeps what it has in the folder, which is its own. */
export type StartServer = (port: number, folder: string) => Promise<ChildProcess> | ChildProcess

/** A program that accepts connections on a port of this machine. Its folder goes with it. */
export class SpawnedServer implements AsyncDisposable {
  readonly port: number
  readonly #program: ChildProcess
  readonly #folder: string

  private constructor(port: number, program: ChildProcess, folder: string) {
    this.port = port
    this.#program = program
    this.#folder = folder
  }

  /** Resolves when the program accepts connections. */
  static async start(start: StartServer): Promise<SpawnedServer> {
    const folder = await mkdtemp(join(tmpdir(), 'conformance-'))
    // Some give up being root and still have to read it.
    await chmod(folder, 0o755)
    const port = await unusedPort()
    const server = new SpawnedServer(port, await start(port, folder), folder)
    try {
      await accepting(port, server.#program)
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#program)
    await rm(this.#folder, { recursive: true })
  }
}

/** A port of this machine that nobody listens on. */
export async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when somebody accepts on the port. */
async function accepting(port: number, program: ChildProcess): Promise<void> {
  while (program.exitCode === null && program.signalCode === null) {
    const socket = connect(port, '127.0.0.1')
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (connected) return
  }
  throw new Error(`Nobody accepts on port ${port}`)
}
