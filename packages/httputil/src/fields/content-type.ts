import { trimBlanks } from '../characters.ts'

/** A media type such as `multipart/form-data; boundary=x`, taken apart by {@link parseMediaType}. */
export interface MediaType {
  /** Type and subtype in lower case: `multipart/form-data`. */
  readonly type: string
  /** Parameters by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>
}

const token = "[A-Za-z0-9!#$%&'*+\\-.^_`|~]+"
const mediaType = new RegExp(`^${token}/${token}$`)

/**
 * Parses a `Content-Type` value, or gives `null` when it does not begin with `type/subtype` alone: code that chooses by
 * the type and code that checks it must not see different ones (`text/plain garbage` is neither). Linear in the length.
 *
 * @see RFC 9110 §8.3.1
 */
export function parseMediaType(contentType: string): MediaType | null {
  const { value, parameters } = parseHeaderParameters(contentType)
  return mediaType.test(value) ? { type: value.toLowerCase(), parameters } : null
}

/** A header value and its parameters, taken apart by {@link parseHeaderParameters}. */
export interface ParameterizedValue {
  /** What stands before the first `;`, without blanks around it. */
  readonly value: string
  /** Parameters by lower-case name; of one given twice, the first. */
  readonly parameters: ReadonlyMap<string, string>
  /** Names given twice or more. */
  readonly duplicates: ReadonlySet<string>
}

const none: ReadonlySet<string> = new Set()

/**
 * Splits a value such as `form-data; name="a;b"; filename=c` into itself and its parameters, in linear time.
 *
 * A `;` inside double quotes is data. In quotes `\"` and `\\` stand for the second character; any other backslash is
 * itself, as in the `C:\x` of old browsers. A parameter without `=` is dropped. Parsing is lenient: what is not
 * well-formed is kept as text, for the caller to refuse.
 *
 * @see RFC 9110 §5.6.6; Tornado: httputil._parse_header
 */
export function parseHeaderParameters(text: string): ParameterizedValue {
  const parameters = new Map<string, string>()
  let duplicates: Set<string> | undefined
  const length = text.length
  let semicolon = text.indexOf(';')
  const value = trimBlanks(text, 0, semicolon === -1 ? length : semicolon)
  let equals = -1
  while (semicolon !== -1 && semicolon < length) {
    const start = semicolon + 1
    semicolon = endOfParameter(text, start)
    // Remembered across parameters: those without `=` must not each search to the end of the text.
    if (equals < start) equals = text.indexOf('=', start)
    if (equals === -1) break
    if (equals > semicolon) continue
    const name = trimBlanks(text, start, equals).toLowerCase()
    if (parameters.has(name)) (duplicates ??= new Set()).add(name)
    else parameters.set(name, unquote(trimBlanks(text, equals + 1, semicolon)))
  }
  return { value, parameters, duplicates: duplicates ?? none }
}

/** The index of the `;` that ends the parameter at `start`, or the length. An unclosed quote spans the rest. */
function endOfParameter(text: string, start: number): number {
  const length = text.length
  let quoted = false
  for (let at = start; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) quoted = !quoted
    else if (code === 0x5c && quoted && at + 1 < length) {
      const next = text.charCodeAt(at + 1)
      if (next === 0x22 || next === 0x5c) at++
    } else if (code === 0x3b && !quoted) return at
  }
  return length
}

function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text
  const inner = text.slice(1, -1)
  return inner.includes('\\') ? inner.replace(/\\(["\\])/g, '$1') : inner
}
