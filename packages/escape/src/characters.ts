/** What Python's `str.isspace` and `\s` take for space; JavaScript's `\s` differs in U+001C to U+001F, U+0085 and U+FEFF. */
const wideSpace = /[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/
const wideWord = /[\p{L}\p{N}]/u

/** Whether Python's `\s` matches the character with this code unit. */
export function isSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || (unit >= 0x1c && unit <= 0x1f)
  return wideSpace.test(String.fromCharCode(unit))
}

/** Whether Python's `\w` matches the character with this code point. */
export function isWord(point: number): boolean {
  if (point >= 0x80) return wideWord.test(String.fromCodePoint(point))
  const letter = point | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || (point >= 0x30 && point <= 0x39) || point === 0x5f
}

/** The value of a hexadecimal digit by its code unit; -1 for anything else. */
export function hexValue(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30
  const letter = unit | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
