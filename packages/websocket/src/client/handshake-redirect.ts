import { HTTPRequest, type HTTPResponse } from '@tornado-ts/httpclient'

/**
 * The request that follows a redirect, or `null` when it cannot be followed: a `wss` URL never leads to `ws`. Another
 * origin is not told credentials, cookies and what else was meant for the first.
 */
export function redirectRequest(request: HTTPRequest, response: HTTPResponse): HTTPRequest | null {
  if (!redirectCodes.has(response.code)) return null
  const location = response.headers.get('Location')
  const from = new URL(request.url)
  const to = location === undefined ? null : URL.parse(location, from.href)
  if (to === null) return null
  to.hash = ''
  if (to.protocol === 'http:') to.protocol = 'ws:'
  if (to.protocol === 'https:') to.protocol = 'wss:'
  if (to.protocol !== 'wss:' && (to.protocol !== 'ws:' || from.protocol === 'wss:')) return null
  const next = new HTTPRequest(to, request)
  if (to.origin === from.origin || (to.host === from.host && to.protocol === from.protocol)) return next
  for (const name of ['Authorization', 'Cookie', 'Proxy-Authorization', 'Host']) next.headers.delete(name)
  next.authUsername = undefined
  next.authPassword = undefined
  next.hostHeader = undefined
  next.unixSocket = undefined
  next.clientCert = undefined
  next.clientKey = undefined
  return next
}

const redirectCodes: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
