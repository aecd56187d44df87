import { askProvider, jsonObjectOf } from './ask-provider.ts'
import { endpointOf, type HandlerBase, type HandlerMixin, settingOf, staticsOf } from './handler-base.ts'
import { OAuth2Mixin, type OAuth2Endpoints, type OAuth2Handler } from './oauth2-mixin.ts'
import type { ClientCredentials } from './settings.ts'

/** What {@link GoogleHandler.getAuthenticatedUser} needs. */
export interface GoogleUserOptions {
  /** The same as at `authorizeRedirect`. */
  redirectUri: string
  /** The argument `code` of this request. */
  code: string
  /** @default the setting's `key` */
  clientId?: string
  /** @default the setting's `secret` */
  clientSecret?: string
  /** `false` when the login was begun with a `state` of your own, which you have compared. @default true */
  verifyState?: boolean
}

/** What {@link GoogleOAuth2Mixin} adds to a handler. */
export interface GoogleHandler extends OAuth2Handler {
  /** The setting `googleOauth`, or that which `_OAUTH_SETTINGS_KEY` names. @throws {Error} When it is missing. */
  getGoogleOauthSettings(): ClientCredentials
  /**
   * Turns the code of this request into tokens: Google's answer, with `access_token`, `id_token`, `expires_in`.
   *
   * @throws {AuthError} (rejection) When Google refuses, or this browser did not begin the login.
   */
  getAuthenticatedUser(options: GoogleUserOptions): Promise<Record<string, unknown>>
}

/** Endpoints of Google, and the name of the setting. */
export interface GoogleStatics extends OAuth2Endpoints {
  /** Who the user is: for `oauth2Request`, with the access token. */
  _OAUTH_USERINFO_URL: string
  _OAUTH_NO_CALLBACKS: boolean
  _OAUTH_SETTINGS_KEY: string
}

/**
 * Login with Google by OAuth 2.0. Set `googleOauth: { key, secret }` in the application.
 *
 * `OpenIDConnectMixin` with the issuer `https://accounts.google.com` also checks who the user is by a signed token.
 *
 * @example
 * class LoginHandler extends GoogleOAuth2Mixin(RequestHandler) {
 *   override async get(): Promise<void> {
 *     const redirectUri = `${this.request.protocol}://${this.request.host}/login`
 *     const code = this.getArgument('code', null)
 *     if (code === null) {
 *       const { key } = this.getGoogleOauthSettings()
 *       this.authorizeRedirect({ redirectUri, clientId: key, scope: ['profile', 'email'] })
 *       return
 *     }
 *     const { access_token } = await this.getAuthenticatedUser({ redirectUri, code })
 *     …
 *   }
 * }
 *
 * Tornado: auth.GoogleOAuth2Mixin.
 */
export function GoogleOAuth2Mixin<Base extends HandlerBase>(
  base: Base,
): HandlerMixin<Base, GoogleHandler, GoogleStatics> {
  class WithGoogle extends (OAuth2Mixin(base) as HandlerMixin<HandlerBase, OAuth2Handler, OAuth2Endpoints>) {
    static override _OAUTH_AUTHORIZE_URL = 'https://accounts.google.com/o/oauth2/v2/auth'
    static override _OAUTH_ACCESS_TOKEN_URL = 'https://www.googleapis.com/oauth2/v4/token'
    static _OAUTH_USERINFO_URL = 'https://www.googleapis.com/oauth2/v1/userinfo'
    static _OAUTH_NO_CALLBACKS = false
    static _OAUTH_SETTINGS_KEY = 'googleOauth'

    getGoogleOauthSettings(): ClientCredentials {
      return settingOf(this, staticsOf<GoogleStatics>(this)._OAUTH_SETTINGS_KEY, 'Google login')
    }

    async getAuthenticatedUser({
      redirectUri,
      code,
      clientId,
      clientSecret,
      verifyState = true,
    }: GoogleUserOptions): Promise<Record<string, unknown>> {
      if (verifyState) this.checkOAuth2State()
      const settings =
        clientId === undefined || clientSecret === undefined ? this.getGoogleOauthSettings() : null
      const body = new URLSearchParams({
        redirect_uri: new URL(redirectUri, this.request.fullUrl()).href,
        code,
        client_id: clientId ?? settings!.key,
        client_secret: clientSecret ?? settings!.secret,
        grant_type: 'authorization_code',
      })
      const url = endpointOf(this, '_OAUTH_ACCESS_TOKEN_URL')
      const response = await askProvider(this.getAuthHttpClient(), url, 'Google login', {
        method: 'POST',
        body,
      })
      return jsonObjectOf(response, 'Google login')
    }
  }
  return WithGoogle as never
}
