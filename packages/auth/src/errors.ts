/** What an {@link AuthError} carries besides its text. */
export interface AuthErrorOptions extends ErrorOptions {
  /** The provider's own name for what is wrong, such as `access_denied`. */
  code?: string | undefined
}

/**
 * A login has failed: the provider refused it, cannot be reached, or what came back is not what was asked for.
 *
 * The text holds no token and no secret, and nothing else of this object does. Tornado: auth.AuthError.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  /** The provider's own name for what is wrong, such as `access_denied` or `invalid_grant`. */
  readonly code: string | undefined

  constructor(message: string, { code, ...options }: AuthErrorOptions = {}) {
    super(message, options)
    this.code = code
  }
}
