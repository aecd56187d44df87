/** SP or HTAB. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/**
 * `text` from `start` to `end` without the spaces and tabs around it. (`String.trim` also cuts off characters such as U+00A0,
 * which in text of one character a byte may be part of a UTF-8 character.)
 */
export function trimBlanks(text: string, start = 0, end: number = text.length): string {
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** Whether `text` has a control character other than HTAB: what no header may hold. */
export function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true
  }
  return false
}
