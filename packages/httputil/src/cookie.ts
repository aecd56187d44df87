import { trimBlanks } from './characters.ts'

/**
 * Parses a `Cookie` header as browsers and Tornado do, leniently and in linear time.
 *
 * Splits on every `;`, even inside quotes, and each piece at its first `=`; a piece without one is the value of the
 * name `''`. Spaces and tabs around names and values are cut off, the last of several values of a name wins, and a
 * value in double quotes is unquoted (`\"`, `\\`, `\ooo`). Text is as the header has it, one character a byte.
 *
 * @see RFC 6265bis §5.6; Tornado: httputil.parse_cookie
 */
export function parseCookie(cookie: string): Map<string, string> {
  const cookies = new Map<string, string>()
  const length = cookie.length
  let equals = -1
  for (let start = 0; start <= length;) {
    let end = cookie.indexOf(';', start)
    if (end === -1) end = length
    // Remembered across pieces: pieces without `=` must not each search to the end of the header.
    if (equals < start) {
      equals = cookie.indexOf('=', start)
      if (equals === -1) equals = length
    }
    const name = equals < end ? trimBlanks(cookie, start, equals) : ''
    const value = trimBlanks(cookie, equals < end ? equals + 1 : start, end)
    if (name !== '' || value !== '') cookies.set(name, unquoteCookieValue(value))
    start = end + 1
  }
  return cookies
}

/**
 * The cookies of a request: those of {@link parseCookie} whose name Tornado's handlers can see. Dropped in silence are
 * cookies without a name (`=__Host-x=1` must not pass for `__Host-x`), names that are no token, and names of attributes
 * such as `path`.
 *
 * @see Tornado: httputil.HTTPServerRequest.cookies
 */
export function parseRequestCookies(cookie: string): Map<string, string> {
  const cookies = parseCookie(cookie)
  for (const name of cookies.keys()) {
    if (!isCookieName(name)) cookies.delete(name)
  }
  return cookies
}

const cookieName = /^[A-Za-z0-9!#$%&'*+\-.^_`|~:]+$/
const attributeNames = new Set([
  'comment',
  'domain',
  'expires',
  'httponly',
  'max-age',
  'partitioned',
  'path',
  'samesite',
  'secure',
  'version',
])

/** Whether a cookie may have this name: letters, digits and ``!#$%&'*+-.^_`|~:``, but no name of an attribute. */
export function isCookieName(name: string): boolean {
  return cookieName.test(name) && !attributeNames.has(name.toLowerCase())
}

const escapes = /\\(?:([0-3][0-7][0-7])|(.))/g

/** Unquotes a cookie value: `"a\073b"` is `a;b`. A value that is not in double quotes is given back as it is. */
export function unquoteCookieValue(value: string): string {
  const last = value.length - 1
  if (last < 1 || value.charCodeAt(0) !== 0x22 || value.charCodeAt(last) !== 0x22) return value
  const inner = value.slice(1, -1)
  if (!inner.includes('\\')) return inner
  return inner.replace(escapes, (_, octal: string | undefined, character: string) =>
    octal === undefined ? character : String.fromCharCode(Number.parseInt(octal, 8)),
  )
}
