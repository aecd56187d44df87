import { isCookieName } from './cookie.ts'
import { formatTimestamp, type Timestamp } from '../fields/date.ts'

/** Attributes of {@link buildSetCookie}. */
export interface SetCookieOptions {
  /** Host, and all below it, that the cookie is sent to. @default none: this host alone */
  domain?: string
  /** When it ends, as `formatTimestamp` takes it. Wins over `expiresDays`. @default none: with the browser's session */
  expires?: Timestamp
  /** Days from now until it ends. @default none */
  expiresDays?: number
  /** Path below which it is sent; `''` leaves the attribute out. @default '/' */
  path?: string
  /**
   * Milliseconds until it ends, written in whole seconds; browsers prefer it to `expires`. A negative number ends the cookie at
   * once, 0 leaves the attribute out. @default none
   */
  maxAgeMs?: number
  /** Hides it from scripts. @default false */
  httpOnly?: boolean
  /** Sends it over TLS only. @default false */
  secure?: boolean
  /** Whether it goes with requests from other sites. @default none: the browser's choice */
  sameSite?: 'Strict' | 'Lax' | 'None' | 'strict' | 'lax' | 'none'
  /** Keeps it apart for each top-level site (CHIPS); needs `secure`. @default false */
  partitioned?: boolean
  /** Which cookies Chrome drops last. @default none */
  priority?: 'Low' | 'Medium' | 'High' | 'low' | 'medium' | 'high'
}

const dayMs = 86_400_000

/**
 * The value of a `Set-Cookie` header. Attributes come in alphabetical order, and a value that is more than letters, digits and
 * ``!#$%&'*+-.^_`|~:`` is quoted so that {@link parseCookie} reads it back.
 *
 * @param value Characters up to U+00FF, none of them a space or control; encode anything else first, as by
 *   `encodeURIComponent`.
 * @throws {TypeError} On a name, value or attribute that would break out of its place, and on a prefixed name (`__Host-`,
 *   `__Secure-`, `__Http-`, `__Host-Http-`) without the attributes that browsers then insist on.
 * @see RFC 6265bis §4.1; Tornado: web.RequestHandler.set_cookie
 */
export function buildSetCookie(
  name: string,
  value: string,
  {
    domain,
    expires,
    expiresDays,
    path = '/',
    maxAgeMs,
    httpOnly = false,
    secure = false,
    sameSite,
    partitioned = false,
    priority,
  }: SetCookieOptions = {},
): string {
  // Checked before they are used: an object's text could be another one the second time.
  for (const [what, text] of Object.entries({ name, value, path, domain, sameSite, priority })) {
    if (text !== undefined && typeof text !== 'string') throw new TypeError(`Cookie ${what} must be a string`)
  }
  if (!isCookieName(name)) throw new TypeError(`Invalid cookie name ${JSON.stringify(name)}`)
  if (hasControlOrSpace(value))
    throw new TypeError(`Invalid value of cookie ${name}: it has a space or control character`)
  checkAttribute(name, 'domain', domain)
  checkAttribute(name, 'path', path)
  checkPrefix(name, { secure, httpOnly, hostOnly: !domain && path === '/' })
  if (partitioned && !secure) throw new TypeError(`Cookie ${name} is partitioned and so must be secure`)

  let line = `${name}=${quoteCookieValue(value)}`
  if (domain) line += `; Domain=${domain}`
  if (expires !== undefined) line += `; expires=${formatTimestamp(expires)}`
  else if (expiresDays !== undefined) line += `; expires=${formatTimestamp(Date.now() + expiresDays * dayMs)}`
  if (httpOnly) line += '; HttpOnly'
  if (maxAgeMs !== undefined && maxAgeMs !== 0) line += `; Max-Age=${wholeSeconds(name, maxAgeMs)}`
  if (partitioned) line += '; Partitioned'
  if (path) line += `; Path=${path}`
  if (priority) line += `; Priority=${oneOf(name, 'priority', priority, ['Low', 'Medium', 'High'])}`
  if (sameSite) line += `; SameSite=${oneOf(name, 'samesite', sameSite, ['Strict', 'Lax', 'None'])}`
  if (secure) line += '; Secure'
  return line
}

const bareValue = /^[A-Za-z0-9!#$%&'*+\-.^_`|~:]+$/
const escapedInValue = /[^A-Za-z0-9!#$%&'*+\-.^_`|~: ()/<=>?@[\]{}]/g
const wide = /[^\0-\xff]/

/**
 * Puts a cookie value in double quotes unless it needs none: `"` and `\` get a backslash, what is not printable and `,` and `;`
 * become `\ooo`.
 *
 * @throws {TypeError} On a character beyond U+00FF.
 */
export function quoteCookieValue(value: string): string {
  if (bareValue.test(value)) return value
  if (wide.test(value)) throw new TypeError('A cookie value has characters up to U+00FF: encode others first')
  return `"${value.replace(escapedInValue, escapeCharacter)}"`
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`
}

function checkAttribute(cookie: string, attribute: string, text: string | undefined): void {
  if (text === undefined) return
  if (hasControlOrSpace(text) || text.includes(';') || /[^\0-\x7e]/.test(text)) {
    throw new TypeError(`Invalid ${attribute} of cookie ${cookie}: ${JSON.stringify(text)}`)
  }
}

function checkPrefix(
  name: string,
  { secure, httpOnly, hostOnly }: { secure: boolean; httpOnly: boolean; hostOnly: boolean },
): void {
  const prefix = /^__(?:secure|http|host-http|host)-/i.exec(name)?.[0].toLowerCase()
  if (prefix === undefined) return
  if (!secure) throw new TypeError(`Cookie ${name} must be secure`)
  if (prefix.includes('http') && !httpOnly) throw new TypeError(`Cookie ${name} must be httpOnly`)
  if (prefix.includes('host') && !hostOnly)
    throw new TypeError(`Cookie ${name} must have path '/' and no domain`)
}

function oneOf(cookie: string, attribute: string, text: string, allowed: readonly string[]): string {
  const found = allowed.find((word) => word.toLowerCase() === text.toLowerCase())
  if (found === undefined)
    throw new TypeError(`Invalid ${attribute} of cookie ${cookie}: ${JSON.stringify(text)}`)
  return found
}

function wholeSeconds(cookie: string, ms: number): number {
  // Away from zero: half a second must not become Max-Age=0, which ends the cookie.
  const seconds = Math.sign(ms) * Math.ceil(Math.abs(ms) / 1000)
  if (!Number.isSafeInteger(seconds)) throw new TypeError(`Invalid maxAgeMs of cookie ${cookie}`)
  return seconds
}

function hasControlOrSpace(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) <= 0x20) return true
  return false
}
