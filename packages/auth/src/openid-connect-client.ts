import { createHash } from 'node:crypto'
import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { urlConcat } from '@tornado-ts/httputil'
import type { JSONWebKeySet } from 'jose'
import { askProvider, jsonObjectOf, plainCode } from './ask-provider.ts'
import { AuthError } from './errors.ts'
import { publicKeyAlgorithms, UnknownKeyError, verifyIdToken, type IDTokenClaims } from './id-token.ts'
import { discoverProvider, type ProviderMetadata } from './provider-metadata.ts'
import { isSameSecret, randomSecret } from './secrets.ts'
import { TokenSet } from './token-set.ts'

/** Who the provider is, and what it knows this program by. */
export interface OpenIDConnectClientOptions {
  /** The provider, such as `https://accounts.google.com`, as it writes itself. https, but on this machine. */
  issuer: string
  clientId: string
  /** @default none: a program that cannot keep one */
  clientSecret?: string
  /** How long the provider's metadata and keys are kept. In ms. @default 3_600_000 (1 h) */
  metadataMaxAgeMs?: number
  /** How soon the keys may be fetched again when a token is signed by an unknown one. In ms. @default 30_000 */
  keysMinAgeMs?: number
  /** How far the clocks may differ. In ms. @default 60_000 */
  clockToleranceMs?: number
  /** Asks the provider. @default the shared client */
  httpClient?: AsyncHTTPClient
}

/** How a user is to log in. */
export interface AuthenticationRequestOptions {
  /** Where the provider sends the user back to; registered there, and the same each time. A whole URL. */
  redirectUri: string
  /** @default ['openid'] */
  scope?: readonly string[]
  /** The user must have proved who they are within this time. In ms. @default no limit */
  maxAgeMs?: number
  /** Further arguments, such as `prompt` and `login_hint`. @default {} */
  extraParams?: Readonly<Record<string, string>>
}

/** What must be kept until the user comes back, where only that user's browser can give it back. */
export interface LoginTransaction {
  readonly state: string
  readonly nonce: string
  /** Proves to the provider that who has the code also began the login (RFC 7636). */
  readonly codeVerifier: string
  readonly redirectUri: string
  readonly maxAgeMs: number | null
}

/** Where to send the user, and what to keep. */
export interface AuthenticationRequest {
  readonly url: string
  readonly transaction: LoginTransaction
}

interface Kept<Value> {
  readonly atMs: number
  readonly value: Promise<Value>
}

/**
 * Login by OpenID Connect (Core 1.0, authorization code flow) with any provider, by its issuer alone: the endpoints and keys are
 * discovered. Every login has PKCE (RFC 7636, S256), a state and a nonce, and the ID token is checked in full: signature
 * by a key of the provider, issuer, audience, times, nonce, `azp`, `at_hash`, `auth_time`.
 *
 * One object serves all users. It keeps nothing of a login: `OpenIDConnectMixin` puts that into a signed cookie.
 */
export class OpenIDConnectClient {
  readonly issuer: string
  readonly clientId: string
  readonly #clientSecret: string | null
  readonly #metadataMaxAgeMs: number
  readonly #keysMinAgeMs: number
  readonly #clockToleranceMs: number
  readonly #httpClient: AsyncHTTPClient | null
  #metadata: Kept<ProviderMetadata> | null = null
  #keys: Kept<JSONWebKeySet> | null = null

  constructor(options: OpenIDConnectClientOptions) {
    const { issuer, clientId, clientSecret = null } = options
    const { metadataMaxAgeMs = 3_600_000, keysMinAgeMs = 30_000 } = options
    const { clockToleranceMs = 60_000, httpClient = null } = options
    this.issuer = issuer
    this.clientId = clientId
    this.#clientSecret = clientSecret
    this.#metadataMaxAgeMs = metadataMaxAgeMs
    this.#keysMinAgeMs = keysMinAgeMs
    this.#clockToleranceMs = clockToleranceMs
    this.#httpClient = httpClient
  }

