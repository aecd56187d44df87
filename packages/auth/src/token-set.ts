import type { IDTokenClaims } from './id-token.ts'

/** What a provider gave for a login. The tokens do not show when it is printed or made JSON. */
export class TokenSet {
  /** Who the user is, checked. */
  readonly claims: IDTokenClaims
  /** How long the access token holds, in milliseconds from when it was given; `null` when the provider did not say. */
  readonly expiresInMs: number | null
  /** What the access token is good for. */
  readonly scope: readonly string[]
  readonly #accessToken: string
  readonly #idToken: string
  readonly #refreshToken: string | null

  constructor(
    claims: IDTokenClaims,
    tokens: { accessToken: string; idToken: string; refreshToken: string | null },
    details: { expiresInMs: number | null; scope: readonly string[] },
  ) {
    this.claims = claims
    this.expiresInMs = details.expiresInMs
    this.scope = details.scope
    this.#accessToken = tokens.accessToken
    this.#idToken = tokens.idToken
    this.#refreshToken = tokens.refreshToken
  }

  /** For APIs of the provider. */
  get accessToken(): string {
    return this.#accessToken
  }

  /** As it came, for `endSessionUrl`. */
  get idToken(): string {
    return this.#idToken
  }

  /** Gets new tokens, by `OpenIDConnectClient.refresh`; `null` when there is none. */
  get refreshToken(): string | null {
    return this.#refreshToken
  }
}
