import { parseDate } from './parse-date.ts'
import { formatDuration, parseDuration } from './parse-duration.ts'
import type { OptionTypeName } from './option-types.ts'

/** What is known of a type of values. */
export interface ValueType {
  /** What messages call it. */
  readonly name: string
  /** @returns `undefined` for what is no such value. */
  readonly parse: (text: string) => unknown
  readonly accepts: (value: unknown) => boolean
  readonly format: (value: unknown) => string
  /** Whether lists may hold ranges. */
  readonly hasRanges: boolean
}

const integer = /^\s*[-+]?\d+(?:_\d+)*\s*$/
const float = /^\s*[-+]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[-+]?\d+(?:_\d+)*)?\s*$/i
const specialFloat = /^\s*([-+]?)(?:inf(?:inity)?|(nan))\s*$/i
const falseTexts: ReadonlySet<string> = new Set(['false', '0', 'f'])

export const valueTypes: Readonly<Record<OptionTypeName, ValueType>> = {
  string: {
    name: 'string',
    parse: (text) => text,
    accepts: (value) => typeof value === 'string',
    format: String,
    hasRanges: false,
  },
  int: {
    name: 'integer',
    parse: parseInteger,
    accepts: (value) => Number.isInteger(value),
    format: String,
    hasRanges: true,
  },
  float: {
    name: 'number',
    parse: parseFloatText,
    accepts: (value) => typeof value === 'number',
    format: String,
    hasRanges: false,
  },
  bool: {
    name: 'boolean',
    parse: (text) => !falseTexts.has(text.toLowerCase()),
    accepts: (value) => typeof value === 'boolean',
    format: String,
    hasRanges: false,
  },
  date: {
    name: 'date',
    parse: (text) => parseDate(text) ?? undefined,
    accepts: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
    format: formatDate,
    hasRanges: false,
  },
  duration: {
    name: 'duration',
    parse: (text) => parseDuration(text) ?? undefined,
    accepts: (value) => Number.isFinite(value),
    format: (value) => formatDuration(Number(value)),
    hasRanges: false,
  },
}

/** The type of values that a function parses. */
export function customType(parse: (text: string) => unknown): ValueType {
  return {
    name: parse.name === '' ? 'value' : parse.name,
    parse,
    accepts: () => true,
    format: String,
    hasRanges: false,
  }
}

/** The type of a default, `string` for what has none. */
export function typeNameOf(value: unknown): OptionTypeName {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (typeof value === 'boolean') return 'bool'
  return value instanceof Date ? 'date' : 'string'
}

function parseInteger(text: string): number | undefined {
  const number = integer.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
  return Number.isSafeInteger(number) ? number : undefined
}

function parseFloatText(text: string): number | undefined {
  const special = specialFloat.exec(text)
  if (special !== null) {
    if (special[2] !== undefined) return Number.NaN
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  return float.test(text) ? Number(text.replaceAll('_', '')) : undefined
}

function formatDate(value: unknown): string {
  const date = value as Date
  const pad = (number: number): string => String(number).padStart(2, '0')
  const day = [String(date.getFullYear()).padStart(4, '0'), pad(date.getMonth() + 1), pad(date.getDate())]
  return `${day.join('-')} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':')}`
}
