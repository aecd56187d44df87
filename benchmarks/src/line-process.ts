import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** A process that takes longer to answer is given up. */
const answerTimeoutMs = 20_000
/** A process that takes longer to end is killed. */
const stopTimeoutMs = 5000

/**
 * A process that answers lines with lines. It ends when its standard input does, so that it never outlives the
 * process that started it. What it complains about goes to standard error.
 */
export class LineProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: Interface
  readonly #gone: Promise<string>

  constructor([file = '', ...args]: readonly string[]) {
    const env = { ...process.env, NODE_ENV: 'production' }
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
    this.#lines = createInterface({ input: this.#child.stdout })
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(`cannot run: ${error.message}`))
      this.#child.on('exit', (status, signal) => resolve(`ended with ${signal ?? `status ${status}`}`))
    })
    // A question to a process that just ended; that it did is what `answer` rejects with.
    this.#child.stdin.on('error', () => {})
  }

  /** The next line it says. Rejects when it ends or stays silent instead. */
  answer(timeoutMs: number = answerTimeoutMs): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (how: string): void => {
        clearTimeout(timer)
        this.#lines.off('line', take)
        reject(new Error(`The process ${how}`))
      }
      const timer = setTimeout(fail, timeoutMs, `said nothing for ${timeoutMs} ms`)
      const take = (line: string): void => {
        clearTimeout(timer)
        resolve(line)
      }
      this.#lines.once('line', take)
      void this.#gone.then(fail)
    })
  }

  /** Says a line to it, and resolves with the line it says next. */
  ask(line: string, timeoutMs?: number): Promise<string> {
    this.#child.stdin.write(`${line}\n`)
    return this.answer(timeoutMs)
  }

  /** Resolves when it has ended. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs)
    this.#child.stdin.end()
    await this.#gone
    clearTimeout(timer)
  }
}
