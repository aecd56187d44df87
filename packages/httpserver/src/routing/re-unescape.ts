/**
 * The text that a pattern stands for in which only `RegExp.escape`, or a backslash before punctuation, was at work.
 * Tornado: util.re_unescape.
 *
 * @throws {RangeError} For an escape that stands for a class of characters, such as `\d`, and a backslash at the end.
 */
export function reUnescape(source: string): string {
  return source.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([fnrtv])|([^]?))/gi, escaped)
}

function escaped(found: string, byte?: string, unit?: string, control?: string, other?: string): string {
  const hex = byte ?? unit
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
  const at = control === undefined ? -1 : 'fnrtv'.indexOf(control)
  if (at !== -1) return '\f\n\r\t\v'[at]!
  const char = other ?? control ?? ''
  if (char === '' || /[a-z0-9]/i.test(char)) throw new RangeError(`Cannot unescape ${found}`)
  return char
}
