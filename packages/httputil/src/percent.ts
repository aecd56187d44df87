/**
 * Turns each `%XX` into the character of that byte, in one pass: one character a byte comes out. A `%` that two
 * hexadecimal digits do not follow stays.
 */
export function unescapePercent(text: string): string {
  let percent = text.indexOf('%')
  if (percent === -1) return text
  let result = ''
  let copied = 0
  const last = text.length - 3
  while (percent !== -1 && percent <= last) {
    const high = hexDigit(text.charCodeAt(percent + 1))
    const low = hexDigit(text.charCodeAt(percent + 2))
    if (high >= 0 && low >= 0) {
      result += text.slice(copied, percent) + String.fromCharCode(high * 16 + low)
      copied = percent + 3
      percent = text.indexOf('%', copied)
    } else {
      percent = text.indexOf('%', percent + 1)
    }
  }
  return copied === 0 ? text : result + text.slice(copied)
}

/** {@link unescapePercent} of form data, where `+` is a space. */
export function unescapeForm(text: string): string {
  return unescapePercent(text.includes('+') ? text.replaceAll('+', ' ') : text)
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
