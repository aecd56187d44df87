import { createHmac } from 'node:crypto'

/** A key with its secret: of a consumer, a request token, or an access token. */
export interface OAuthToken {
  readonly key: string
  readonly secret: string
  /** What the provider gave the user to confirm a request token. */
  readonly verifier?: string
}

/** `1.0` joins the secrets as they are; `1.0a` percent-encodes them, as RFC 5849 asks. */
export type OAuthVersion = '1.0' | '1.0a'

/**
 * The HMAC-SHA1 signature of a request (RFC 5849 §3.4), in base64.
 *
 * @param url What stands in its query is signed as well (§3.4.1.3.1); an argument that is among `parameters` too, once.
 * @param parameters All other arguments: of the query, of a form, and `oauth_…`.
 */
export function oauthSignature(
  version: OAuthVersion,
  consumer: OAuthToken,
  method: string,
  url: string,
  parameters: Readonly<Record<string, string>>,
  token: OAuthToken | null = null,
): string {
  const { protocol, host, pathname, searchParams } = new URL(url)
  const given = new Map(Object.entries(parameters))
  const ofUrl = [...searchParams].filter(([name, value]) => given.get(name) !== value)
  const pairs = [...given, ...ofUrl]
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
  const base = [method.toUpperCase(), `${protocol}//${host}${pathname}`, pairs.join('&')]
    .map(percentEncode)
    .join('&')
  const secrets = [consumer.secret, token?.secret ?? '']
  const key = (version === '1.0a' ? secrets.map(percentEncode) : secrets).join('&')
  return createHmac('sha1', key).update(base).digest('base64')
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

/** RFC 5849 §3.6: all but letters, digits and `-._~`. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
