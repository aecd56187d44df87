import { randomBytes } from 'node:crypto'
import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { urlConcat } from '@tornado-ts/httputil'
import { askProvider } from './ask-provider.ts'
import { AuthError } from './errors.ts'
import { endpointOf, type HandlerBase, type HandlerMixin, staticsOf } from './handler-base.ts'
import { loginCookieOptions } from './login-cookie.ts'
import { oauthSignature, type OAuthToken, type OAuthVersion } from './oauth-signature.ts'
import { isSameSecret } from './secrets.ts'
import type { ClientCredentials } from './settings.ts'
import { withQuietLogs } from './quiet-logs.ts'

/** Which client asks. */
export interface OAuthOptions {
  /** @default that of `getAuthHttpClient` */
  httpClient?: AsyncHTTPClient
}

/** Where {@link OAuthMixin} sends a user. */
export interface OAuthRedirectOptions extends OAuthOptions {
  /**
   * Where the provider sends the user back to, relative to this request; `oob` shows the URL of the provider instead.
   * @default what is registered there
   */
  callbackUri?: string
  /** Further arguments for the request token; OAuth 1.0a only. @default {} */
  extraParams?: Readonly<Record<string, string>>
}

/** A user as {@link OAuthHandler.oauthGetUserFuture} gives it. */
export type OAuthUser = Record<string, unknown>

/** What {@link OAuthMixin} adds to a handler. */
export interface OAuthHandler {
  /**
   * Gets a request token, keeps it in a cookie, sends the user to the provider and ends the response.
   *
   * @throws {AuthError} (rejection) When the provider gives none.
   * @throws {Error} (rejection) `This service does not support oauth_callback`.
   */
  authorizeRedirect(options?: OAuthRedirectOptions): Promise<void>
  /**
   * The user of this login, with `access_token`.
   *
   * @throws {AuthError} (rejection) When the provider refuses, or this browser did not begin the login.
   */
  getAuthenticatedUser(options?: OAuthOptions): Promise<OAuthUser & { access_token: OAuthToken }>
  /** To be overridden: what the provider knows this program by. */
  oauthConsumerToken(): ClientCredentials
  /** To be overridden: asks the provider who the user is; `null` when that cannot be told. */
  oauthGetUserFuture(accessToken: OAuthToken): Promise<OAuthUser | null>
  /** The `oauth_…` arguments, signature included, for a request of an API. `parameters` are all others of that request. */
  oauthRequestParameters(
    url: string,
    accessToken: OAuthToken,
    parameters?: Readonly<Record<string, string>>,
    method?: string,
  ): Record<string, string>
  /** The client that asks the provider; override it for another. */
  getAuthHttpClient(): AsyncHTTPClient
}

/** What a subclass of {@link OAuthMixin} says of its provider, as static fields. */
export interface OAuthStatics {
  _OAUTH_REQUEST_TOKEN_URL: string
  _OAUTH_ACCESS_TOKEN_URL: string
  _OAUTH_AUTHORIZE_URL: string
  /** @default '1.0a' */
  _OAUTH_VERSION: OAuthVersion
  /** Whether the provider knows no callback but the registered one. @default false */
  _OAUTH_NO_CALLBACKS: boolean
}

const cookieName = '_oauth_request_token'

/**
 * OAuth 1.0 and 1.0a (RFC 5849, HMAC-SHA1) for a class of handlers; a subclass names the endpoints of its provider and
 * overrides `oauthConsumerToken` and `oauthGetUserFuture`. Tornado: auth.OAuthMixin.
 */
