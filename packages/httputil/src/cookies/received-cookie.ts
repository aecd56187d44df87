import { hasControl, trimBlanks } from '../characters.ts'

/** A `Set-Cookie` header as a user agent reads it: what {@link parseSetCookie} gives. */
export interface ReceivedCookie {
  /** May be empty. */
  readonly name: string
  /** As received: quotes stay. */
  readonly value: string
  /** When it ends, in milliseconds since the epoch. */
  readonly expiresMs?: number
  /** Milliseconds until it ends, which win over `expiresMs`; zero or less: at once. */
  readonly maxAgeMs?: number
  /** In lower case and without a leading dot. */
  readonly domain?: string
  /** Absent when it does not begin with `/`: then the default path of the request holds. */
  readonly path?: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly partitioned: boolean
  readonly sameSite?: 'Strict' | 'Lax' | 'None'
  readonly priority?: 'Low' | 'Medium' | 'High'
}

const longestPair = 4096
const longestAttribute = 1024
const sameSites = new Map([
  ['strict', 'Strict'],
  ['lax', 'Lax'],
  ['none', 'None'],
] as const)
const priorities = new Map([
  ['low', 'Low'],
  ['medium', 'Medium'],
  ['high', 'High'],
] as const)

/**
 * Parses a `Set-Cookie` header as a user agent does, or gives `null` where it has to ignore the whole header: control
 * characters, nothing in it, or more than 4096 characters of name and value. Linear in the length.
 *
 * @see RFC 6265bis §5.6
 */
export function parseSetCookie(line: string): ReceivedCookie | null {
  if (hasControl(line)) return null
  const pieces = line.split(';')
  const [name, value] = splitPair(pieces[0]!, '')
  if ((name === '' && value === '') || name.length + value.length > longestPair) return null
  const cookie: { -readonly [K in keyof ReceivedCookie]: ReceivedCookie[K] } = {
    name,
    value,
    secure: false,
    httpOnly: false,
    partitioned: false,
  }
  for (const piece of pieces.slice(1)) {
    const [attribute, text] = splitPair(piece, undefined)
    if (text.length > longestAttribute) continue
    switch (attribute.toLowerCase()) {
      case 'expires': {
        const ms = parseCookieDate(text)
        if (ms !== null) cookie.expiresMs = ms
        break
      }
      case 'max-age':
        if (/^-?[0-9]+$/.test(text)) cookie.maxAgeMs = Number(text) * 1000
        break
      case 'domain':
        if (text !== '') cookie.domain = text.replace(/^\./, '').toLowerCase()
        else delete cookie.domain
        break
      case 'path':
        if (text.startsWith('/')) cookie.path = text
        else delete cookie.path
        break
      case 'secure':
        cookie.secure = true
        break
      case 'httponly':
        cookie.httpOnly = true
        break
      case 'partitioned':
        cookie.partitioned = true
        break
      case 'samesite':
        setOrDelete(cookie, 'sameSite', lookUp(sameSites, text))
        break
      case 'priority':
        setOrDelete(cookie, 'priority', lookUp(priorities, text))
        break
      default:
    }
  }
  return cookie
}

const dateDelimiters = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * The milliseconds since the epoch that the date of an `Expires` attribute means, by the lenient rules of user agents (which
 * differ from those of other headers), or `null`. Linear in the length.
 *
 * @see RFC 6265bis §5.1.1
 */
export function parseCookieDate(text: string): number | null {
  let time: [number, number, number] | undefined
  let day: number | undefined
  let month: number | undefined
  let year: number | undefined
  for (const piece of text.split(dateDelimiters)) {
    if (piece === '') continue
    const clock = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/.exec(piece)
    const dayDigits = /^(\d{1,2})(?:\D|$)/.exec(piece)
    const named = monthNames.indexOf(piece.slice(0, 3).toLowerCase())
    const yearDigits = /^(\d{2}|\d{4})(?:\D|$)/.exec(piece)
    if (time === undefined && clock !== null) time = [Number(clock[1]), Number(clock[2]), Number(clock[3])]
    else if (day === undefined && dayDigits !== null) day = Number(dayDigits[1])
    else if (month === undefined && named !== -1) month = named
    else if (year === undefined && yearDigits !== null) year = Number(yearDigits[1])
  }
  if (time === undefined || day === undefined || month === undefined || year === undefined) return null
  if (year >= 70 && year <= 99) year += 1900
  else if (year <= 69) year += 2000
  const [hour, minute, second] = time
  if (day < 1 || day > 31 || year < 1601 || hour > 23 || minute > 59 || second > 59) return null
  const midnight = new Date(Date.UTC(year, month, day))
  if (midnight.getUTCDate() !== day) return null
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
}

/** Whether a cookie of `domain` goes to `host`, both in lower case. RFC 6265bis §5.1.3. */
export function cookieDomainMatches(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !isIPAddress(host))
}

/** Whether a cookie of `cookiePath` goes to `path`. RFC 6265bis §5.1.4. */
export function cookiePathMatches(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false
  return path.length === cookiePath.length || cookiePath.endsWith('/') || path[cookiePath.length] === '/'
}

/** The path of a cookie that came without one with a request for `path`. RFC 6265bis §5.1.4. */
export function defaultCookiePath(path: string): string {
  const slash = path.lastIndexOf('/')
  return path.startsWith('/') && slash > 0 ? path.slice(0, slash) : '/'
}

function splitPair(text: string, nameless: '' | undefined): [name: string, value: string] {
  const equals = text.indexOf('=')
  // A cookie without `=` has no name, an attribute without one no value.
  if (equals === -1) return nameless === '' ? ['', trimBlanks(text)] : [trimBlanks(text), '']
  return [trimBlanks(text.slice(0, equals)), trimBlanks(text.slice(equals + 1))]
}

function lookUp<T>(words: ReadonlyMap<string, T>, text: string): T | undefined {
  return words.get(text.toLowerCase())
}

function setOrDelete<K extends 'sameSite' | 'priority'>(
  cookie: { -readonly [P in keyof ReceivedCookie]: ReceivedCookie[P] },
  key: K,
  value: ReceivedCookie[K],
): void {
  if (value === undefined) delete cookie[key]
  else cookie[key] = value
}

function isIPAddress(host: string): boolean {
  return /^[0-9.]+$/.test(host) || host.includes(':')
}
