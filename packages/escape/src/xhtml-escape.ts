import { toUnicode } from './unicode.ts'

const special = /[&<>"']/

/**
 * Text that is safe in HTML and XML, between tags and within quoted attributes: `&`, `<`, `>`, `"` and `'` become
 * `&amp;`, `&lt;`, `&gt;`, `&quot;` and `&#x27;`.
 *
 * It does not make text safe in unquoted attributes, scripts, style sheets, or as a URL.
 *
 * @throws {UnicodeDecodeError} For bytes that are not UTF-8.
 *
 * Tornado: escape.xhtml_escape.
 */
export function xhtmlEscape(value: string | Uint8Array): string {
  const text = toUnicode(value)
  const first = text.search(special)
  if (first === -1) return text
  let escaped = ''
  let written = 0
  for (let index = first; index < text.length; index++) {
    const entity = entityOf(text.charCodeAt(index))
    if (entity === '') continue
    escaped += text.slice(written, index) + entity
    written = index + 1
  }
  return escaped + text.slice(written)
}

function entityOf(unit: number): string {
  switch (unit) {
    case 0x26:
      return '&amp;'
    case 0x3c:
      return '&lt;'
    case 0x3e:
      return '&gt;'
    case 0x22:
      return '&quot;'
    case 0x27:
      return '&#x27;'
    default:
      return ''
  }
}
