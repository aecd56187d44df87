import { toUnicode } from './unicode.ts'

/** Settings of {@link jsonEncode}. */
export interface JSONEncodeOptions {
  /** Whether everything beyond ASCII is written as `\uXXXX`, as Python does. @default false */
  ascii?: boolean
}

const unsafeInScript = /<(?:\/|!--|script)|[\u2028\u2029]/gi
const beyondAscii = /[\x7f-\uffff]/g

/**
 * A value as JSON that may stand in a `<script>` element and in JavaScript: `</` is written `<\/`, the `<` of `<!--`
 * and `<script` is `\u003c`, and the line separators U+2028 and U+2029 are escaped. It parses to the same value.
 *
 * In HTML attributes it must be escaped once more, by `xhtmlEscape`.
 *
 * @throws {TypeError} For what JSON has no form for: `undefined`, a function, a symbol, a bigint, a cycle.
 *
 * Tornado: escape.json_encode.
 */
export function jsonEncode(value: unknown, { ascii = false }: JSONEncodeOptions = {}): string {
  // The types promise text, but there is none for undefined, functions and symbols.
  const json: string | undefined = JSON.stringify(value)
  if (json === undefined) throw new TypeError(`Cannot encode ${typeof value} as JSON`)
  const safe = json.search(unsafeInScript) === -1 ? json : json.replaceAll(unsafeInScript, escapeForScript)
  return ascii ? safe.replaceAll(beyondAscii, unicodeEscape) : safe
}

/**
 * The value that JSON text, or its UTF-8 bytes, stands for.
 *
 * @throws {SyntaxError} For what is not JSON.
 * @throws {UnicodeDecodeError} For bytes that are not UTF-8.
 *
 * Tornado: escape.json_decode.
 */
export function jsonDecode(value: string | Uint8Array): unknown {
  return JSON.parse(toUnicode(value))
}

function escapeForScript(match: string): string {
  if (match === '</') return String.raw`<\/`
  return unicodeEscape(match) + match.slice(1)
}

function unicodeEscape(character: string): string {
  return String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
