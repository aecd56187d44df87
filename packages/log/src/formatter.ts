import { escapeControls } from './controls.ts'
import { errorText } from './error-text.ts'
import { type LogLevel, logLevels } from './levels.ts'
import type { LogRecord } from './record.ts'

/** What turns a record into the text that a handler writes. */
export interface RecordFormatter {
  /** Whether {@link LogRecord.caller} is shown. @default false */
  readonly wantsCaller?: boolean
  /** The text without a newline at its end. */
  format(record: LogRecord): string
}

/** Settings of a {@link LogFormatter}. */
export interface LogFormatterOptions {
  /** Whether the bracket is coloured by terminal sequences. @default false */
  color?: boolean
  /**
   * Colour of each level by its ANSI number; a level that is left out is not coloured.
   *
   * @default { debug: 4, info: 2, warning: 3, error: 1, critical: 5 } (blue, green, yellow, red, magenta)
   */
  colors?: Partial<Record<LogLevel, number>>
  /**
   * Whether the bracket names module and line of the caller. It costs a stack trace of one frame for
   * each record; without it the bracket names the logger.
   *
   * @default true
   */
  caller?: boolean
}

const defaultColors: Readonly<Record<LogLevel, number>> = {
  debug: 4,
  info: 2,
  warning: 3,
  error: 1,
  critical: 5,
}

/**
 * Tornado's line: `[W 260520 14:05:07 chat:42] message`, in local time, the stack of the error below it.
 *
 * Control characters in the message and in the stack are escaped and every further line is indented by
 * four spaces, so no text that came from outside can pass for a line of the log or drive the terminal.
 *
 * Tornado: log.LogFormatter.
 */
export class LogFormatter implements RecordFormatter {
  readonly wantsCaller: boolean
  readonly #prefixes: Readonly<Record<LogLevel, string>>
  readonly #suffixes: Readonly<Record<LogLevel, string>>
  #second = Number.NaN
  #secondText = ''

  constructor({ color = false, colors = defaultColors, caller = true }: LogFormatterOptions = {}) {
    this.wantsCaller = caller
    const ansi = (level: LogLevel): number | undefined => (color ? colors[level] : undefined)
    this.#prefixes = byLevel((level) => {
      const bracket = `[${level.charAt(0).toUpperCase()} `
      return ansi(level) === undefined ? bracket : `\x1b[2;3${ansi(level)}m${bracket}`
    })
    this.#suffixes = byLevel((level) => (ansi(level) === undefined ? ']' : ']\x1b[0m'))
  }

  format(record: LogRecord): string {
    const { level, caller } = record
    const origin = caller === undefined ? record.logger : `${caller.module}:${caller.line}`
    let text = record.message
    if (record.error !== undefined) text = `${text.trimEnd()}\n${errorText(record.error)}`
    const body = escapeControls(text).replaceAll('\n', '\n    ')
    return `${this.#prefixes[level]}${this.#time(record.timeMs)} ${escapeControls(origin)}${this.#suffixes[level]} ${body}`
  }

  #time(timeMs: number): string {
    const second = Math.floor(timeMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#secondText = localTime(new Date(timeMs))
    }
    return this.#secondText
  }
}

function byLevel(make: (level: LogLevel) => string): Readonly<Record<LogLevel, string>> {
  const levels = Object.keys(logLevels) as LogLevel[]
  return Object.fromEntries(levels.map((level) => [level, make(level)])) as Record<LogLevel, string>
}

function localTime(date: Date): string {
  const two = (value: number): string => String(value % 100).padStart(2, '0')
  const day = two(date.getFullYear()) + two(date.getMonth() + 1) + two(date.getDate())
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}
