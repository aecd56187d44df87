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
 * @param url Without the arguments that are among `parameters`.
 * @param parameters All arguments: of the query, of a form, and `oauth_…`.
 */
export function oauthSignature(
  version: OAuthVersion,
  consumer: OAuthToken,
  method: string,
  url: string,
  parameters: Readonly<Record<string, string>>,
  token: OAuthToken | null = null,
): string {
  const { protocol, host, pathname } = new URL(url)
  const pairs = Object.entries(parameters)
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
  const base = [method.toUpperCase(), `${protocol}//${host}${pathname}`, pairs.join('&')]
    .map(percentEncode)
    .join('&')
  const secrets = [consumer.secret, token?.secret ?? '']
  const key = (version === '1.0a' ? secrets.map(percentEncode) : secrets).join('&')
  return createHmac('sha1', key).update(base).digest('base64')
}

/** RFC 5849 §3.6: all but letters, digits and `-._~`. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
