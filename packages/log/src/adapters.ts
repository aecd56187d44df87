import { escapeLine } from './controls.ts'
import { LogFormatter, type RecordFormatter } from './formatter.ts'
import type { LogLevel } from './levels.ts'
import type { LogHandler, LogRecord } from './record.ts'

/** The part of a pino logger, or of one with the same methods, that a {@link PinoHandler} calls. */
export interface PinoLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  fatal(fields: object, message: string): void
}

/** Settings of a {@link PinoHandler}. */
export interface PinoHandlerOptions {
  /** Records below it are not given on. @default 'debug' */
  level?: LogLevel
}

/**
 * Gives records to a pino logger, with the logger's name as `logger`, the error as `err`, and the context's fields.
 *
 * Newlines and control characters in the message are escaped, since pretty printers write it as it is.
 * The level of the pino logger applies too.
 */
export class PinoHandler implements LogHandler {
  readonly level: LogLevel
  readonly #pino: PinoLogger

  constructor(pino: PinoLogger, { level = 'debug' }: PinoHandlerOptions = {}) {
    this.level = level
    this.#pino = pino
  }

  handle({ logger, level, message, error, context }: LogRecord): void {
    const fields = { ...context, logger, ...(error === undefined ? {} : { err: error }) }
    this.#pino[consoleOrPinoMethods[level]](fields, escapeLine(message))
  }
}

/** The part of a console that a {@link ConsoleHandler} calls. */
export interface ConsoleLike {
  debug(text: string): void
  info(text: string): void
  warn(text: string): void
  error(text: string): void
}

/** Settings of a {@link ConsoleHandler}. */
export interface ConsoleHandlerOptions {
  /** Records below it are not given on. @default 'debug' */
  level?: LogLevel
  /** @default Tornado's line without colours. */
  formatter?: RecordFormatter
}

/** Writes each record with the console method of its level, for programs whose console is collected or replaced. */
export class ConsoleHandler implements LogHandler {
  readonly level: LogLevel
  readonly wantsCaller: boolean
  readonly #console: ConsoleLike
  readonly #formatter: RecordFormatter

  constructor(console: ConsoleLike, options: ConsoleHandlerOptions = {}) {
    const { level = 'debug', formatter = new LogFormatter({ color: false }) } = options
    this.level = level
    this.wantsCaller = formatter.wantsCaller ?? false
    this.#console = console
    this.#formatter = formatter
  }

  handle(record: LogRecord): void {
    const method = consoleOrPinoMethods[record.level]
    this.#console[method === 'fatal' ? 'error' : method](this.#formatter.format(record))
  }
}

const consoleOrPinoMethods = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
} as const satisfies Record<LogLevel, keyof PinoLogger>
