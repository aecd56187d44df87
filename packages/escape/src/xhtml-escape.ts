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
  return special.test(text) ? escapeText(text) : text
}

function escapeText(text: string): string {
  let escaped = ''
  let written = 0
  for (let index = 0; index < text.length; index++) {
    let entity: string
    switch (text.charCodeAt(index)) {
      case 0x26:
        entity = '&amp;'
        break
      case 0x3c:
        entity = '&lt;'
        break
      case 0x3e:
        entity = '&gt;'
        break
      case 0x22:
        entity = '&quot;'
        break
      case 0x27:
        entity = '&#x27;'
        break
      default:
        continue
    }
    escaped += text.slice(written, index) + entity
    written = index + 1
  }
  return escaped + text.slice(written)
}
