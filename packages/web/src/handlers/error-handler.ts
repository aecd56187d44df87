import { HTTPError } from '../errors.ts'
import { RequestHandler } from '../request-handler.ts'

/** Answers every method with the error page of a status. Tornado: web.ErrorHandler. */
export class ErrorHandler extends RequestHandler {
  #statusCode = 500

  override initialize({ statusCode }: { statusCode?: number }): void {
    this.#statusCode = statusCode ?? 500
  }

  /** A wrong URL is a 404, not a 403 for want of a token. */
  override checkXsrfCookie(): void {}

  override prepare(): void {
    throw new HTTPError(this.#statusCode)
  }
}
