import type { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { askProvider, jsonObjectOf } from './ask-provider.ts'
import { AuthError } from './errors.ts'

/** What a provider says of itself (OpenID Connect Discovery 1.0 §3), as far as it is used here. */
export interface ProviderMetadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly userinfo_endpoint?: string
  readonly end_session_endpoint?: string
  readonly token_endpoint_auth_methods_supported?: readonly string[]
  readonly id_token_signing_alg_values_supported?: readonly string[]
  /** RFC 9207: every answer then names the issuer. */
  readonly authorization_response_iss_parameter_supported?: boolean
  readonly [name: string]: unknown
}

/**
 * Asks a provider for its metadata.
 *
 * @throws {AuthError} (rejection) When it gives none, gives another's, or an address that is not https.
 */
export async function discoverProvider(client: AsyncHTTPClient, issuer: string): Promise<ProviderMetadata> {
  checkSecureUrl(issuer, 'issuer')
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const metadata = jsonObjectOf(await askProvider(client, url, 'OpenID discovery'), 'OpenID discovery')
  // §4.3: else one provider could speak for another.
  if (metadata['issuer'] !== issuer) throw new AuthError(`OpenID discovery: ${issuer} names another issuer`)
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'])
    checkSecureUrl(metadata[name], name)
  for (const name of ['userinfo_endpoint', 'end_session_endpoint']) {
    if (metadata[name] !== undefined) checkSecureUrl(metadata[name], name)
  }
  return metadata as ProviderMetadata
}

/** Over plain http anybody between could read the tokens; on this machine there is nobody between. */
export function checkSecureUrl(url: unknown, name: string): void {
  const parsed = typeof url === 'string' ? URL.parse(url) : null
  const isSecure =
    parsed !== null &&
    (parsed.protocol === 'https:' ||
      (parsed.protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(parsed.hostname)))
  if (!isSecure) throw new AuthError(`The ${name} of a provider must be an https URL`)
}