export function OAuthMixin<Base extends HandlerBase>(
  base: Base,
): HandlerMixin<Base, OAuthHandler, OAuthStatics> {
  class WithOAuth extends (withQuietLogs(base) as HandlerBase) implements OAuthHandler {
    static _OAUTH_REQUEST_TOKEN_URL = ''
    static _OAUTH_ACCESS_TOKEN_URL = ''
    static _OAUTH_AUTHORIZE_URL = ''
    static _OAUTH_VERSION: OAuthVersion = '1.0a'
    static _OAUTH_NO_CALLBACKS = false

    async authorizeRedirect({
      callbackUri,
      extraParams = {},
      httpClient = this.getAuthHttpClient(),
    }: OAuthRedirectOptions = {}): Promise<void> {
      const statics = staticsOf<OAuthStatics>(this)
      if (callbackUri !== undefined && statics._OAUTH_NO_CALLBACKS) {
        throw new Error('This service does not support oauth_callback')
      }
      const url = endpointOf(this, '_OAUTH_REQUEST_TOKEN_URL')
      const args = this.#baseArguments()
      if (statics._OAUTH_VERSION === '1.0a') {
        if (callbackUri !== undefined) args['oauth_callback'] = this.#callback(callbackUri)
        Object.assign(args, extraParams)
      }
      this.#sign(args, url)
      const response = await askProvider(httpClient, urlConcat(url, args), 'OAuth request token')
      const { key, secret } = parseToken(response.text(), 'OAuth request token')
      this.setCookie(
        cookieName,
        `${Buffer.from(key).toString('base64')}|${Buffer.from(secret).toString('base64')}`,
        loginCookieOptions(this),
      )
      const toProvider: Record<string, string> = { oauth_token: key }
      if (callbackUri !== undefined && callbackUri !== 'oob') {
        toProvider['oauth_callback'] = this.#callback(callbackUri)
      }
      const authorizeUrl = urlConcat(endpointOf(this, this.oauthAuthorizeEndpoint()), toProvider)
      if (callbackUri === 'oob') void this.finish(authorizeUrl)
      else this.redirect(authorizeUrl)
    }

    async getAuthenticatedUser({ httpClient = this.getAuthHttpClient() }: OAuthOptions = {}): Promise<
      OAuthUser & { access_token: OAuthToken }
    > {
      const requestKey = this.getArgument('oauth_token')
      const verifier = this.getArgument('oauth_verifier', null)
      const cookie = this.getCookie(cookieName, null)
      if (cookie === null || cookie === '') throw new AuthError('Missing OAuth request token cookie')
      this.clearCookie(cookieName, loginCookieOptions(this))
      const [key = '', secret = ''] = cookie.split('|').map((part) => Buffer.from(part, 'base64').toString())
      if (!isSameSecret(key, requestKey)) throw new AuthError('Request token does not match cookie')

      const url = endpointOf(this, '_OAUTH_ACCESS_TOKEN_URL')
      const args = { ...this.#baseArguments(), oauth_token: key }
      if (verifier !== null) Object.assign(args, { oauth_verifier: verifier })
      this.#sign(args, url, { key, secret })
      const response = await askProvider(httpClient, urlConcat(url, args), 'OAuth access token')
      const accessToken = parseToken(response.text(), 'OAuth access token')
      const user = await this.oauthGetUserFuture(accessToken)
      if (user === null || user === undefined || Object.keys(user).length === 0) {
        throw new AuthError('Error getting user')
      }
      return { ...user, access_token: accessToken }
    }

    oauthConsumerToken(): ClientCredentials {
      throw new TypeError(`${this.constructor.name} must override oauthConsumerToken`)
    }

    oauthGetUserFuture(_accessToken: OAuthToken): Promise<OAuthUser | null> {
      return Promise.reject(new TypeError(`${this.constructor.name} must override oauthGetUserFuture`))
    }

    oauthRequestParameters(
      url: string,
      accessToken: OAuthToken,
      parameters: Readonly<Record<string, string>> = {},
      method = 'GET',
    ): Record<string, string> {
      const args: Record<string, string> = { ...this.#baseArguments(), oauth_token: accessToken.key }
      const { _OAUTH_VERSION: version } = staticsOf<OAuthStatics>(this)
      args['oauth_signature'] = oauthSignature(
        version,
        this.oauthConsumerToken(),
        method,
        url,
        { ...args, ...parameters },
        accessToken,
      )
      return args
    }

    getAuthHttpClient(): AsyncHTTPClient {
      return new AsyncHTTPClient()
    }

    /** Which static field has the page that users are sent to. */
    protected oauthAuthorizeEndpoint(): string {
      return '_OAUTH_AUTHORIZE_URL'
    }

    #baseArguments(): Record<string, string> {
      return {
        oauth_consumer_key: this.oauthConsumerToken().key,
        oauth_signature_method: 'HMAC-SHA1',
        oauth_timestamp: String(Math.floor(Date.now() / 1000)),
        oauth_nonce: randomBytes(16).toString('hex'),
        oauth_version: '1.0',
      }
    }

    #sign(args: Record<string, string>, url: string, token: OAuthToken | null = null): void {
      const { _OAUTH_VERSION: version } = staticsOf<OAuthStatics>(this)
      args['oauth_signature'] = oauthSignature(version, this.oauthConsumerToken(), 'GET', url, args, token)
    }

    #callback(callbackUri: string): string {
      return callbackUri === 'oob' ? 'oob' : new URL(callbackUri, this.request.fullUrl()).href
    }
  }
  return WithOAuth as never
}

/** A token as providers of OAuth 1.0 write it: a form, of which all fields but the two are kept as well. */
function parseToken(text: string, what: string): OAuthToken & Record<string, string> {
  const {
    oauth_token: key,
    oauth_token_secret: secret,
    ...rest
  } = Object.fromEntries(new URLSearchParams(text))
  if (key === undefined || secret === undefined) throw new AuthError(`${what}: the answer has none`)
  return { ...rest, key, secret }
}
