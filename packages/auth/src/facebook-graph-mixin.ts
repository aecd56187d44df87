import { createHmac } from 'node:crypto'
import { urlConcat } from '@tornado-ts/httputil'
import { askProvider, jsonObjectOf } from './ask-provider.ts'
import { AuthError } from './errors.ts'
import { endpointOf, type HandlerBase, type HandlerMixin } from './handler-base.ts'
import { OAuth2Mixin, type OAuth2Endpoints, type OAuth2Handler } from './oauth2-mixin.ts'

/** What {@link FacebookHandler.getAuthenticatedUser} needs. */
export interface FacebookUserOptions {
  /** The same as at `authorizeRedirect`. */
  redirectUri: string
  clientId: string
  clientSecret: string
  /** The argument `code` of this request. */
  code: string
  /** Fields of the user beside `id`, `name`, `first_name`, `last_name`, `locale`, `picture` and `link`. @default none */
  extraFields?: Iterable<string>
  /** `false` when the login was begun with a `state` of your own, which you have compared. @default true */
  verifyState?: boolean
}

/** What {@link FacebookHandler.facebookRequest} sends. */
export interface FacebookRequestOptions {
  /** @default none */
  accessToken?: string
  /** Sent as the body of a POST, as a form. @default none: a GET */
  postArgs?: Readonly<Record<string, string>>
  /** Arguments of the query. @default {} */
  args?: Readonly<Record<string, string>>
}

/** What {@link FacebookGraphMixin} adds to a handler. */
export interface FacebookHandler extends OAuth2Handler {
  /**
   * The user of this login: the fields, `access_token`, and `session_expires`, the seconds that the token holds, as text.
   *
   * @throws {AuthError} (rejection) When Facebook refuses, or this browser did not begin the login.
   */
  getAuthenticatedUser(options: FacebookUserOptions): Promise<Record<string, unknown>>
  /**
   * Fetches a path of the Graph API, such as `/me/feed`.
   *
   * @throws {AuthError} (rejection) When there is no answer, or its status is outside 200 to 299, or it is no JSON.
   */
  facebookRequest<Result = unknown>(path: string, options?: FacebookRequestOptions): Promise<Result>
}

/** Endpoints of Facebook. */
export interface FacebookStatics extends OAuth2Endpoints {
  _OAUTH_NO_CALLBACKS: boolean
  /** What paths of the Graph API are below. */
  _FACEBOOK_BASE_URL: string
}

const userFields = ['id', 'name', 'first_name', 'last_name', 'locale', 'picture', 'link']

/** Login with Facebook, and its Graph API. Tornado: auth.FacebookGraphMixin. */
export function FacebookGraphMixin<Base extends HandlerBase>(
  base: Base,
): HandlerMixin<Base, FacebookHandler, FacebookStatics> {
  class WithFacebook extends (OAuth2Mixin(base) as HandlerMixin<
    HandlerBase,
    OAuth2Handler,
    OAuth2Endpoints
  >) {
    static override _OAUTH_ACCESS_TOKEN_URL = 'https://graph.facebook.com/oauth/access_token'
    static override _OAUTH_AUTHORIZE_URL = 'https://www.facebook.com/dialog/oauth'
    static _OAUTH_NO_CALLBACKS = false
    static _FACEBOOK_BASE_URL = 'https://graph.facebook.com'

    async getAuthenticatedUser({
      redirectUri,
      clientId,
      clientSecret,
      code,
      extraFields = [],
      verifyState = true,
    }: FacebookUserOptions): Promise<Record<string, unknown>> {
      if (verifyState) this.checkOAuth2State()
      const url = urlConcat(endpointOf(this, '_OAUTH_ACCESS_TOKEN_URL'), {
        redirect_uri: new URL(redirectUri, this.request.fullUrl()).href,
        code,
        client_id: clientId,
        client_secret: clientSecret,
      })
      const response = await askProvider(this.getAuthHttpClient(), url, 'Facebook login')
      const { access_token: accessToken, expires_in: expiresIn } = jsonObjectOf(response, 'Facebook login')
      if (typeof accessToken !== 'string')
        throw new AuthError('Facebook login: the answer has no access token')
      const fields = [...new Set([...userFields, ...extraFields])]
      const user = await this.facebookRequest<Record<string, unknown> | null>('/me', {
        accessToken,
        args: {
          appsecret_proof: createHmac('sha256', clientSecret).update(accessToken).digest('hex'),
          fields: fields.join(','),
        },
      })
      if (typeof user !== 'object' || user === null) throw new AuthError('Facebook login: there is no user')
      const found = Object.fromEntries(fields.map((field) => [field, user[field] ?? null]))
      // A number or a text; no more than that is believed to be a time.
      const expires =
        typeof expiresIn === 'number' || typeof expiresIn === 'string' ? String(expiresIn) : null
      return { ...found, access_token: accessToken, session_expires: expires }
    }

    async facebookRequest<Result>(path: string, options: FacebookRequestOptions = {}): Promise<Result> {
      return await this.oauth2Request<Result>(endpointOf(this, '_FACEBOOK_BASE_URL') + path, options)
    }
  }
  return WithFacebook as never
}
