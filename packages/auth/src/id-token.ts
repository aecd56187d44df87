import { createHash } from 'node:crypto'
import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose'
import { AuthError } from './errors.ts'
import { isSameSecret } from './secrets.ts'

/** What an ID token says of a user (OpenID Connect Core 1.0 §2, §5.1). */
export interface IDTokenClaims extends JWTPayload {
  /** Who issued it. */
  readonly iss: string
  /** The user, for this issuer: what to know them by, for ever. */
  readonly sub: string
  readonly exp: number
  readonly iat: number
  readonly name?: string
  readonly email?: string
  readonly email_verified?: boolean
  readonly picture?: string
  readonly locale?: string
}

/** What an ID token is held against. */
export interface IDTokenExpectation {
  readonly issuer: string
  readonly clientId: string
  /** `null` for a token that was refreshed. */
  readonly nonce: string | null
  readonly algorithms: readonly string[]
  readonly clockToleranceMs: number
  /** Longest time since the user proved who they are; `null` for no limit. */
  readonly maxAgeMs: number | null
  readonly accessToken: string | null
}

/** Signatures by a key that the provider alone has. `none`, and those by a shared secret, are not among them. */
export const publicKeyAlgorithms: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

/** The token names a key that is not among these. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError'
}

/**
 * Checks an ID token (OpenID Connect Core 1.0 §3.1.3.7) and gives what it says.
 *
 * @throws {AuthError} (rejection) When it does not hold; the text says which check, and nothing of the token.
 * @throws {UnknownKeyError} (rejection) When the keys lack the one that signed it: the provider may have new ones.
 */
export async function verifyIdToken(
  idToken: string,
  keys: JSONWebKeySet,
  expected: IDTokenExpectation,
): Promise<IDTokenClaims> {
  const clockTolerance = expected.clockToleranceMs / 1000
  let claims: JWTPayload
  let algorithm: string
  try {
    const { payload, protectedHeader } = await jwtVerify(idToken, createLocalJWKSet(keys), {
      issuer: expected.issuer,
      audience: expected.clientId,
      algorithms: [...expected.algorithms],
      clockTolerance,
      requiredClaims: ['sub', 'exp', 'iat'],
    })
    claims = payload
    algorithm = protectedHeader.alg
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) throw new UnknownKeyError()
    throw new AuthError(`ID token is not valid: ${whatFailed(error)}`)
  }
  const { sub, nonce, aud, azp, auth_time: authTime, at_hash: atHash } = claims
  if (typeof sub !== 'string' || sub === '') throw invalid('sub')
  if (expected.nonce !== null && (typeof nonce !== 'string' || !isSameSecret(nonce, expected.nonce))) {
    throw invalid('nonce')
  }
  if (Array.isArray(aud) && aud.length > 1 && azp === undefined) throw invalid('azp')
  if (azp !== undefined && azp !== expected.clientId) throw invalid('azp')
  if (expected.maxAgeMs !== null) {
    const ageMs = Date.now() - Number(authTime) * 1000
    if (typeof authTime !== 'number' || ageMs > expected.maxAgeMs + expected.clockToleranceMs)
      throw invalid('auth_time')
  }
  if (atHash !== undefined && expected.accessToken !== null) {
    const hash = accessTokenHash(expected.accessToken, algorithm)
    if (hash !== null && atHash !== hash) throw invalid('at_hash')
  }
  return claims as IDTokenClaims
}

function invalid(claim: string): AuthError {
  return new AuthError(`ID token is not valid: unexpected "${claim}"`)
}

function whatFailed(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) {
    return `unexpected "${error.claim}"`
  }
  return error instanceof errors.JOSEError ? error.code : 'cannot be read'
}

/** §3.1.3.6: half the hash of the access token, by the hash function of the signature; `null` when it has none of its own. */
function accessTokenHash(accessToken: string, algorithm: string): string | null {
  const bits = /^(?:RS|PS|ES)(256|384|512)$/.exec(algorithm)?.[1]
  if (bits === undefined) return null
  const hash = createHash(`sha${bits}`).update(accessToken).digest()
  return hash.subarray(0, hash.length / 2).toString('base64url')
}
