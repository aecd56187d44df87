import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The chat as a program of its own. */
export class Program {
  readonly child: ChildProcess
  /** How it ended. */
  readonly ended: Promise<number | null>
  #output = ''

  constructor(...flags: string[]) {
    const args = ['--conditions=@tornado-ts/source', '--no-warnings', main, ...flags]
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => (this.#output += chunk.toString()))
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
  }

  /** Starts it, by default on a port that is free, and waits until it serves. */
  static async serve(...flags: string[]): Promise<Program> {
    const program = new Program('--port=0', '--logging=error', ...flags)
    await Promise.race([once(program.child.stdout!, 'data'), program.ended])
    return program
  }

  get output(): string {
    return this.#output
  }

  get url(): string {
    const url = /http:\S+/.exec(this.#output)?.[0]
    if (url === undefined) throw new Error(`It does not serve: ${this.#output}`)
    return `${url}/`
  }

  /** Ends it without any notice. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }
}
