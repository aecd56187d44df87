import { IOLoop } from '@tornado-ts/ioloop'
import { spawn, type ChildProcess, type IOType, type SpawnOptions } from 'node:child_process'
import { accessSync, constants as fileConstants } from 'node:fs'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { CalledProcessError } from '../errors.ts'
import { PipeIOStream } from '../stream/pipe-io-stream.ts'

/** Asks a {@link Subprocess} for a {@link PipeIOStream}. */
export interface StreamMark {
  readonly kind: 'stream'
}

const streamMark: StreamMark = Object.freeze({ kind: 'stream' })

/** {@link Subprocess.STREAM}, or what `child_process` takes: `'inherit'`, `'ignore'`, `'pipe'`, a descriptor, a stream. */
export type SubprocessStdio = StreamMark | IOType | number | Readable | Writable

/** Options of a {@link Subprocess}: those of `child_process.spawn`, and where its three streams lead. */
export interface SubprocessOptions<
  In extends SubprocessStdio,
  Out extends SubprocessStdio,
  Err extends SubprocessStdio,
> extends Omit<SpawnOptions, 'stdio'> {
  /** @default 'inherit' */
  stdin?: In
  /** @default 'inherit' */
  stdout?: Out
  /** @default 'inherit' */
  stderr?: Err
}

/** What stands in `stdin`, `stdout` and `stderr` for what was asked. */
export type SubprocessStream<Asked extends SubprocessStdio, Pipe> = Asked extends StreamMark
  ? PipeIOStream
  : Asked extends 'pipe' | 'overlapped'
    ? Pipe
    : null

/**
 * A program run as a process of its own.
 *
 * @example
 * const date = new Subprocess(['date', '-u'], { stdout: Subprocess.STREAM })
 * console.log(String(await date.stdout.readUntilClose()))
 * await date.waitForExit()
 *
 * Tornado: process.Subprocess.
 */
export class Subprocess<
  In extends SubprocessStdio = 'inherit',
  Out extends SubprocessStdio = 'inherit',
  Err extends SubprocessStdio = 'inherit',
> implements AsyncDisposable {
  /** Asks for a {@link PipeIOStream}. */
  static readonly STREAM: StreamMark = streamMark

  /** Node's own object. */
  readonly proc: ChildProcess
  readonly pid: number
  readonly stdin: SubprocessStream<In, Writable>
  readonly stdout: SubprocessStream<Out, Readable>
  readonly stderr: SubprocessStream<Err, Readable>

  readonly #command: string | readonly string[]
  readonly #exit: Promise<number>
  #returncode: number | null = null
  #exitCallback: ((returncode: number) => void) | null = null

  /**
   * Starts a program: its name and arguments, or with `shell` a line of the shell.
   *
   * @throws {Error} When it cannot be started; all pipes are closed then.
   */
  constructor(command: string | readonly string[], options: SubprocessOptions<In, Out, Err> = {}) {
    const { stdin, stdout, stderr, ...others } = options
    const [file = '', ...args] = typeof command === 'string' ? [command] : command
    const asked = [stdin, stdout, stderr].map((stdio) => stdio ?? 'inherit')
    const stdio = asked.map((each) => (each === streamMark ? 'pipe' : each))
    const proc: ChildProcess = spawn(file, args, { ...others, stdio } as SpawnOptions)
    if (proc.pid === undefined) throw startError(proc, file)
    const [input, output, errors] = [proc.stdin, proc.stdout, proc.stderr].map((pipe, index) =>
      asked[index] === streamMark ? new PipeIOStream(pipe as unknown as Socket) : pipe,
    )
    this.#command = command
    this.proc = proc
    this.pid = proc.pid
    this.stdin = input as SubprocessStream<In, Writable>
    this.stdout = output as SubprocessStream<Out, Readable>
    this.stderr = errors as SubprocessStream<Err, Readable>
    this.#exit = new Promise((resolve) => {
      proc.once('exit', (code, signal) => {
        this.#returncode = signal === null ? code! : -constants.signals[signal]
        resolve(this.#returncode)
        this.#callBack()
      })
    })
  }

  /** The status the process ended with, the negative number of the signal that killed it, or `null` while it runs. */
  get returncode(): number | null {
    return this.#returncode
  }

  /** Calls `callback` with {@link returncode} once the process ends, or on the next turn of the loop if it has. */
  setExitCallback(callback: (returncode: number) => void): void {
    this.#exitCallback = callback
    if (this.#returncode !== null) this.#callBack()
  }

  /**
   * Resolves with {@link returncode} when the process ends.
   *
   * @throws {CalledProcessError} (rejection) When that is not 0, unless `raiseError` is `false`.
   */
  async waitForExit({ raiseError = true }: { raiseError?: boolean } = {}): Promise<number> {
    const returncode = await this.#exit
    if (returncode !== 0 && raiseError) throw new CalledProcessError(returncode, this.#command)
    return returncode
  }

  /** Kills the process and resolves when it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#returncode === null) this.proc.kill('SIGKILL')
    await this.#exit
  }

  #callBack(): void {
    const callback = this.#exitCallback
    this.#exitCallback = null
    if (callback !== null) IOLoop.current().addCallback(callback, this.#returncode!)
  }
}

/** Node tells only later why; what can be seen now says it better than nothing. */
function startError(proc: ChildProcess, file: string): Error {
  proc.once('error', () => {})
  for (const pipe of [proc.stdin, proc.stdout, proc.stderr]) pipe?.destroy()
  try {
    if (file.includes('/')) accessSync(file, fileConstants.X_OK)
    return new Error(`Cannot start ${file}: no such program, or no such working directory`)
  } catch (error) {
    return new Error(`Cannot start ${file}: ${(error as Error).message}`, { cause: error })
  }
}
