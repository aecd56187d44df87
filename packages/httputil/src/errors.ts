/** What an {@link HTTPInputError} carries besides its text. */
export interface HTTPInputErrorOptions extends ErrorOptions {
  /** Status a server answers with. @default 400 */
  status?: number
}

/**
 * The peer broke the protocol: a server answers with `status` and closes, a client fails the request.
 *
 * The message never quotes the peer's bytes, so it may be sent back or logged. Tornado: httputil.HTTPInputError.
 */
export class HTTPInputError extends Error {
  override readonly name = 'HTTPInputError'
  readonly status: number

  constructor(message: string, { status = 400, ...options }: HTTPInputErrorOptions = {}) {
    super(message, options)
    this.status = status
  }
}

/** This side would have broken the protocol: nothing of what was asked was sent. Tornado: httputil.HTTPOutputError. */
export class HTTPOutputError extends Error {
  override readonly name = 'HTTPOutputError'
}
