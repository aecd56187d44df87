/**
 * What could forge a line, move the cursor, recolour a terminal or reverse the reading order: C0 (but tab
 * and newline), DEL, C1, the Unicode line separators, the bidirectional controls, and halves of surrogate pairs.
 */
export const unsafeControls: RegExp =
  // oxlint-disable-next-line no-control-regex -- finding them is what this is for
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu

/**
 * The text with control characters shown as `\x1b`, `\r` or `\u2028`.
 *
 * Tabs and newlines stay, as a formatter indents what follows a newline. Text without control
 * characters is returned as it is.
 */
export function escapeControls(text: string): string {
  return text.search(unsafeControls) === -1 ? text : text.replaceAll(unsafeControls, escapeCharacter)
}

/** The same for what must stay one line: newlines are shown as `\n`. */
export function escapeLine(text: string): string {
  return escapeControls(text).replaceAll('\n', String.raw`\n`)
}

function escapeCharacter(character: string): string {
  if (character === '\r') return String.raw`\r`
  const code = character.charCodeAt(0)
  if (code < 0x100) return String.raw`\x${code.toString(16).padStart(2, '0')}`
  return String.raw`\u${code.toString(16).padStart(4, '0')}`
}
