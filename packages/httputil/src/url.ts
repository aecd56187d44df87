import { unescapeForm } from './percent.ts'

/** Query arguments for {@link urlConcat}: an object, a map, or pairs. */
export type UrlArguments =
  | Readonly<Record<string, string | number>>
  | Iterable<readonly [string, string | number]>

/**
 * Adds arguments to the query of a URL. What is in the query already is encoded anew, with blanks kept; a fragment stays.
 *
 * @param args `null` or `undefined` leaves the URL as it is.
 * @throws {TypeError} On arguments that are no object or pairs.
 * @see Tornado: httputil.url_concat
 */
export function urlConcat(url: string, args: UrlArguments | null | undefined): string {
  if (args === null || args === undefined) return url
  const fragmentStart = url.indexOf('#')
  const fragment = fragmentStart === -1 ? '' : url.slice(fragmentStart)
  const beforeFragment = fragmentStart === -1 ? url : url.slice(0, fragmentStart)
  const queryStart = beforeFragment.indexOf('?')
  const base = queryStart === -1 ? beforeFragment : beforeFragment.slice(0, queryStart)
  const query = queryStart === -1 ? '' : beforeFragment.slice(queryStart + 1)

  const fields: string[] = []
  for (const field of toBytes(query).split('&')) {
    if (field === '') continue
    const equals = field.indexOf('=')
    const name = unescapeForm(equals === -1 ? field : field.slice(0, equals))
    const value = equals === -1 ? '' : unescapeForm(field.slice(equals + 1))
    fields.push(`${escapeForm(name)}=${escapeForm(value)}`)
  }
  for (const [name, value] of pairsOf(args)) {
    fields.push(`${escapeForm(toBytes(String(name)))}=${escapeForm(toBytes(String(value)))}`)
  }
  return base + (fields.length === 0 ? '' : `?${fields.join('&')}`) + fragment
}

function pairsOf(args: UrlArguments): Iterable<readonly [string, string | number]> {
  if (typeof args !== 'object') throw new TypeError('URL arguments must be an object or pairs')
  return isIterable(args) ? args : Object.entries(args)
}

function isIterable(args: UrlArguments): args is Iterable<readonly [string, string | number]> {
  return Symbol.iterator in args
}

/** The UTF-8 bytes of a text, one character a byte. */
function toBytes(text: string): string {
  return /[^\0-\x7f]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

const unreserved = /^[A-Za-z0-9_.~-]*$/
const upperHex = Buffer.from('0123456789ABCDEF')
/** RFC 3986 §2.3. */
const isUnreserved: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  unreserved.test(String.fromCharCode(byte)),
)

/** One character a byte in; all but unreserved characters become `%XX` and a space `+`. */
function escapeForm(text: string): string {
  if (unreserved.test(text)) return text
  const bytes = Buffer.from(text, 'latin1')
  const escaped = Buffer.allocUnsafe(bytes.length * 3)
  let size = 0
  for (const byte of bytes) {
    if (isUnreserved[byte]) {
      escaped[size++] = byte
    } else if (byte === 0x20) {
      escaped[size++] = 0x2b
    } else {
      escaped[size++] = 0x25
      escaped[size++] = upperHex[byte >> 4]!
      escaped[size++] = upperHex[byte & 15]!
    }
  }
  return escaped.toString('latin1', 0, size)
}
