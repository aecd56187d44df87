import type { HTTPServerRequest } from '@tornado-ts/httputil'
import { RequestHandler } from '../request-handler.ts'
import { responseOf } from '../output/response-writer.ts'

/**
 * Hands a request to something else that answers it: the rule's argument `fallback`, a function such as another framework's.
 *
 * The body is complete then. The response is the fallback's alone: this handler writes and logs nothing.
 * Tornado: web.FallbackHandler.
 */
export class FallbackHandler extends RequestHandler {
  #fallback: ((request: HTTPServerRequest) => void) | null = null

  override initialize({ fallback }: { fallback?: (request: HTTPServerRequest) => void }): void {
    if (fallback === undefined) throw new TypeError('A FallbackHandler needs a fallback')
    this.#fallback = fallback
  }

  /** The fallback has its own ways to tell who may do what. */
  override checkXsrfCookie(): void {}

  override prepare(): void {
    responseOf(this).finished = true
    this.#fallback!(this.request)
    this.onFinish()
  }
}
