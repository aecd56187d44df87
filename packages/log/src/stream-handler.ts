import { LogFormatter, type RecordFormatter } from './formatter.ts'
import type { LogLevel } from './levels.ts'
import type { LogHandler, LogRecord } from './record.ts'

/** The part of a Node stream that log lines need. */
export interface LogStream {
  write(text: string, done?: (error?: Error | null) => void): unknown
  once?(event: 'error', listener: () => void): unknown
  removeListener?(event: 'error', listener: () => void): unknown
}

/** Settings of a {@link StreamHandler}. */
export interface StreamHandlerOptions {
  /** Records below it are not written. @default 'debug': whatever the logger lets through. */
  level?: LogLevel
  /** @default Tornado's line, in colours if stderr is a terminal that shows them. */
  formatter?: RecordFormatter
}

/** Writes one line for each record to a stream, `process.stderr` if none is given. */
export class StreamHandler implements LogHandler {
  readonly level: LogLevel
  readonly wantsCaller: boolean
  readonly #stream: LogStream | null
  readonly #formatter: RecordFormatter

  constructor(
    stream?: LogStream,
    { level = 'debug', formatter = new LogFormatter() }: StreamHandlerOptions = {},
  ) {
    this.level = level
    this.wantsCaller = formatter.wantsCaller ?? false
    this.#stream = stream ?? null
    this.#formatter = formatter
  }

  handle(record: LogRecord): void {
    // Looked up for each record: `process.stderr` is made on first use, and test runners replace it.
    writeLine(this.#stream ?? process.stderr, this.#formatter.format(record))
  }
}

/** Writes without letting a stream that has gone (a closed pipe on stderr) end the program. */
export function writeLine(stream: LogStream, line: string): void {
  stream.once?.('error', ignore)
  try {
    stream.write(`${line}\n`, (error) => {
      // A late error is emitted after this call, when the listener below is gone.
      if (error instanceof Error) silence(stream)
    })
  } finally {
    stream.removeListener?.('error', ignore)
  }
}

/** Streams that have failed a write. */
const failed = new WeakSet<LogStream>()

/** Keeps the errors of a stream from ending the program, by one listener however many lines fail. */
function silence(stream: LogStream): void {
  if (failed.has(stream)) return
  failed.add(stream)
  const listen = (): void => void stream.once?.('error', listen)
  listen()
}

function ignore(): void {}
