import { isToken } from '@tornado-ts/httputil'

/** One extension of a `Sec-WebSocket-Extensions` field: a name, and parameters that may have a value. */
export interface ExtensionOffer {
  readonly name: string
  /** In order; a parameter may come twice. */
  readonly parameters: readonly (readonly [name: string, value: string | null])[]
}

/**
 * Parses a `Sec-WebSocket-Extensions` field (RFC 6455 §9.1), in one pass.
 *
 * @returns `null` when it is malformed.
 */
export function parseExtensions(field: string): ExtensionOffer[] | null {
  const offers: ExtensionOffer[] = []
  for (const element of splitOutsideQuotes(field, ',')) {
    const [name = '', ...rest] = splitOutsideQuotes(element, ';')
    const trimmed = trim(name)
    if (trimmed === '' && rest.length === 0) continue
    if (!isToken(trimmed)) return null
    const parameters: [string, string | null][] = []
    for (const text of rest) {
      const parameter = parseParameter(trim(text))
      if (parameter === null) return null
      parameters.push(parameter)
    }
    offers.push({ name: trimmed.toLowerCase(), parameters })
  }
  return offers
}

/** Field text of an extension. */
export function formatExtension({ name, parameters }: ExtensionOffer): string {
  return [name, ...parameters.map(([key, value]) => (value === null ? key : `${key}=${value}`))].join('; ')
}

function parseParameter(text: string): [string, string | null] | null {
  const equals = text.indexOf('=')
  const name = trim(equals === -1 ? text : text.slice(0, equals))
  if (!isToken(name)) return null
  if (equals === -1) return [name.toLowerCase(), null]
  const given = trim(text.slice(equals + 1))
  const isQuoted = given.length >= 2 && given.startsWith('"') && given.endsWith('"')
  const value = isQuoted ? given.slice(1, -1).replaceAll(/\\(.)/g, '$1') : given
  // What is quoted must be a token as well (RFC 6455 §9.1).
  return isToken(value) ? [name.toLowerCase(), value] : null
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') quoted = !quoted
    else if (char === '\\' && quoted) at++
    else if (char === separator && !quoted) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** In a loop: a regular expression would look at runs of spaces again and again. */
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
