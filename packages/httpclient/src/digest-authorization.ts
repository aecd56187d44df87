import type { HTTPHeaders } from '@tornado-ts/httputil'
import { DigestSession } from '@tornado-ts/iostream/proxy'

/** Digest sessions of a client, by who says so where. A request to where one is known is authorized at once. */
export class DigestSessions {
  readonly #sessions = new Map<string, DigestSession>()

  find(space: string): DigestSession | null {
    return this.#sessions.get(space) ?? null
  }

  keep(space: string, session: DigestSession): void {
    this.#sessions.delete(space)
    if (this.#sessions.size >= maxSessions) this.#sessions.delete(this.#sessions.keys().next().value!)
    this.#sessions.set(space, session)
  }

  /** Of no effect when another has taken its place. */
  drop(space: string, session: DigestSession): void {
    if (this.#sessions.get(space) === session) this.#sessions.delete(space)
  }

  clear(): void {
    this.#sessions.clear()
  }
}

/**
 * Digest authentication of one request at one place, an origin or a proxy (RFC 7616). It begins with the nonce that an
 * earlier request has got there; one that the server does not take any more costs another round trip.
 */
export class DigestAuthorization {
  readonly place: string
  readonly #sessions: DigestSessions
  readonly #space: string
  readonly #username: string
  readonly #password: string
  #session: DigestSession | null
  /** Whether the session was made for a challenge to this very request. */
  #isOwn = false
  #challenges = 0

  constructor(sessions: DigestSessions, place: string, username: string, password: string) {
    this.place = place
    this.#sessions = sessions
    this.#space = JSON.stringify([place, username, password])
    this.#username = username
    this.#password = password
    this.#session = sessions.find(this.#space)
  }

  /** The field (Proxy-)Authorization, or `null` while nothing is known. */
  authorize(method: string, uri: string, body: Uint8Array | string = ''): string | null {
    return this.#session?.authorize(method, uri, body) ?? null
  }

  /** Takes the fields of a 401 or 407: whether the request should be sent again. */
  challenge(fields: readonly string[]): boolean {
    const refused = this.#session
    // A server may forget its nonces without saying that they are stale, or call each of them stale for ever.
    if (++this.#challenges <= maxChallenges) {
      if (refused !== null && this.#isOwn) {
        if (refused.challenge(fields)) return true
      } else {
        const session = new DigestSession(this.#username, this.#password)
        if (session.challenge(fields)) {
          this.#session = session
          this.#isOwn = true
          this.#sessions.keep(this.#space, session)
          return true
        }
      }
    }
    if (refused !== null) this.#sessions.drop(this.#space, refused)
    return false
  }

  /** The server took it, and may have told the nonce to use next (RFC 7616 §3.5). */
  accepted(headers: HTTPHeaders, name: 'Authentication-Info' | 'Proxy-Authentication-Info'): void {
    if (this.#session === null) return
    const next = nextNonce.exec(headers.get(name) ?? '')
    if (next !== null) this.#session.useNonce(next[1]!.replaceAll(/\\(.)/g, '$1'))
  }
}

const maxSessions = 100
const maxChallenges = 3
const nextNonce = /(?:^|[,\s])nextnonce\s*=\s*"((?:[^"\\]|\\.)*)"/i
