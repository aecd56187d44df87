/** What a provider knows a program by. */
export interface ClientCredentials {
  /** The public part: consumer key or client id. */
  readonly key: string
  readonly secret: string
}

/** Settings of an application that the mix-ins read: `new Application<AuthSettings>(handlers, settings)`. */
export interface AuthSettings {
  /** For `GoogleOAuth2Mixin`. */
  googleOauth?: ClientCredentials
  /** For your own calls of `FacebookGraphMixin`. */
  facebookApiKey?: string
  /** For your own calls of `FacebookGraphMixin`. */
  facebookSecret?: string
  /** For `TwitterMixin`. */
  twitterConsumerKey?: string
  /** For `TwitterMixin`. */
  twitterConsumerSecret?: string
}
