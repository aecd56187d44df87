import { HTTPInputError } from '../errors.ts'
import { unescapeForm } from '../percent.ts'
import { decodeUtf8Bytes } from '../utf8.ts'

/**
 * Arguments by name, each with all its values in the order received.
 *
 * A value is a byte string: one character (U+0000 to U+00FF) a byte, percent-decoded, and not yet decoded to text.
 * For ASCII that is the text already. Anything else goes through {@link decodeUtf8}, which tells exactly when the
 * bytes are not UTF-8, or through {@link rawBytes}. Names are text.
 */
export type RawArguments = Map<string, string[]>

/** Limits of {@link parseQueryArguments}. */
export interface ParseQueryOptions {
  /** Most fields, counting empty ones (`&&`); beyond it the input is refused. @default 1000 */
  maxFields?: number
}

/** Most fields in a query string or a urlencoded body unless told otherwise. */
export const defaultMaxFields = 1000

const notPlain = /[^\0-\x24\x26-\x2a\x2c-\x7f]/
const notAscii = /[^\0-\x7f]/
const notBytes = /[^\0-\xff]/

/**
 * Parses a query string or a urlencoded body and adds its fields to `into`.
 *
 * Fields are split on `&` alone (`;` is data) and at their first `=`; a field without one has the value `''`, and
 * blanks are kept. `+` is a space, `%XX` a byte, and a `%` without two hexadecimal digits stands for itself. Names
 * are UTF-8, or where they are not, one character a byte. Time is linear in the length, and no field can reach a prototype.
 *
 * @param text One character a byte, as a request target or `latin1` body comes; text beyond U+00FF is taken as UTF-8.
 * @throws {HTTPInputError} On more than `maxFields` fields.
 * @see application/x-www-form-urlencoded, WHATWG URL §5; Tornado: escape.parse_qs_bytes
 */
export function parseQueryArguments(
  text: string,
  into: RawArguments = new Map(),
  { maxFields = defaultMaxFields }: ParseQueryOptions = {},
): RawArguments {
  if (text === '') return into
  const plain = !notPlain.test(text)
  if (!plain && notBytes.test(text)) text = Buffer.from(text, 'utf8').toString('latin1')

  const length = text.length
  let fields = 0
  let equals = -1
  for (let start = 0; start <= length;) {
    if (++fields > maxFields) throw new HTTPInputError(`Too many fields: more than ${maxFields}`)
    let end = text.indexOf('&', start)
    if (end === -1) end = length
    if (end > start) {
      // Remembered across fields: fields without `=` must not each search to the end of the text.
      if (equals < start) {
        equals = text.indexOf('=', start)
        if (equals === -1) equals = length
      }
      const nameEnd = equals < end ? equals : end
      let name = text.slice(start, nameEnd)
      let value = nameEnd < end ? text.slice(nameEnd + 1, end) : ''
      if (!plain) {
        name = decodeName(unescapeForm(name))
        value = unescapeForm(value)
      }
      const values = into.get(name)
      if (values === undefined) into.set(name, [value])
      else values.push(value)
    }
    start = end + 1
  }
  return into
}

/**
 * Decodes a value of {@link RawArguments} as UTF-8. A byte order mark is kept.
 *
 * @throws {HTTPInputError} When the bytes are not UTF-8.
 */
export function decodeUtf8(value: string): string {
  if (!notAscii.test(value)) return value
  const text = decodeUtf8Bytes(rawBytes(value))
  if (text === null) throw new HTTPInputError('Cannot decode value as UTF-8')
  return text
}

/** The bytes of a value of {@link RawArguments}. */
export function rawBytes(value: string): Uint8Array {
  return Buffer.from(value, 'latin1')
}

/**
 * Flattens a mapping of names to values into pairs, in order.
 *
 * @see Tornado: httputil.qs_to_qsl
 */
export function* qsToQsl<T>(
  qs: ReadonlyMap<string, readonly T[]> | Readonly<Record<string, readonly T[]>>,
): Generator<[string, T], void, undefined> {
  for (const [name, values] of isMap(qs) ? qs : Object.entries(qs)) {
    for (const value of values) yield [name, value]
  }
}

function isMap<T>(
  qs: ReadonlyMap<string, readonly T[]> | Readonly<Record<string, readonly T[]>>,
): qs is ReadonlyMap<string, readonly T[]> {
  return qs instanceof Map
}

function decodeName(name: string): string {
  if (!notAscii.test(name)) return name
  return decodeUtf8Bytes(rawBytes(name)) ?? name
}
