import { AuthError } from './errors.ts'
import type { HandlerBase, HandlerMixin } from './handler-base.ts'
import { localPath } from './local-path.ts'
import { setLoginCookie, takeLoginCookie } from './login-cookie.ts'
import type {
  AuthenticationRequestOptions,
  LoginTransaction,
  OpenIDConnectClient,
} from './openid-connect-client.ts'
import type { TokenSet } from './token-set.ts'
import { withQuietLogs } from './quiet-logs.ts'

/** How {@link OpenIDConnectHandler.authorizeRedirect} begins a login. */
export interface OpenIDConnectRedirectOptions extends Omit<AuthenticationRequestOptions, 'redirectUri'> {
  /** Where the provider sends the user back to; registered there. Relative to this request. @default this request's path */
  redirectUri?: string
  /** Where the user wanted to go, for {@link OpenIDConnectHandler.getAuthenticatedUser}. Not a path of this site: `/`. @default '/' */
  next?: string
}

/** What {@link OpenIDConnectMixin} adds to a handler. */
export interface OpenIDConnectHandler {
  /** To be overridden: the client, one object for all requests. */
  getOpenIDConnectClient(): OpenIDConnectClient
  /** Whether this request is the provider's answer to a login. */
  isOpenIDConnectAnswer(): boolean
  /**
   * Begins a login: keeps what is needed in a signed cookie for ten minutes, sends the user to the provider, ends the response.
   *
   * @throws {AuthError} (rejection) When the provider cannot be discovered.
   * @throws {Error} (rejection) Without the setting `cookieSecret`.
   */
  authorizeRedirect(options?: OpenIDConnectRedirectOptions): Promise<void>
  /**
   * Ends the login that this browser began: who the user is, and where they wanted to go, a path of this site.
   *
   * @throws {AuthError} (rejection) When the browser began none, or anything in the answer is not as it must be.
   */
  getAuthenticatedUser(): Promise<{ tokens: TokenSet; next: string }>
}

const cookieName = '_openid_connect'

/**
 * Login by OpenID Connect for a class of handlers.
 *
 * @example
 * const client = new OpenIDConnectClient({ issuer: 'https://accounts.google.com', clientId, clientSecret })
 *
 * class LoginHandler extends OpenIDConnectMixin(RequestHandler) {
 *   override getOpenIDConnectClient(): OpenIDConnectClient {
 *     return client
 *   }
 *
 *   override async get(): Promise<void> {
 *     if (!this.isOpenIDConnectAnswer()) {
 *       await this.authorizeRedirect({ scope: ['email'], next: this.getArgument('next', '/') })
 *       return
 *     }
 *     const { tokens, next } = await this.getAuthenticatedUser()
 *     this.setSignedCookie('user', tokens.claims.sub)
 *     this.redirect(next)
 *   }
 * }
 */
export function OpenIDConnectMixin<Base extends HandlerBase>(
  base: Base,
): HandlerMixin<Base, OpenIDConnectHandler> {
  class WithOpenIDConnect extends (withQuietLogs(base) as HandlerBase) implements OpenIDConnectHandler {
    getOpenIDConnectClient(): OpenIDConnectClient {
      throw new TypeError(`${this.constructor.name} must override getOpenIDConnectClient`)
    }

    isOpenIDConnectAnswer(): boolean {
      return this.getQueryArgument('state', null) !== null
    }

    async authorizeRedirect({
      redirectUri = this.request.path,
      next,
      ...options
    }: OpenIDConnectRedirectOptions = {}): Promise<void> {
      const { url, transaction } = await this.getOpenIDConnectClient().authenticationRequest({
        ...options,
        redirectUri: new URL(redirectUri, this.request.fullUrl()).href,
      })
      setLoginCookie(this, cookieName, JSON.stringify({ ...transaction, next: localPath(next) }))
      this.redirect(url)
    }

    async getAuthenticatedUser(): Promise<{ tokens: TokenSet; next: string }> {
      const kept = takeLoginCookie(this, cookieName)
      if (kept === null) throw new AuthError('Missing OpenID Connect cookie')
      const { next, ...transaction } = JSON.parse(kept) as LoginTransaction & { next: string }
      const answer: Record<string, string> = {}
      for (const name of ['state', 'code', 'error', 'iss']) {
        const value = this.getQueryArgument(name, null)
        if (value !== null) answer[name] = value
      }
      const tokens = await this.getOpenIDConnectClient().authenticationResponse(answer, transaction)
      return { tokens, next }
    }
  }
  return WithOpenIDConnect as never
}
