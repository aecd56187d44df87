import type { LogLevel } from './levels.ts'
import type { Logger } from './logger.ts'
import type { LogRecord } from './record.ts'
import { type Claim, state, updateThresholds } from './state.ts'

/** Settings of {@link expectLog}. */
export interface ExpectLogOptions {
  /** Only records of exactly this level match. @default any level */
  level?: LogLevel
  /** Whether disposing throws if nothing matched. @default true */
  required?: boolean
}

/** An expectation that is active until it is disposed. */
export interface ExpectedLog extends Disposable {
  /** The claimed records so far, in order. */
  readonly records: readonly LogRecord[]
  /** Whether a record has matched. */
  readonly seen: boolean
  /** How many records have matched. */
  readonly matched: number
  /** Whether a matching record carried an error, whose stack would have been logged. */
  readonly loggedStack: boolean
}

/**
 * Claims the matching records of a logger and of those below it: they reach no handler and do not fail the test.
 *
 * Levels do not matter while it is active: the logger makes its debug and info records too, and those that
 * do not match go where they would have gone. A string matches anywhere in the message.
 *
 * @example
 * using expected = expectLog(appLog, /Uncaught exception/)
 *
 * @throws {Error} When disposed, if nothing matched and `required` is not false.
 *
 * Tornado: testing.ExpectLog.
 */
export function expectLog(
  logger: Logger | string,
  pattern: RegExp | string,
  options: ExpectLogOptions = {},
): ExpectedLog {
  const { level, required = true } = options
  const name = typeof logger === 'string' ? logger : logger.name
  const records: LogRecord[] = []
  const otherLevels = new Set<LogLevel>()
  const claim: Claim = {
    logger: name,
    take(record) {
      const { message } = record
      // `search` starts at the beginning whatever a global or sticky pattern remembers.
      if (typeof pattern === 'string' ? !message.includes(pattern) : message.search(pattern) === -1)
        return false
      if (level !== undefined && record.level !== level) {
        otherLevels.add(record.level)
        return false
      }
      records.push(record)
      return true
    },
  }
  state.claims.push(claim)
  updateThresholds()
  return {
    records,
    get seen() {
      return records.length > 0
    },
    get matched() {
      return records.length
    },
    get loggedStack() {
      return records.some((record) => record.error !== undefined)
    },
    [Symbol.dispose]() {
      const index = state.claims.indexOf(claim)
      if (index === -1) return
      state.claims.splice(index, 1)
      updateThresholds()
      if (required && records.length === 0) {
        const source = name === '' ? 'any logger' : name
        const wanted = level === undefined ? '' : ` at ${level}`
        const got = otherLevels.size === 0 ? '' : `, which came at ${[...otherLevels].join(', ')}`
        throw new Error(`Expected a log line of ${source} matching ${String(pattern)}${wanted}${got}`)
      }
    },
  }
}
