import type { HTTPHeaders } from '@tornado-ts/httputil'
import { parseTarget, type RequestTarget } from './request-target.ts'

/** Where a response sends its request on to, or `null` when that cannot be followed. */
export function redirectTarget(
  code: number,
  headers: HTTPHeaders,
  from: RequestTarget,
): RequestTarget | null {
  if (!redirectCodes.has(code)) return null
  const locations = headers.getList('Location')
  const location = locations[0]?.trim()
  if (location === undefined || location === '' || locations.some((other) => other.trim() !== location))
    return null
  // Field values come one character a byte; those who send more than ASCII mean UTF-8.
  const text = Buffer.from(location, 'latin1').toString('utf8')
  const url = URL.parse(text, from.href)
  if (url === null) return null
  url.hash = ''
  try {
    return parseTarget(url.href)
  } catch {
    // Neither http nor https, or no URL at all: the redirect is the response.
    return null
  }
}

/** The method of the request that follows a redirect (RFC 9110 §15.4). */
export function redirectMethod(code: number, method: string): string {
  if (code === 303) return method === 'HEAD' ? 'HEAD' : 'GET'
  return (code === 301 || code === 302) && method === 'POST' ? 'GET' : method
}

/** Fields that speak of a body that is not sent any more. */
export const bodyFields: readonly string[] = [
  'Content-Length',
  'Content-Type',
  'Content-Encoding',
  'Transfer-Encoding',
  'Content-Language',
  'Content-Location',
  'Digest',
  'Expect',
]

/** Fields that are for one origin and must not be told to another. */
export const originFields: readonly string[] = ['Authorization', 'Cookie', 'Proxy-Authorization', 'Host']

const redirectCodes: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
