import { unescapeBytes } from './url-escape.ts'

/** Settings of {@link parseQsBytes}. */
export interface ParseQsOptions {
  /** Whether fields without a value (`a=` and `a`) count, with empty values. @default false */
  keepBlankValues?: boolean
  /** Whether a field without `=` is an error. @default false: it counts as blank */
  strictParsing?: boolean
}

/**
 * The fields of a query string or a urlencoded form, in order of their first appearance.
 *
 * Only `&` separates fields, `+` is a space. Names are text with one character for each byte (latin1), since their
 * encoding is unknown; values are bytes. A map and not an object, as the names are the sender's choice.
 *
 * @param qs Text must hold one character for each byte, as start lines are read.
 * @throws {RangeError} For text with a character beyond U+00FF.
 * @throws {SyntaxError} For a field without `=`, if `strictParsing` is set.
 *
 * Tornado: escape.parse_qs_bytes.
 */
export function parseQsBytes(
  qs: string | Uint8Array,
  options: ParseQsOptions = {},
): Map<string, Uint8Array[]> {
  const { keepBlankValues = false, strictParsing = false } = options
  const fields = new Map<string, Uint8Array[]>()
  const text = typeof qs === 'string' ? qs : latin1(qs)
  // oxlint-disable-next-line no-control-regex -- all that is one byte
  if (typeof qs === 'string' && /[^\0-\xff]/.test(qs)) {
    throw new RangeError('Cannot parse a query string with characters beyond U+00FF')
  }
  if (text === '') return fields
  for (const field of text.split('&')) {
    const equals = field.indexOf('=')
    if (equals === -1 && strictParsing) throw new SyntaxError(`Bad query field ${JSON.stringify(field)}`)
    if (field === '' || (!keepBlankValues && (equals === -1 || equals === field.length - 1))) continue
    const rawName = equals === -1 ? field : field.slice(0, equals)
    const name = isEncoded(rawName) ? latin1(decode(rawName)) : rawName
    const value = decode(equals === -1 ? '' : field.slice(equals + 1))
    const values = fields.get(name)
    if (values === undefined) fields.set(name, [value])
    else values.push(value)
  }
  return fields
}

function decode(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'latin1')
  return isEncoded(text) ? unescapeBytes(bytes, true) : bytes
}

function isEncoded(text: string): boolean {
  return text.includes('%') || text.includes('+')
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