  /**
   * What the provider says of itself; asked again after `metadataMaxAgeMs`, and after a failure.
   *
   * @throws {AuthError} (rejection) When it gives none, gives another's, or an address that is not https.
   */
  discover(): Promise<ProviderMetadata> {
    const now = performance.now()
    if (this.#metadata === null || now - this.#metadata.atMs > this.#metadataMaxAgeMs) {
      const kept = { atMs: now, value: discoverProvider(this.#client, this.issuer) }
      this.#metadata = kept
      kept.value.catch(() => {
        if (this.#metadata === kept) this.#metadata = null
      })
    }
    return this.#metadata.value
  }

  /**
   * Begins a login.
   *
   * @throws {AuthError} (rejection) When the provider cannot be discovered.
   */
  async authenticationRequest({
    redirectUri,
    scope = ['openid'],
    maxAgeMs,
    extraParams = {},
  }: AuthenticationRequestOptions): Promise<AuthenticationRequest> {
    const { authorization_endpoint: endpoint } = await this.discover()
    const transaction: LoginTransaction = {
      state: randomSecret(),
      nonce: randomSecret(),
      codeVerifier: randomSecret(),
      redirectUri: new URL(redirectUri).href,
      maxAgeMs: maxAgeMs ?? null,
    }
    const url = urlConcat(endpoint, {
      ...extraParams,
      ...(maxAgeMs === undefined ? {} : { max_age: String(Math.floor(maxAgeMs / 1000)) }),
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: transaction.redirectUri,
      scope: [...new Set(['openid', ...scope])].join(' '),
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: createHash('sha256').update(transaction.codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    return { url, transaction }
  }

  /**
   * Ends a login: checks what the user came back with, and gets the tokens for it.
   *
   * @param answer The arguments of the request that the user came back with.
   * @param transaction What was kept of the same browser's login.
   * @throws {AuthError} (rejection) When anything is not as it must be.
   */
  async authenticationResponse(
    answer: Readonly<Record<string, string | undefined>> | URLSearchParams,
    transaction: LoginTransaction,
  ): Promise<TokenSet> {
    const given = answer instanceof URLSearchParams ? Object.fromEntries(answer) : answer
    const { state = '', code, error, iss } = given
    if (!isSameSecret(state, transaction.state)) throw new AuthError('OpenID Connect state does not match')
    const metadata = await this.discover()
    // RFC 9207: an answer of another provider must not be brought to this one.
    const mustNameIssuer = metadata.authorization_response_iss_parameter_supported === true
    if (iss === undefined ? mustNameIssuer : iss !== this.issuer) {
      throw new AuthError('OpenID Connect answer is of another issuer')
    }
    if (error !== undefined) {
      const name = plainCode(error)
      throw new AuthError(`The provider refused the login${name === undefined ? '' : `: ${name}`}`, {
        code: name,
      })
    }
    if (code === undefined || code === '') throw new AuthError('OpenID Connect answer has no code')
    const tokens = await this.#askForTokens({
      grant_type: 'authorization_code',
      code,
      redirect_uri: transaction.redirectUri,
      code_verifier: transaction.codeVerifier,
    })
    return await this.#toTokenSet(tokens, transaction)
  }

  /**
   * Gets new tokens for those that are about to end. Without a new ID token the user stays the one of `current`; with one, it
   * must be of the same user.
   *
   * @throws {AuthError} (rejection) When the provider refuses, or there is no refresh token.
   */
  async refresh(current: TokenSet): Promise<TokenSet> {
    const { refreshToken } = current
    if (refreshToken === null) throw new AuthError('There is no refresh token')
    const tokens = await this.#askForTokens({ grant_type: 'refresh_token', refresh_token: refreshToken })
    return await this.#toTokenSet(tokens, null, current)
  }

  /**
   * What the provider tells of a user beyond the ID token.
   *
   * @throws {AuthError} (rejection) When it tells of another user, or nothing.
   */
  async userInfo(tokens: TokenSet): Promise<Record<string, unknown>> {
    const { userinfo_endpoint: endpoint } = await this.discover()
    if (endpoint === undefined) throw new AuthError('The provider has no userinfo_endpoint')
    const headers = { Authorization: `Bearer ${tokens.accessToken}` }
    const response = await askProvider(this.#client, endpoint, 'OpenID userinfo', { headers })
    const info = jsonObjectOf(response, 'OpenID userinfo')
    // Core 1.0 §5.3.2: else an exchanged access token would make another user of this one.
    if (info['sub'] !== tokens.claims.sub) throw new AuthError('OpenID userinfo is of another user')
    return info
  }

  /**
   * Where to send a user to log out at the provider too; `null` when it has no such page.
   *
   * @param options.idToken The user's ID token, by which the provider knows who is to be logged out.
   * @param options.postLogoutRedirectUri Where the provider sends the user then; registered there.
   * @throws {AuthError} (rejection) When the provider cannot be discovered.
   */
  async endSessionUrl(
    options: { idToken?: string; postLogoutRedirectUri?: string } = {},
  ): Promise<string | null> {
    const { end_session_endpoint: endpoint } = await this.discover()
    if (endpoint === undefined) return null
    const { idToken, postLogoutRedirectUri } = options
    return urlConcat(endpoint, {
      client_id: this.clientId,
      ...(idToken === undefined ? {} : { id_token_hint: idToken }),
      ...(postLogoutRedirectUri === undefined ? {} : { post_logout_redirect_uri: postLogoutRedirectUri }),
    })
  }

  get #client(): AsyncHTTPClient {
    return this.#httpClient ?? new AsyncHTTPClient()
  }

  async #askForTokens(args: Record<string, string>): Promise<Record<string, unknown>> {
    const metadata = await this.discover()
    const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const headers: Record<string, string> = { Accept: 'application/json' }
    const body = new URLSearchParams(args)
    if (this.#clientSecret === null) {
      body.set('client_id', this.clientId)
    } else if (methods.includes('client_secret_basic')) {
      // RFC 6749 §2.3.1: both are form-encoded first.
      const pair = [this.clientId, this.#clientSecret].map(formEncode).join(':')
      headers['Authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`
    } else {
      body.set('client_id', this.clientId)
      body.set('client_secret', this.#clientSecret)
    }
    const url = metadata.token_endpoint
    const response = await askProvider(this.#client, url, 'OpenID tokens', { method: 'POST', headers, body })
    return jsonObjectOf(response, 'OpenID tokens')
  }

  async #toTokenSet(
    tokens: Record<string, unknown>,
    transaction: LoginTransaction | null,
    current?: TokenSet,
  ): Promise<TokenSet> {
    const { access_token: accessToken, token_type: type, refresh_token: refreshToken } = tokens
    if (typeof accessToken !== 'string' || String(type).toLowerCase() !== 'bearer') {
      throw new AuthError('OpenID tokens: the answer has no bearer token')
    }
    const idToken = tokens['id_token'] ?? current?.idToken
    if (typeof idToken !== 'string') throw new AuthError('OpenID tokens: the answer has no ID token')
    const isNew = tokens['id_token'] !== undefined
    const claims = isNew ? await this.#verify(idToken, accessToken, transaction) : current!.claims
    if (current !== undefined && claims.sub !== current.claims.sub) {
      throw new AuthError('OpenID tokens are of another user')
    }
    const { expires_in: expiresIn, scope } = tokens
    return new TokenSet(
      claims,
      {
        accessToken,
        idToken,
        refreshToken: typeof refreshToken === 'string' ? refreshToken : (current?.refreshToken ?? null),
      },
      {
        expiresInMs: Number.isFinite(Number(expiresIn ?? Number.NaN)) ? Number(expiresIn) * 1000 : null,
        scope: typeof scope === 'string' ? scope.split(' ') : [],
      },
    )
  }

  async #verify(
    idToken: string,
    accessToken: string,
    transaction: LoginTransaction | null,
  ): Promise<IDTokenClaims> {
    const { id_token_signing_alg_values_supported: supported } = await this.discover()
    const expected = {
      issuer: this.issuer,
      clientId: this.clientId,
      nonce: transaction?.nonce ?? null,
      algorithms: publicKeyAlgorithms.filter((each) => supported === undefined || supported.includes(each)),
      clockToleranceMs: this.#clockToleranceMs,
      maxAgeMs: transaction?.maxAgeMs ?? null,
      accessToken,
    }
    try {
      return await verifyIdToken(idToken, await this.#providerKeys(this.#metadataMaxAgeMs), expected)
    } catch (error) {
      if (!(error instanceof UnknownKeyError)) throw error
    }
    try {
      return await verifyIdToken(idToken, await this.#providerKeys(this.#keysMinAgeMs), expected)
    } catch (error) {
      if (error instanceof UnknownKeyError) throw new AuthError('ID token is not valid: its key is unknown')
      throw error
    }
  }

  async #providerKeys(maxAgeMs: number): Promise<JSONWebKeySet> {
    const { jwks_uri: url } = await this.discover()
    const now = performance.now()
    if (this.#keys === null || now - this.#keys.atMs > maxAgeMs) {
      const kept = { atMs: now, value: fetchKeys(this.#client, url) }
      this.#keys = kept
      kept.value.catch(() => {
        if (this.#keys === kept) this.#keys = null
      })
    }
    return await this.#keys.value
  }
}

async function fetchKeys(client: AsyncHTTPClient, url: string): Promise<JSONWebKeySet> {
  const keys = jsonObjectOf(await askProvider(client, url, 'OpenID keys'), 'OpenID keys')
  if (!Array.isArray(keys['keys'])) throw new AuthError('OpenID keys: the answer has none')
  return keys as unknown as JSONWebKeySet
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
