import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

/** A program of `test/programs`, run as a process of its own. */
export class Program implements AsyncDisposable {
  readonly child: ChildProcess
  /** What it has written to stderr so far. */
  errors = ''
  readonly #lines: AsyncIterator<string>
  readonly #reader: Interface
  readonly #closed: Promise<[number | null, NodeJS.Signals | null]>

  /** With `prefix` the program is run by another one, such as a shell that sets limits; `flags` are Node's. */
  constructor(
    name: string,
    args: readonly string[] = [],
    prefix: readonly string[] = [],
    flags: readonly string[] = [],
  ) {
    const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
    const file = join(import.meta.dirname, 'programs', `${name}.ts`)
    const node = [
      process.execPath,
      ...flags,
      '--disable-warning=ExperimentalWarning',
      ...conditions,
      file,
      ...args,
    ]
    const [command = '', ...rest] = [...prefix, ...node]
    this.child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errors += text))
    this.#reader = createInterface(this.child.stdout as Readable)
    this.#lines = this.#reader[Symbol.asyncIterator]()
    this.#closed = once(this.child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  }

  /** The next line it prints. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error(`Program has ended: ${this.errors}`)
    return value
  }

  /** The next lines, in alphabetical order. */
  async lines(count: number): Promise<string[]> {
    const lines: string[] = []
    while (lines.length < count) lines.push(await this.line())
    return lines.toSorted()
  }

  /** Resolves with the status, or the signal, when it has ended. */
  async ended(): Promise<number | NodeJS.Signals> {
    const [status, signal] = await this.#closed
    return signal ?? status!
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#closed
    this.#reader.close()
  }
}
