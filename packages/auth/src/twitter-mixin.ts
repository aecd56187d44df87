import { urlConcat } from '@tornado-ts/httputil'
import { askProvider, jsonOf } from './ask-provider.ts'
import { endpointOf, type HandlerBase, type HandlerMixin, settingOf } from './handler-base.ts'
import {
  OAuthMixin,
  type OAuthHandler,
  type OAuthOptions,
  type OAuthStatics,
  type OAuthUser,
} from './oauth-mixin.ts'
import type { OAuthToken } from './oauth-signature.ts'
import type { ClientCredentials } from './settings.ts'

/** What {@link TwitterHandler.twitterRequest} sends. */
export interface TwitterRequestOptions {
  /** Signs the request. @default none */
  accessToken?: OAuthToken
  /** Sent as the body of a POST, as a form. @default none: a GET */
  postArgs?: Readonly<Record<string, string>>
  /** Arguments of the query. @default {} */
  args?: Readonly<Record<string, string>>
}

/** What {@link TwitterMixin} adds to a handler. */
export interface TwitterHandler extends OAuthHandler {
  /** As `authorizeRedirect`, for a user who has granted access before: nobody is asked again. */
  authenticateRedirect(options?: OAuthOptions & { callbackUri?: string }): Promise<void>
  /**
   * Fetches a path of the API, such as `/statuses/user_timeline`, to which `.json` is added, or a whole URL as it is.
   *
   * @throws {AuthError} (rejection) When there is no answer, or its status is outside 200 to 299, or it is no JSON.
   */
  twitterRequest<Result = unknown>(path: string, options?: TwitterRequestOptions): Promise<Result>
}

/** Endpoints of Twitter. */
export interface TwitterStatics extends OAuthStatics {
  _OAUTH_AUTHENTICATE_URL: string
  _TWITTER_BASE_URL: string
}

/**
 * Login with Twitter's OAuth 1.0a and its API 1.1. Set `twitterConsumerKey` and `twitterConsumerSecret` in the application.
 * The user has `username`, which is Twitter's `screen_name`. Tornado: auth.TwitterMixin, where it is deprecated.
 */
export function TwitterMixin<Base extends HandlerBase>(
  base: Base,
): HandlerMixin<Base, TwitterHandler, TwitterStatics> {
  class WithTwitter extends (OAuthMixin(base) as HandlerMixin<HandlerBase, OAuthHandler, OAuthStatics>) {
    static override _OAUTH_REQUEST_TOKEN_URL = 'https://api.twitter.com/oauth/request_token'
    static override _OAUTH_ACCESS_TOKEN_URL = 'https://api.twitter.com/oauth/access_token'
    static override _OAUTH_AUTHORIZE_URL = 'https://api.twitter.com/oauth/authorize'
    static _OAUTH_AUTHENTICATE_URL = 'https://api.twitter.com/oauth/authenticate'
    static _TWITTER_BASE_URL = 'https://api.twitter.com/1.1'
    #authenticates = false

    async authenticateRedirect(options: OAuthOptions & { callbackUri?: string } = {}): Promise<void> {
      this.#authenticates = true
      await this.authorizeRedirect(options)
    }

    async twitterRequest<Result>(
      path: string,
      { accessToken, postArgs, args = {} }: TwitterRequestOptions = {},
    ): Promise<Result> {
      const isUrl = /^https?:\/\//i.test(path)
      const url = isUrl ? path : `${endpointOf(this, '_TWITTER_BASE_URL')}${path}.json`
      const method = postArgs === undefined ? 'GET' : 'POST'
      const signature =
        accessToken === undefined
          ? {}
          : this.oauthRequestParameters(url, accessToken, { ...args, ...postArgs }, method)
      const whole = urlConcat(url, { ...args, ...signature })
      const response = await askProvider(this.getAuthHttpClient(), whole, 'Twitter request', {
        method,
        ...(postArgs === undefined ? {} : { body: new URLSearchParams(postArgs) }),
      })
      return jsonOf(response, 'Twitter request') as Result
    }

    override oauthConsumerToken(): ClientCredentials {
      return {
        key: settingOf(this, 'twitterConsumerKey', 'Twitter login'),
        secret: settingOf(this, 'twitterConsumerSecret', 'Twitter login'),
      }
    }

    override async oauthGetUserFuture(accessToken: OAuthToken): Promise<OAuthUser | null> {
      const user = await this.twitterRequest<OAuthUser | null>('/account/verify_credentials', { accessToken })
      return user === null ? null : { ...user, username: user['screen_name'] }
    }

    protected oauthAuthorizeEndpoint(): string {
      return this.#authenticates ? '_OAUTH_AUTHENTICATE_URL' : '_OAUTH_AUTHORIZE_URL'
    }
  }
  return WithTwitter as never
}
