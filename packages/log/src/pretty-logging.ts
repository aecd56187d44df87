import { FileHandler } from './file-handler.ts'
import { hasColors, LogFormatter, type RecordFormatter } from './formatter.ts'
import { JSONFormatter } from './json-formatter.ts'
import { parseLogLevel } from './levels.ts'
import { getLogger, type Logger } from './logger.ts'
import type { LogHandler } from './record.ts'
import { SizeRotation } from './size-rotation.ts'
import { stateOf } from './state.ts'
import { StreamHandler } from './stream-handler.ts'
import { TimeRotation } from './time-rotation.ts'

/** Settings of {@link enablePrettyLogging}, Tornado's logging options among them. */
export interface LoggingOptions {
  /**
   * The level, in any case. `'none'` or `null` leaves all logging as it is; nothing else here counts then.
   *
   * @default 'info'
   */
  logging?: string | null
  /** Whether lines go to stderr. @default null: only if the logger has no other handler, the file's included. */
  logToStderr?: boolean | null
  /** Path of a file to write. Each process needs its own. @default null: none */
  logFilePrefix?: string | null
  /** `'size'` or `'time'`. @default 'size' */
  logRotateMode?: string
  /** Bytes beyond which the file is put aside, in mode `size`. @default 100_000_000 */
  logFileMaxSize?: number
  /** Files kept beside the current one. @default 10 */
  logFileNumBackups?: number
  /** The unit in mode `time`: `S`, `M`, `H`, `D`, `midnight`, `W0` to `W6`. @default 'midnight' */
  logRotateWhen?: string
  /** Units from one rotation to the next in mode `time`. @default 1 */
  logRotateInterval?: number
  /** `'pretty'`: Tornado's line. `'json'`: one object a line, in files and on stderr. @default 'pretty' */
  logFormat?: 'pretty' | 'json'
}

/**
 * Sends the records of all loggers, or of one and those below it, to stderr or a file, in Tornado's form.
 *
 * @returns What takes the handlers away again when disposed, closes the file and restores the level.
 * @throws {RangeError} For an unknown level, mode or unit.
 * @throws {Error} If the file cannot be opened; with the system's `code`.
 *
 * Tornado: log.enable_pretty_logging.
 */
export function enablePrettyLogging(options: LoggingOptions = {}, logger: Logger = getLogger()): Disposable {
  const { logging = 'info', logToStderr = null, logFilePrefix = null, logFormat = 'pretty' } = options
  const added: LogHandler[] = []
  const levelBefore = logger.level
  if (logging === null || logging.toLowerCase() === 'none') return { [Symbol.dispose]() {} }

  const level = parseLogLevel(logging)
  if (level === null) throw new RangeError(`Unknown log level ${JSON.stringify(logging)}`)
  const file = logFilePrefix === null || logFilePrefix === '' ? null : openFile(logFilePrefix, options)
  if (file !== null) added.push(file)
  if (logToStderr ?? stateOf(logger.name).handlers.length + added.length === 0) {
    added.push(
      new StreamHandler(process.stderr, { formatter: formatterOf(logFormat, hasColors(process.stderr)) }),
    )
  }
  logger.level = level
  for (const handler of added) logger.addHandler(handler)
  return {
    [Symbol.dispose]() {
      for (const handler of added.splice(0)) logger.removeHandler(handler)
      file?.close()
      logger.level = levelBefore
    },
  }
}

function openFile(path: string, options: LoggingOptions): FileHandler {
  const { logRotateMode = 'size', logFileNumBackups: backups = 10, logFormat = 'pretty' } = options
  if (logRotateMode !== 'size' && logRotateMode !== 'time') {
    throw new RangeError(`logRotateMode must be "size" or "time", not ${JSON.stringify(logRotateMode)}`)
  }
  const {
    logFileMaxSize: maxSize = 100_000_000,
    logRotateWhen: when = 'midnight',
    logRotateInterval: interval = 1,
  } = options
  return new FileHandler(path, {
    formatter: formatterOf(logFormat, false),
    rotation:
      logRotateMode === 'size'
        ? new SizeRotation({ maxSize, backups })
        : new TimeRotation({ when, interval, backups }),
  })
}

function formatterOf(format: 'pretty' | 'json', color: boolean): RecordFormatter {
  return format === 'json' ? new JSONFormatter() : new LogFormatter({ color })
}
