import { LogFormatter, type RecordFormatter } from './formatter.ts'
import { LogFile } from './log-file.ts'
import { type LogLevel, logLevels } from './levels.ts'
import { describe } from './message.ts'
import type { LogHandler, LogRecord } from './record.ts'
import { writeLine } from './stream-handler.ts'

/** How long after a rotation that failed the next one is tried. */
const retryMs = 60_000

/** When a log file is put aside, and where: {@link SizeRotation} and {@link TimeRotation}. */
export interface LogRotation {
  /**
   * Asked before each line.
   *
   * @param size Bytes that the file holds, those not yet written included.
   * @param lineSize Bytes of the line.
   */
  isDue(path: string, size: number, lineSize: number, timeMs: number): boolean
  /** Moves the file out of the way; all lines are written and it is closed. */
  rotate(path: string, timeMs: number): void
}

/** Settings of a {@link FileHandler}. */
export interface FileHandlerOptions {
  /** Records below it are not written. @default 'debug' */
  level?: LogLevel
  /** @default Tornado's line without colours. */
  formatter?: RecordFormatter
  /** @default none: the file grows, or another program moves it and {@link FileHandler.reopen} is called. */
  rotation?: LogRotation
}

/**
 * Appends records to a file, as UTF-8.
 *
 * Lines are gathered until the event loop's turn ends, so a busy server makes one system call a turn and not one a
 * line; records at `error` or above are written at once, and the rest when the process exits. Only a process
 * that is killed outright loses the lines of its last turn. What cannot be written is reported on stderr.
 */
export class FileHandler implements LogHandler, Disposable {
  readonly level: LogLevel
  readonly wantsCaller: boolean
  readonly #formatter: RecordFormatter
  readonly #rotation: LogRotation | null
  readonly #file: LogFile
  #rotatesAgainMs = Number.NEGATIVE_INFINITY

  /** @throws {Error} If the file cannot be opened; with the system's `code`. */
  constructor(path: string, options: FileHandlerOptions = {}) {
    const { level = 'debug', formatter = new LogFormatter({ color: false }), rotation = null } = options
    this.level = level
    this.wantsCaller = formatter.wantsCaller ?? false
    this.#formatter = formatter
    this.#rotation = rotation
    this.#file = new LogFile(path)
  }

  /** @throws {Error} Once closed. */
  handle(record: LogRecord): void {
    const line = `${this.#formatter.format(record)}\n`
    const lineSize = Buffer.byteLength(line)
    const { path, size } = this.#file
    if (this.#rotation?.isDue(path, size, lineSize, record.timeMs) === true) this.#rotate(record.timeMs)
    this.#file.append(line, lineSize)
    if (logLevels[record.level] >= logLevels.error) this.#file.flush()
  }

  /** Writes what is gathered. */
  flush(): void {
    this.#file.flush()
  }

  /** Opens the file anew by its name, after another program has moved it (on SIGHUP, for example). */
  reopen(): void {
    this.#file.close()
    this.#file.open()
  }

  /** Writes what is gathered and closes the file. */
  close(): void {
    this.#file.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #rotate(timeMs: number): void {
    if (timeMs < this.#rotatesAgainMs) return
    const { path } = this.#file
    this.#file.close()
    try {
      this.#rotation?.rotate(path, timeMs)
    } catch (error) {
      // A line that is kept matters more than the size of the file.
      this.#rotatesAgainMs = timeMs + retryMs
      writeLine(process.stderr, `Cannot rotate log file ${path}: ${describe(error)}`)
    } finally {
      this.#file.open()
    }
  }
}
