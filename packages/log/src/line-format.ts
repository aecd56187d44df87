import { escapeControls } from './controls.ts'
import { describe } from './message.ts'
import { logLevels } from './levels.ts'
import type { LogContext, LogRecord } from './record.ts'

/** What a line format needs beside the record. */
export interface LineExtras {
  readonly time: string
  readonly color: string
  readonly endColor: string
}

type Field = (record: LogRecord, extras: LineExtras) => string | number

// The names are those of Python's logging, so that formats written for Tornado go on working.
const fields: Readonly<Record<string, Field>> = {
  asctime: (_record, { time }) => time,
  color: (_record, { color }) => color,
  context: ({ context }) => (context === undefined ? '' : contextText(context)),
  created: ({ timeMs }) => timeMs / 1000,
  end_color: (_record, { endColor }) => endColor,
  filename: ({ caller }) => escapeControls(caller?.file.replace(/^.*[/\\]/s, '') ?? ''),
  levelname: ({ level }) => level.toUpperCase(),
  levelno: ({ level }) => logLevels[level],
  lineno: ({ caller }) => caller?.line ?? 0,
  message: ({ message }) => escapeControls(message),
  module: ({ caller, logger }) => escapeControls(caller?.module ?? logger),
  msecs: ({ timeMs }) => Math.floor(timeMs % 1000),
  name: ({ logger }) => escapeControls(logger),
  pathname: ({ caller }) => escapeControls(caller?.file ?? ''),
  process: () => process.pid,
}

/** A compiled format. */
export interface LineFormat {
  readonly wantsCaller: boolean
  write(record: LogRecord, extras: LineExtras): string
}

/**
 * Compiles a format such as `%(levelname)1.1s %(asctime)s %(message)s`.
 *
 * @throws {RangeError} For a field that no record has.
 */
export function compileLineFormat(format: string): LineFormat {
  const parts: Field[] = []
  let wantsCaller = false
  let end = 0
  for (const match of format.matchAll(/%(?:%|\((\w+)\)(-?)(0?)(\d*)(?:\.(\d+))?([sdf]))/g)) {
    const { 0: whole, 1: name, 2: left = '', 3: zero = '', 4: width = '', 5: precision, index } = match
    parts.push(literal(plainText(format.slice(end, index))))
    end = index + whole.length
    if (name === undefined) {
      parts.push(literal('%'))
      continue
    }
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined)
      throw new RangeError(`Unknown field %(${name}) in log format ${JSON.stringify(format)}`)
    wantsCaller ||= name === 'module' || name === 'lineno' || name === 'filename' || name === 'pathname'
    const conversion = match[6] ?? 's'
    parts.push(
      conversion === 's' && width === '' && precision === undefined
        ? field
        : (record, extras) => {
            const text = convert(field(record, extras), conversion, precision)
            if (left !== '') return text.padEnd(Number(width))
            return text.padStart(Number(width), zero === '' ? ' ' : '0')
          },
    )
  }
  parts.push(literal(plainText(format.slice(end))))
  return {
    wantsCaller,
    write(record, extras) {
      let line = ''
      for (const part of parts) line += part(record, extras)
      return line
    },
  }
}

function plainText(text: string): string {
  if (text.includes('%')) throw new RangeError(`Malformed field in log format near ${JSON.stringify(text)}`)
  return text
}

function literal(text: string): Field {
  return () => text
}

function convert(value: string | number, conversion: string, precision: string | undefined): string {
  if (conversion === 's')
    return String(value).slice(0, precision === undefined ? undefined : Number(precision))
  return conversion === 'd'
    ? String(Math.trunc(Number(value)))
    : Number(value).toFixed(Number(precision ?? 6))
}

/** ` requestId=3f2a user="a b"`: one space before each field, so that it can follow a word. */
function contextText(context: LogContext): string {
  let text = ''
  for (const [name, value] of Object.entries(context)) {
    const shown = typeof value === 'string' ? value : describe(value)
    text += ` ${name}=${/^[\w.:/@+-]+$/.test(shown) ? shown : JSON.stringify(shown)}`
  }
  return escapeControls(text)
}
