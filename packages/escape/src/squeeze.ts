import { isSpace } from './characters.ts'

// oxlint-disable-next-line no-control-regex -- Tornado's squeeze is defined by them
const controls = /[\0-\x20]+/g

/**
 * Every run of spaces and control characters (U+0000 to U+0020) as one space, none at either end.
 *
 * Tornado: escape.squeeze.
 */
export function squeeze(value: string): string {
  const text = value.replaceAll(controls, ' ')
  // A pattern such as /\s+$/ takes quadratic time over runs of space inside the text.
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}
