import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { urlConcat } from '@tornado-ts/httputil'
import { askProvider, jsonOf, plainCode } from './ask-provider.ts'
import { AuthError } from './errors.ts'
import { endpointOf, type HandlerBase, type HandlerMixin } from './handler-base.ts'
import { setLoginCookie, takeLoginCookie } from './login-cookie.ts'
import { isSameSecret, randomSecret } from './secrets.ts'
import { withQuietLogs } from './quiet-logs.ts'

/** Where {@link OAuth2Mixin} sends a user, and what it asks for. */
export interface AuthorizeRedirectOptions {
  /** Where the provider sends the user back to; must be registered there. Relative to this request. @default none is sent */
  redirectUri?: string
  clientId?: string
  /** What the program wants to do, such as `['profile', 'email']`. @default none */
  scope?: readonly string[]
  /** Further arguments. With a `state` among them the caller checks it. @default {} */
  extraParams?: Readonly<Record<string, string>>
  /** @default 'code' */
  responseType?: string
}

/** What {@link OAuth2Handler.oauth2Request} sends. */
export interface OAuth2RequestOptions {
  /** Sent as `Authorization: Bearer`. @default none */
  accessToken?: string
  /** Sent as the body of a POST, as a form. @default none: a GET */
  postArgs?: Readonly<Record<string, string>>
  /** Arguments of the query. @default {} */
  args?: Readonly<Record<string, string>>
}

/** What {@link OAuth2Mixin} adds to a handler. */
export interface OAuth2Handler {
  /**
   * Sends the user to the provider to grant access, and ends the response.
   *
   * A random `state` goes along and, signed, into a cookie: {@link checkOAuth2State} compares the two when the user comes back.
   *
   * @throws {Error} Without the setting `cookieSecret`.
   */
  authorizeRedirect(options?: AuthorizeRedirectOptions): void
  /**
   * Checks that this request is the answer to a login that this browser began. The `getAuthenticatedUser` of the mix-ins
   * call it; a handler of your own does before it takes the `code`.
   *
   * @throws {AuthError} When it is not, or the provider reports an error, such as `access_denied`.
   */
  checkOAuth2State(): void
  /**
   * Fetches JSON from an API of the provider.
   *
   * @throws {AuthError} (rejection) When there is no answer, or its status is outside 200 to 299, or it is no JSON.
   */
  oauth2Request<Result = unknown>(url: string, options?: OAuth2RequestOptions): Promise<Result>
  /** The client that asks the provider; override it for another. */
  getAuthHttpClient(): AsyncHTTPClient
}

/** What a subclass of {@link OAuth2Mixin} says of its provider, as static fields. */
export interface OAuth2Endpoints {
  /** Where users grant access. */
  _OAUTH_AUTHORIZE_URL: string
  /** Where a code becomes a token. */
  _OAUTH_ACCESS_TOKEN_URL: string
}

const stateCookie = '_oauth2_state'

/**
 * OAuth 2.0 (RFC 6749) for a class of handlers; a subclass names the endpoints of its provider:
 *
 * ```ts
 * class LoginHandler extends OAuth2Mixin(RequestHandler) {
 *   static override _OAUTH_AUTHORIZE_URL = 'https://provider.example/authorize'
 *   static override _OAUTH_ACCESS_TOKEN_URL = 'https://provider.example/token'
 * }
 * ```
 *
 * Tornado: auth.OAuth2Mixin.
 */
export function OAuth2Mixin<Base extends HandlerBase>(
  base: Base,
): HandlerMixin<Base, OAuth2Handler, OAuth2Endpoints> {
  class WithOAuth2 extends (withQuietLogs(base) as HandlerBase) implements OAuth2Handler {
    static _OAUTH_AUTHORIZE_URL = ''
    static _OAUTH_ACCESS_TOKEN_URL = ''

    authorizeRedirect({
      redirectUri,
      clientId,
      scope = [],
      extraParams = {},
      responseType = 'code',
    }: AuthorizeRedirectOptions = {}): void {
      const url = endpointOf(this, '_OAUTH_AUTHORIZE_URL')
      const args: Record<string, string> = { response_type: responseType }
      if (redirectUri !== undefined) args['redirect_uri'] = new URL(redirectUri, this.request.fullUrl()).href
      if (clientId !== undefined) args['client_id'] = clientId
      Object.assign(args, extraParams)
      if (scope.length > 0) args['scope'] = scope.join(' ')
      if (args['state'] === undefined) {
        args['state'] = randomSecret()
        setLoginCookie(this, stateCookie, args['state'])
      }
      this.redirect(urlConcat(url, args))
    }

    checkOAuth2State(): void {
      const expected = takeLoginCookie(this, stateCookie)
      if (expected === null) throw new AuthError('Missing OAuth 2.0 state cookie')
      if (!isSameSecret(this.getArgument('state', ''), expected)) {
        throw new AuthError('OAuth 2.0 state does not match cookie')
      }
      const error = this.getArgument('error', null)
      if (error === null) return
      const code = plainCode(error)
      throw new AuthError(`The provider refused the login${code === undefined ? '' : `: ${code}`}`, { code })
    }

    async oauth2Request<Result>(
      url: string,
      { accessToken, postArgs, args = {} }: OAuth2RequestOptions = {},
    ): Promise<Result> {
      const response = await askProvider(
        this.getAuthHttpClient(),
        urlConcat(url, args),
        'OAuth 2.0 request',
        {
          ...(accessToken === undefined ? {} : { headers: { Authorization: `Bearer ${accessToken}` } }),
          ...(postArgs === undefined ? {} : { method: 'POST', body: new URLSearchParams(postArgs) }),
        },
      )
      return jsonOf(response, 'OAuth 2.0 request') as Result
    }

    getAuthHttpClient(): AsyncHTTPClient {
      return new AsyncHTTPClient()
    }
  }
  return WithOAuth2 as never
}
