import { findCaller } from './caller.ts'
import { escapeControls } from './controls.ts'
import { errorText } from './error-text.ts'
import { levelOfSeverity, type LogLevel, logLevels, severityOf } from './levels.ts'
import { describe, messageText } from './message.ts'
import type { LogContext, LogHandler, LogMessage, LogRecord } from './record.ts'
import { covers, type LoggerState, parentOf, state, stateOf, updateThresholds } from './state.ts'
import { StreamHandler, writeLine } from './stream-handler.ts'

// Made on first use: its formatter looks whether stderr is a terminal.
let lastResort: StreamHandler | undefined

/**
 * A named source of log records, made by {@link getLogger}.
 *
 * Names form a tree by their dots, as in Python's `logging`: a logger without a level of its own has that
 * of its nearest ancestor, and its records go to its own handlers and to those of its ancestors.
 * While no handler is found, warnings and above go to stderr.
 *
 * A call below the level costs one comparison. Give a function instead of text where making the text costs more.
 */
export class Logger {
  readonly name: string
  readonly #state: LoggerState

  /** Use {@link getLogger}: it gives every caller the same object. */
  constructor(name: string) {
    this.name = name
    this.#state = stateOf(name)
  }

  /** Own level; `null`, the default, inherits. Assigning takes effect at once. */
  get level(): LogLevel | null {
    const { severity } = this.#state
    return severity === null || severity === 0 ? null : levelOfSeverity(severity)
  }

  set level(level: LogLevel | null) {
    this.#state.severity = level === null ? null : severityOf(level)
    updateThresholds()
  }

  /** Whether the handlers of the ancestors get the records of this logger too. @default true */
  get propagate(): boolean {
    return this.#state.propagate
  }

  set propagate(propagate: boolean) {
    this.#state.propagate = propagate
  }

  /** Whether a record of this level has any reader, for work that only a log line needs. */
  isEnabledFor(level: LogLevel): boolean {
    return logLevels[level] >= this.#state.floor
  }

  /** Adds a handler for this logger and those below it. Adding it twice is the same as once. */
  addHandler(handler: LogHandler): void {
    if (!this.#state.handlers.includes(handler)) this.#state.handlers.push(handler)
  }

  /** Does nothing if the handler is not there. */
  removeHandler(handler: LogHandler): void {
    const lists = this.name === '' ? [this.#state.handlers, ...state.setAside] : [this.#state.handlers]
    for (const list of lists) {
      const index = list.indexOf(handler)
      if (index !== -1) list.splice(index, 1)
    }
  }

  /** For the reader of the program's source. `error`, here and below, has its stack logged under the line. */
  debug(message: LogMessage, error?: unknown): void {
    if (this.#state.floor <= 10) log(this.#state, 'debug', message, error)
  }

  /** For the record of what the program did. */
  info(message: LogMessage, error?: unknown): void {
    if (this.#state.floor <= 20) log(this.#state, 'info', message, error)
  }

  /** For what went wrong without harm. */
  warning(message: LogMessage, error?: unknown): void {
    if (this.#state.floor <= 30) log(this.#state, 'warning', message, error)
  }

  /** For what failed. */
  error(message: LogMessage, error?: unknown): void {
    if (this.#state.floor <= 40) log(this.#state, 'error', message, error)
  }

  /** For what ends the program or ought to. */
  critical(message: LogMessage, error?: unknown): void {
    if (this.#state.floor <= 50) log(this.#state, 'critical', message, error)
  }
}

const loggers = new Map<string, Logger>()

/** The logger of this name, made on first use. The empty name is the root, above all others. */
export function getLogger(name = ''): Logger {
  let logger = loggers.get(name)
  if (logger === undefined) {
    logger = new Logger(name)
    loggers.set(name, logger)
  }
  return logger
}

/** Requests that were served. Tornado: log.access_log. */
export const accessLog: Logger = getLogger('tornado.access')
/** Errors in the code of the application. Tornado: log.app_log. */
export const appLog: Logger = getLogger('tornado.application')
/** What the framework itself has to say. Tornado: log.gen_log. */
export const genLog: Logger = getLogger('tornado.general')

/** Adds a handler for all loggers, in place of the default one that writes warnings to stderr. */
export function addLogHandler(handler: LogHandler): void {
  getLogger().addHandler(handler)
}

/** Does nothing if the handler is not there. */
export function removeLogHandler(handler: LogHandler): void {
  getLogger().removeHandler(handler)
}

/** Sets the level of all loggers that have none of their own; it is `warning` at first. */
export function setLogLevel(level: LogLevel): void {
  getLogger().level = level
}

/**
 * Adds fields to every record that is made, of all loggers: the id of the current request, taken from an
 * `AsyncLocalStorage`, for example. The function runs within the log call, so it should be quick.
 *
 * @returns What stops it when disposed.
 */
export function addLogContext(provide: () => LogContext | undefined): Disposable {
  state.contexts.push(provide)
  return {
    [Symbol.dispose]() {
      const index = state.contexts.indexOf(provide)
      if (index !== -1) state.contexts.splice(index, 1)
    },
  }
}

function log(logger: LoggerState, level: LogLevel, message: LogMessage, error: unknown): void {
  const context = contextNow()
  const bare: LogRecord = {
    logger: logger.name,
    level,
    message: messageText(message),
    ...(error === undefined ? {} : { error }),
    timeMs: Date.now(),
    ...(context === undefined ? {} : { context }),
  }
  for (const claim of state.claims.toReversed()) {
    if (covers(claim.logger, logger.name) && claim.take(bare)) return
  }
  const severity = logLevels[level]
  if (severity < logger.threshold) return

  const handlers = handlersOf(logger).filter(
    ({ level: least }) => least === undefined || severity >= severityOf(least),
  )
  const caller = handlers.some(({ wantsCaller }) => wantsCaller) ? findCaller(log) : null
  const record = caller === null ? bare : { ...bare, caller }
  for (const handler of handlers) {
    try {
      handler.handle(record)
    } catch (failure) {
      reportFailure(record, failure)
    }
  }
}

function contextNow(): LogContext | undefined {
  let context: LogContext | undefined
  for (const provide of state.contexts) {
    try {
      const more = provide()
      if (more !== undefined) context = context === undefined ? more : { ...context, ...more }
    } catch (failure) {
      context = { ...context, contextError: describe(failure) }
    }
  }
  return context
}

function handlersOf(logger: LoggerState): readonly LogHandler[] {
  const found: LogHandler[] = []
  let source: LoggerState | null = logger
  while (source !== null) {
    found.push(...source.handlers)
    source = source.propagate ? parentOf(source) : null
  }
  return found.length === 0 ? [(lastResort ??= new StreamHandler(undefined, { level: 'warning' }))] : found
}

function reportFailure(record: LogRecord, failure: unknown): void {
  try {
    const text = `Cannot log ${record.level} record of ${record.logger}: ${record.message}\n${errorText(failure)}`
    writeLine(process.stderr, escapeControls(text).replaceAll('\n', '\n    '))
  } catch {
    // Nothing is left to report to.
  }
}
