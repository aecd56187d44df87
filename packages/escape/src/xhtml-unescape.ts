import { namedEntities } from './html-entities.ts'
import { toUnicode } from './unicode.ts'

const reference = /&(?:#[xX]([0-9a-fA-F]+);?|#([0-9]+);?|([^\t\n\f <&#;]{1,32};?))/g
const longestCodePoint = 7
/** What browsers take for U+0080 to U+009F: windows-1252. */
const windows1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178'

/**
 * Text with its character references resolved as HTML has it: all names of the standard, those of old without
 * their semicolon too (`&ampx` is `&x`), numbers from 128 to 159 as windows-1252. What is no reference is kept.
 *
 * References to control characters and to what is no character become nothing, as in Python's `html.unescape`;
 * to what is beyond Unicode, U+FFFD.
 *
 * @throws {UnicodeDecodeError} For bytes that are not UTF-8.
 *
 * Tornado: escape.xhtml_unescape.
 */
export function xhtmlUnescape(value: string | Uint8Array): string {
  const text = toUnicode(value)
  if (!text.includes('&')) return text
  return text.replaceAll(
    reference,
    (_whole, hex: string | undefined, decimal: string | undefined, name: string | undefined) => {
      if (hex !== undefined) return numbered(hex, 16)
      return decimal === undefined ? named(name ?? '') : numbered(decimal, 10)
    },
  )
}

function named(name: string): string {
  const entities = namedEntities()
  const whole = entities.get(name)
  if (whole !== undefined) return whole
  for (let size = name.length - 1; size > 1; size--) {
    const text = entities.get(name.slice(0, size))
    if (text !== undefined) return text + name.slice(size)
  }
  return `&${name}`
}

function numbered(digits: string, base: 10 | 16): string {
  const significant = digits.replace(/^0+/, '')
  const point = significant.length > longestCodePoint ? Infinity : Number.parseInt(significant || '0', base)
  if (point === 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return '\ufffd'
  if (point >= 0x80 && point <= 0x9f) return windows1252.charAt(point - 0x80)
  return isNoCharacter(point) ? '' : String.fromCodePoint(point)
}

function isNoCharacter(point: number): boolean {
  if (point < 0x20) return point !== 0x09 && point !== 0x0a && point !== 0x0c && point !== 0x0d
  return point === 0x7f || (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) === 0xfffe
}
