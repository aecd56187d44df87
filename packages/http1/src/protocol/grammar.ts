/**
 * The characters of HTTP/1.1's grammar as tables over bytes.
 *
 * A table look-up is the one step of the scan that every byte of every head goes through, so the classes share one
 * table: a byte's entry has a bit for each class it belongs to.
 */

/** `tchar`, RFC 9110 §5.6.2: methods and field names. */
export const tokenClass = 1
/** `field-vchar`, SP and HTAB, RFC 9110 §5.5: field values. */
export const valueClass = 2
/** Visible characters and obs-text: request targets. */
export const targetClass = 4

/** The classes of each byte. */
export const byteClasses: Uint8Array = new Uint8Array(256)

for (let byte = 0x21; byte <= 0xff; byte++) {
  if (byte !== 0x7f) byteClasses[byte] = valueClass | targetClass
}
byteClasses[0x20] = valueClass
byteClasses[0x09] = valueClass
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  byteClasses[char.charCodeAt(0)]! |= tokenClass
}

/** The value of a hexadecimal digit, or -1. */
export function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/**
 * The value of a text of decimal digits alone, or -1; no sign, space, underscore or other script. Tornado: parse_int.
 */
export function parseDecimal(text: string): number {
  if (text.length === 0 || text.length > 16) return -1
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : -1
}

/** Without the spaces and tabs at both ends. `String.trim` would take more, such as U+00A0; a regexp more time. */
export function trimOws(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isOws(text.charCodeAt(start))) start++
  while (end > start && isOws(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** Whether a byte is optional white space (RFC 9110 §5.6.3). */
export function isOws(code: number): boolean {
  return code === SP || code === HTAB
}

export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const HTAB = 0x09
export const COLON = 0x3a
export const SEMICOLON = 0x3b
