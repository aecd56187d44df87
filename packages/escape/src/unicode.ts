import { UnicodeDecodeError } from './errors.ts'

// A byte order mark is a character like any other, as in Python's utf-8.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Text as UTF-8 bytes. Bytes and `null` (or `undefined`) pass through; halves of surrogate pairs become U+FFFD.
 *
 * @throws {TypeError} For any other type.
 *
 * Tornado: escape.utf8.
 */
export function utf8(value: string | Uint8Array): Uint8Array
export function utf8<Nothing extends null | undefined>(value: Nothing): Nothing
export function utf8(value: string | Uint8Array | null | undefined): Uint8Array | null | undefined
export function utf8(value: string | Uint8Array | null | undefined): Uint8Array | null | undefined {
  if (typeof value === 'string') return Buffer.from(value, 'utf8')
  if (value === null || value === undefined || value instanceof Uint8Array) return value
  throw new TypeError(`Expected text, bytes or null, not ${typeof value}`)
}

/**
 * UTF-8 bytes as text. Text and `null` (or `undefined`) pass through.
 *
 * @throws {UnicodeDecodeError} For bytes that are not UTF-8.
 * @throws {TypeError} For any other type.
 *
 * Tornado: escape.to_unicode.
 */
export function toUnicode(value: string | Uint8Array): string
export function toUnicode<Nothing extends null | undefined>(value: Nothing): Nothing
export function toUnicode(value: string | Uint8Array | null | undefined): string | null | undefined
export function toUnicode(value: string | Uint8Array | null | undefined): string | null | undefined {
  if (typeof value === 'string' || value === null || value === undefined) return value
  if (!(value instanceof Uint8Array)) throw new TypeError(`Expected bytes, text or null, not ${typeof value}`)
  try {
    return decoder.decode(value)
  } catch (cause) {
    throw new UnicodeDecodeError(value.length, { cause })
  }
}

/** @deprecated The same as {@link toUnicode}, for code ported from Tornado. */
export const nativeStr: typeof toUnicode = toUnicode

/** @deprecated The same as {@link toUnicode}, for code ported from Tornado. */
export const toBasestring: typeof toUnicode = toUnicode
