import type { HTTPHeaders } from '@tornado-ts/httputil'
import type { Proxy } from '@tornado-ts/iostream/proxy'
import { DigestAuthorization, type DigestSessions } from './digest-authorization.ts'
import { basicAuthorization } from './request-fields.ts'

/** Says of one request to a proxy, which is told its whole URL, who it comes from. */
export class ProxyAuthorization {
  /** Says who, and where. */
  readonly #who: string
  readonly #basic: string | null
  readonly #digest: DigestAuthorization | null

  private constructor(who: string, basic: string | null, digest: DigestAuthorization | null) {
    this.#who = who
    this.#basic = basic
    this.#digest = digest
  }

  /** `null` for a proxy that is not told. The one of an earlier hop by the same proxy knows what it was asked already. */
  static of(
    proxy: Proxy,
    sessions: DigestSessions,
    earlier: ProxyAuthorization | null,
  ): ProxyAuthorization | null {
    const { protocol, host, port, username, password = '', authMode } = proxy
    if (username === undefined) return null
    const place = `proxy ${protocol}://${host}:${port}`
    const who = JSON.stringify([place, username, password, authMode])
    if (earlier !== null && earlier.#who === who) return earlier
    if (authMode === 'digest')
      return new ProxyAuthorization(who, null, new DigestAuthorization(sessions, place, username, password))
    return new ProxyAuthorization(who, basicAuthorization(username, password), null)
  }

  /** The field Proxy-Authorization, or `null`. */
  field(method: string, url: string): string | null {
    return this.#basic ?? this.#digest?.authorize(method, url) ?? null
  }

  /** Takes the fields of a 407: whether the request should be sent again. */
  challenge(headers: HTTPHeaders): boolean {
    return this.#digest?.challenge(headers.getList('Proxy-Authenticate')) === true
  }
}
