import { trimBlanks } from '../characters.ts'

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

/** Unquotes a cookie value: `"a\073b"` is `a;b`. A value that is not in double quotes is given back as it is. */
export function unquoteCookieValue(value: string): string {
  const last = value.length - 1
  if (last < 1 || value.charCodeAt(0) !== 0x22 || value.charCodeAt(last) !== 0x22) return value
  let backslash = value.indexOf('\\')
  let result = ''
  let copied = 1
  // The last character of the inside has nothing after it to escape.
  while (backslash !== -1 && backslash < last - 1) {
    result += value.slice(copied, backslash)
    const octal = octalAt(value, backslash + 1, last)
    if (octal === -1) result += value[backslash + 1]!
    else result += String.fromCharCode(octal)
    copied = backslash + (octal === -1 ? 2 : 4)
    backslash = value.indexOf('\\', copied)
  }
  return result + value.slice(copied, last)
}

/** The value of three octal digits up to 377, or -1. */
function octalAt(text: string, start: number, end: number): number {
  if (start + 3 > end) return -1
  const first = text.charCodeAt(start) - 0x30
  const second = text.charCodeAt(start + 1) - 0x30
  const third = text.charCodeAt(start + 2) - 0x30
  const octal = first >= 0 && first <= 3 && second >= 0 && second <= 7 && third >= 0 && third <= 7
  return octal ? first * 64 + second * 8 + third : -1
}
