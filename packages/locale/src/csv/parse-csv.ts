/** What a CSV file translates. Text between `%(` and `)s` is a placeholder: see `formatMessage`. */
export interface CSVTranslations {
  /** Translations of messages that have no plural. */
  readonly unknown: ReadonlyMap<string, string>
  /** Translations by the singular message, for a count of 1. */
  readonly singular: ReadonlyMap<string, string>
  /** Translations by the plural message, for any other count. */
  readonly plural: ReadonlyMap<string, string>
}

/** A row that was skipped. */
export interface CSVProblem {
  /** Number of the row, from 1. */
  readonly row: number
  readonly indicator: string
}

/**
 * The translations in Tornado's CSV format: message, translation, and perhaps `plural`, `singular` or `unknown`. Fields
 * are trimmed, rows of fewer than two fields ignored, and rows with another third field are problems.
 *
 * Tornado: locale.load_translations.
 */
export function parseCSVTranslations(text: string): {
  translations: CSVTranslations
  problems: CSVProblem[]
} {
  const tables = {
    unknown: new Map<string, string>(),
    singular: new Map<string, string>(),
    plural: new Map<string, string>(),
  }
  const problems: CSVProblem[] = []
  parseCSV(text).forEach((fields, index) => {
    if (fields.length < 2) return
    const [message = '', translation = '', column = ''] = fields.map(trim)
    const indicator = column === '' ? 'unknown' : column
    if (Object.hasOwn(tables, indicator)) tables[indicator as keyof typeof tables].set(message, translation)
    else problems.push({ row: index + 1, indicator })
  })
  return { translations: tables, problems }
}

/**
 * The rows of a CSV file as Python's `csv` reads them: a field may stand in double quotes and then hold commas and line
 * ends, a quote in it is doubled. A quote within an unquoted field is a quote; a missing one at the end is forgiven.
 * Line ends become `\n`.
 *
 * RFC 4180.
 */
export function parseCSV(source: string): string[][] {
  const text = source.replaceAll(/\r\n?/g, '\n')
  const rows: string[][] = []
  let row: string[] = []
  let index = 0
  while (index < text.length) {
    if (row.length === 0 && text[index] === '\n') {
      rows.push([])
      index++
      continue
    }
    let field = ''
    if (text[index] === '"') {
      const quoted = readQuoted(text, index + 1)
      field = quoted.field
      index = quoted.end
    }
    const end = findFieldEnd(text, index)
    row.push(field + text.slice(index, end))
    index = end + 1
    if (text[end] === ',' && index < text.length) continue
    if (text[end] === ',') row.push('')
    rows.push(row)
    row = []
  }
  return rows
}

/** `end` is the place behind the closing quote. */
function readQuoted(text: string, start: number): { field: string; end: number } {
  let field = ''
  for (let from = start; ;) {
    const quote = text.indexOf('"', from)
    if (quote === -1) return { field: field + text.slice(from), end: text.length }
    field += text.slice(from, quote)
    if (text[quote + 1] !== '"') return { field, end: quote + 1 }
    field += '"'
    from = quote + 2
  }
}

const fieldEnd = /[,\n]/g

function findFieldEnd(text: string, start: number): number {
  fieldEnd.lastIndex = start
  return fieldEnd.exec(text)?.index ?? text.length
}

/** What Python's `strip` takes away; `trim` takes a byte order mark too, and leaves some controls. */
// oxlint-disable-next-line no-control-regex -- these are the controls
const outerSpace = /[\s\x1c-\x1f\x85]/

function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charAt(start))) start++
  while (end > start && isSpace(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(character: string): boolean {
  return outerSpace.test(character) && character !== '\uFEFF'
}
