import { HTTPError } from '../errors.ts'
import type { RequestHandler } from '../request-handler.ts'
import { decodeXsrfToken, encodeXsrfToken, newXsrfToken, sameXsrfToken, type XsrfToken } from './xsrf.ts'

/** Whether requests of a method must carry the token: those that only ask do no harm. */
export function checksXsrf(method: string): boolean {
  return !harmless.has(method)
}

/** Holds what a request sends against the token of its client's cookie, and gives a client without one a token. */
export class XsrfGuard {
  readonly #handler: RequestHandler
  #token: XsrfToken | null = null
  #text: string | null = null

  constructor(handler: RequestHandler) {
    this.#handler = handler
  }

  /** The token for a form. The client gets it as a cookie, if it has none. */
  get text(): string {
    this.#text ??= this.#makeText()
    return this.#text
  }

  /** @throws {HTTPError} With status 403. */
  check(): void {
    const { headers } = this.#handler.request
    // An empty field, as a page without the token has it, leaves the word to the headers.
    const given =
      this.#handler.getArgument('_xsrf', '') || headers.get('X-XSRFToken') || headers.get('X-CSRFToken')
    if (!given) throw new HTTPError(403, "'_xsrf' argument missing from POST")
    const token = decodeXsrfToken(given)
    if (token === null || token.token.length === 0)
      throw new HTTPError(403, "'_xsrf' argument has invalid format")
    if (!sameXsrfToken(token, this.#tokenOfCookie()))
      throw new HTTPError(403, 'XSRF cookie does not match POST argument')
  }

  #tokenOfCookie(): XsrfToken {
    if (this.#token === null) {
      const kept = this.#handler.getCookie(this.#handler.settings.xsrfCookieName ?? '_xsrf')
      this.#token = (kept === undefined ? null : decodeXsrfToken(kept)) ?? newXsrfToken()
    }
    return this.#token
  }

  #makeText(): string {
    const { xsrfCookieVersion = 2, xsrfCookieName = '_xsrf', xsrfCookieKwargs = {} } = this.#handler.settings
    const token = this.#tokenOfCookie()
    const text = encodeXsrfToken(token, xsrfCookieVersion)
    if (token.version === null) {
      const lasts = Boolean(this.#handler.currentUser) && !('expiresDays' in xsrfCookieKwargs)
      this.#handler.setCookie(xsrfCookieName, text, {
        ...(lasts ? { expiresDays: 30 } : {}),
        ...xsrfCookieKwargs,
      })
    }
    return text
  }
}

const harmless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
