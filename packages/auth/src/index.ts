// @tornado-ts/auth

// OpenID Connect
export {
  OpenIDConnectClient,
  type AuthenticationRequest,
  type AuthenticationRequestOptions,
  type LoginTransaction,
  type OpenIDConnectClientOptions,
} from './openid-connect-client.ts'
export {
  OpenIDConnectMixin,
  type OpenIDConnectHandler,
  type OpenIDConnectRedirectOptions,
} from './openid-connect-mixin.ts'
export type { IDTokenClaims } from './id-token.ts'
export type { ProviderMetadata } from './provider-metadata.ts'
export type { TokenSet } from './token-set.ts'

// OAuth 2.0
export {
  OAuth2Mixin,
  type AuthorizeRedirectOptions,
  type OAuth2Endpoints,
  type OAuth2Handler,
  type OAuth2RequestOptions,
} from './oauth2-mixin.ts'
export {
  GoogleOAuth2Mixin,
  type GoogleHandler,
  type GoogleStatics,
  type GoogleUserOptions,
} from './google-oauth2-mixin.ts'
export {
  FacebookGraphMixin,
  type FacebookHandler,
  type FacebookRequestOptions,
  type FacebookStatics,
  type FacebookUserOptions,
} from './facebook-graph-mixin.ts'

// OAuth 1.0
export {
  OAuthMixin,
  type OAuthHandler,
  type OAuthOptions,
  type OAuthRedirectOptions,
  type OAuthStatics,
  type OAuthUser,
} from './oauth-mixin.ts'
export {
  TwitterMixin,
  type TwitterHandler,
  type TwitterRequestOptions,
  type TwitterStatics,
} from './twitter-mixin.ts'
export { oauthSignature, type OAuthToken, type OAuthVersion } from './oauth-signature.ts'

// OpenID 2.0
export {
  OpenIdMixin,
  type OpenIdHandler,
  type OpenIdRedirectOptions,
  type OpenIdStatics,
} from './openid-mixin.ts'

// Settings and errors
export type { AuthSettings, ClientCredentials } from './settings.ts'
export { localPath } from './local-path.ts'
export { AuthError, type AuthErrorOptions } from './errors.ts'

// Types of mix-ins
export type { HandlerBase, HandlerMixin } from './handler-base.ts'
