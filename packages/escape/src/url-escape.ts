import { hexValue } from './characters.ts'
import { toUnicode, utf8 } from './unicode.ts'

/** Settings of {@link urlEscape}. */
export interface URLEscapeOptions {
  /** Whether a space is `+` and a slash `%2F`, for query strings; else `%20` and `/`, for paths. @default true */
  plus?: boolean
}

/** Settings of {@link urlUnescape}. */
export interface URLUnescapeOptions {
  /** What the bytes are decoded as, a name that `TextDecoder` knows; `null` gives the bytes. @default 'utf-8' */
  encoding?: string | null
  /** Whether `+` is a space, as in query strings. @default true */
  plus?: boolean
}

const reserved = /[^\w.~-]/
const keptByEncodeURIComponent = /[!'()*]/g
const hexBytes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})

/**
 * Percent-encodes everything but letters, digits and `_ . - ~`. Halves of surrogate pairs become U+FFFD.
 *
 * Tornado: escape.url_escape.
 */
export function urlEscape(value: string | Uint8Array, { plus = true }: URLEscapeOptions = {}): string {
  const escaped = typeof value === 'string' ? escapeText(value) : escapeBytes(value)
  if (!escaped.includes('%')) return escaped
  return plus ? escaped.replaceAll('%20', '+') : escaped.replaceAll('%2F', '/')
}

/**
 * Resolves percent-encoding. What is malformed (`%`, `%4`, `%zz`) is kept; what cannot be decoded becomes U+FFFD.
 *
 * @throws {RangeError} For an encoding that `TextDecoder` does not know.
 * @throws {UnicodeDecodeError} For bytes that are not UTF-8, unless `encoding` is null.
 *
 * Tornado: escape.url_unescape.
 */
export function urlUnescape(
  value: string | Uint8Array,
  options: URLUnescapeOptions & { encoding: null },
): Uint8Array
export function urlUnescape(
  value: string | Uint8Array,
  options?: URLUnescapeOptions & { encoding?: string },
): string
export function urlUnescape(value: string | Uint8Array, options?: URLUnescapeOptions): string | Uint8Array
export function urlUnescape(
  value: string | Uint8Array,
  options: URLUnescapeOptions = {},
): string | Uint8Array {
  const { encoding = 'utf-8', plus = true } = options
  if (encoding === null) return unescapeBytes(utf8(value), plus)
  const text = plus ? toUnicode(value).replaceAll('+', ' ') : toUnicode(value)
  const decode = decoderFor(encoding)
  if (!text.includes('%')) return text
  if (/^utf-?8$/i.test(encoding)) {
    try {
      return decodeURIComponent(text)
    } catch {
      // Malformed or not UTF-8: the slow way keeps or replaces what is wrong.
    }
  }
  // Characters beyond ASCII stand for themselves, whatever the encoding.
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  return text.replaceAll(/[\0-\x7f]+/g, (ascii) => {
    return ascii.includes('%') ? decode(unescapeBytes(Buffer.from(ascii, 'latin1'), false)) : ascii
  })
}

/** Bytes with `%XX` resolved, and `+` as a space where asked. A copy, even if nothing was to be done. */
export function unescapeBytes(bytes: Uint8Array, plus: boolean): Uint8Array {
  const result = new Uint8Array(bytes.length)
  let size = 0
  for (let index = 0; index < bytes.length; index++) {
    let byte = bytes[index] ?? 0
    if (byte === 0x25) {
      const high = hexValue(bytes[index + 1] ?? 0)
      const low = hexValue(bytes[index + 2] ?? 0)
      if (high !== -1 && low !== -1) {
        byte = high * 16 + low
        index += 2
      }
    } else if (byte === 0x2b && plus) {
      byte = 0x20
    }
    result[size++] = byte
  }
  return result.subarray(0, size)
}

function decoderFor(encoding: string): (bytes: Uint8Array) => string {
  // What the web calls latin1 is windows-1252.
  if (/^(?:latin-?1|iso-?8859-?1)$/i.test(encoding)) return (bytes) => Buffer.from(bytes).toString('latin1')
  const decoder = new TextDecoder(encoding, { ignoreBOM: true })
  return (bytes) => decoder.decode(bytes)
}

function escapeText(text: string): string {
  if (!reserved.test(text)) return text
  return encodeURIComponent(text.toWellFormed()).replaceAll(keptByEncodeURIComponent, (character) => {
    return hexBytes[character.charCodeAt(0)] ?? ''
  })
}

function escapeBytes(bytes: Uint8Array): string {
  let escaped = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    escaped += reserved.test(character) ? (hexBytes[byte] ?? '') : character
  }
  return escaped
}
