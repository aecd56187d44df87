import type { LogLevel } from './levels.ts'

/** Where a log call stands in the source. */
export interface LogCaller {
  /** The file's name without directory and extension; the package's or directory's name for an `index` file. */
  readonly module: string
  /** Path or `file:` URL of the file. */
  readonly file: string
  /** Line, counted from 1. */
  readonly line: number
}

/** What {@link addLogContext} adds to records, a request's id for example. */
export type LogContext = Readonly<Record<string, string | number | boolean | null>>

/** One logged line, before it is formatted. */
export interface LogRecord {
  /** Name of the logger, `tornado.access` for example. */
  readonly logger: string
  readonly level: LogLevel
  /** The text as the caller gave it: control characters are escaped by the formatters, not here. */
  readonly message: string
  /** What was caught, if the call named it. Usually an `Error`, but anything can be thrown. */
  readonly error?: unknown
  /** Wall clock, in milliseconds since 1970. */
  readonly timeMs: number
  /** Only there when a handler that gets the record asked for it by {@link LogHandler.wantsCaller}. */
  readonly caller?: LogCaller
  /** Only there when a function given to {@link addLogContext} had something to add. */
  readonly context?: LogContext
}

/** Receives records; added to a logger, or to all of them by {@link addLogHandler}. */
export interface LogHandler {
  /**
   * Records below it are not given to this handler.
   *
   * @default 'debug': whatever the logger lets through.
   */
  readonly level?: LogLevel
  /**
   * Whether records must carry {@link LogRecord.caller}. It costs a stack trace of one frame for each
   * record, so say so only if the caller is going to be shown.
   *
   * @default false
   */
  readonly wantsCaller?: boolean
  /** Called synchronously. What it throws is reported on stderr and does not reach the caller of the logger. */
  handle(record: LogRecord): void
}

/**
 * What a log call may be given: text, UTF-8 bytes, or a function that makes either and is called only
 * if the record is wanted.
 */
export type LogMessage = string | Uint8Array | (() => string | Uint8Array)
