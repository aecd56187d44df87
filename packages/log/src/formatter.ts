import { escapeControls } from './controls.ts'
import { compileDateFormat } from './date-format.ts'
import { errorText } from './error-text.ts'
import type { LogLevel } from './levels.ts'
import { compileLineFormat, type LineFormat } from './line-format.ts'
import type { LogRecord } from './record.ts'

/** What turns a record into the text that a handler writes. */
export interface RecordFormatter {
  /** Whether {@link LogRecord.caller} is shown. @default false */
  readonly wantsCaller?: boolean
  /** The text, without a newline at its end. */
  format(record: LogRecord): string
}

/** Settings of a {@link LogFormatter}. */
export interface LogFormatterOptions {
  /**
   * The line, with the fields of Python's logging: `%(asctime)s`, `%(levelname)s`, `%(levelno)d`, `%(name)s` (the
   * logger), `%(module)s`, `%(lineno)d`, `%(filename)s`, `%(pathname)s`, `%(message)s`, `%(process)d`,
   * `%(created)f`, `%(msecs)03d`, Tornado's `%(color)s` and `%(end_color)s`, and `%(context)s` for what
   * {@link addLogContext} adds. A format without the caller's fields saves a stack trace for each record.
   *
   * @default LogFormatter.DEFAULT_FORMAT
   */
  fmt?: string
  /** How `%(asctime)s` is written, of `%y %Y %m %d %H %M %S %z`, in local time. @default LogFormatter.DEFAULT_DATE_FORMAT */
  datefmt?: string
  /** Whether `%(color)s` gives a terminal sequence; `'auto'`: if stderr is a terminal with colours. @default 'auto' */
  color?: boolean | 'auto'
  /** ANSI number of each level's colour; a level left out stays plain. @default LogFormatter.DEFAULT_COLORS */
  colors?: Partial<Record<LogLevel, number>>
}

/**
 * Tornado's line: `[W 260520 14:05:07 chat:42] message`, the stack of the error below it.
 *
 * Control characters in what the record holds are escaped and every further line is indented by four
 * spaces, so no text from outside can pass for a line of the log or drive the terminal.
 *
 * Tornado: log.LogFormatter.
 */
export class LogFormatter implements RecordFormatter {
  static readonly DEFAULT_FORMAT: string =
    '%(color)s[%(levelname)1.1s %(asctime)s %(module)s:%(lineno)d%(context)s]%(end_color)s %(message)s'
  static readonly DEFAULT_DATE_FORMAT: string = '%y%m%d %H:%M:%S'
  /** Blue, green, yellow, red and magenta. */
  static readonly DEFAULT_COLORS: Readonly<Record<LogLevel, number>> = {
    debug: 4,
    info: 2,
    warning: 3,
    error: 1,
    critical: 5,
  }

  readonly wantsCaller: boolean
  readonly #line: LineFormat
  readonly #date: (date: Date) => string
  readonly #colors: Partial<Record<LogLevel, number>>
  #second = Number.NaN
  #secondText = ''

  /** @throws {RangeError} For a field that `fmt` or `datefmt` cannot hold. */
  constructor({
    fmt = LogFormatter.DEFAULT_FORMAT,
    datefmt = LogFormatter.DEFAULT_DATE_FORMAT,
    color = 'auto',
    colors = LogFormatter.DEFAULT_COLORS,
  }: LogFormatterOptions = {}) {
    this.#line = compileLineFormat(fmt)
    this.#date = compileDateFormat(datefmt)
    this.#colors = (color === 'auto' ? hasColors(process.stderr) : color) ? colors : {}
    this.wantsCaller = this.#line.wantsCaller
  }

  format(record: LogRecord): string {
    const color = this.#colors[record.level]
    let text = this.#line.write(record, {
      time: this.#time(record.timeMs),
      color: color === undefined ? '' : `\x1b[3${color}m`,
      endColor: color === undefined ? '' : '\x1b[0m',
    })
    if (record.error !== undefined) text = `${text.trimEnd()}\n${escapeControls(errorText(record.error))}`
    return text.includes('\n') ? text.replaceAll('\n', '\n    ') : text
  }

  #time(timeMs: number): string {
    const second = Math.floor(timeMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#secondText = this.#date(new Date(timeMs))
    }
    return this.#secondText
  }
}

/** Whether a stream is a terminal that shows colours; `NO_COLOR` and `FORCE_COLOR` count, as everywhere in Node. */
export function hasColors(stream: { readonly isTTY?: boolean; hasColors?(): boolean }): boolean {
  return stream.isTTY === true && stream.hasColors?.() === true
}
