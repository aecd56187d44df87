import { errorText } from './error-text.ts'
import { describe } from './message.ts'
import { unsafeControls } from './controls.ts'
import type { RecordFormatter } from './formatter.ts'
import type { LogRecord } from './record.ts'

/** Settings of a {@link JSONFormatter}. */
export interface JSONFormatterOptions {
  /** Whether records name file and line of the caller, at the cost of a stack trace for each. @default false */
  caller?: boolean
}

/**
 * One JSON object a line: `time` (ISO 8601, UTC), `level`, `logger`, `message`, and where there is one
 * `error` (its text and stack), `caller` (`file:line`) and `context`.
 *
 * Control characters are escaped, those that JSON would let through too.
 */
export class JSONFormatter implements RecordFormatter {
  readonly wantsCaller: boolean

  constructor({ caller = false }: JSONFormatterOptions = {}) {
    this.wantsCaller = caller
  }

  format(record: LogRecord): string {
    const { timeMs, level, logger, message, error, caller, context } = record
    const fields = {
      time: new Date(timeMs).toISOString(),
      level,
      logger,
      message,
      ...(error === undefined ? {} : { error: { message: describe(error), stack: errorText(error) } }),
      ...(caller === undefined || !this.wantsCaller ? {} : { caller: `${caller.file}:${caller.line}` }),
      ...(context === undefined
        ? {}
        : { context: Object.fromEntries(Object.entries(context).map(plainEntry)) }),
    }
    return JSON.stringify(fields).replaceAll(unsafeControls, jsonEscape)
  }
}

function plainEntry([name, value]: readonly [string, unknown]): readonly [string, unknown] {
  const plain = value === null || ['string', 'number', 'boolean'].includes(typeof value)
  return [name, plain ? value : describe(value)]
}

function jsonEscape(character: string): string {
  return String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
