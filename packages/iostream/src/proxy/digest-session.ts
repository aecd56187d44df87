import { createHash, randomBytes } from 'node:crypto'
import { parseChallenges, type AuthenticationChallenge } from './authentication-challenge.ts'

/**
 * Digest access authentication, from the client's side (RFC 7616): MD5, SHA-256 and SHA-512-256, each with `-sess`, and
 * `qop` `auth`, or `auth-int` where nothing else is offered and the body is known.
 *
 * One session serves many requests to the same origin, or proxy: it counts them.
 */
export class DigestSession {
  readonly #username: string
  readonly #password: string
  readonly #cnonce: () => string
  #parameters: DigestParameters | null = null
  #count = 0
  #sessionNonce = ''
  #used = false

  /** @param cnonce Makes the client's nonces. @default random */
  constructor(
    username: string,
    password: string,
    cnonce: () => string = () => randomBytes(16).toString('base64url'),
  ) {
    this.#username = username
    this.#password = password
    this.#cnonce = cnonce
  }

  /**
   * Takes the fields of a 401 or 407. `true` when the request should be sent again with {@link authorize}; `false` when
   * there is no challenge that is understood, or the credentials were refused.
   */
  challenge(fields: readonly string[]): boolean {
    const offers = fields.flatMap(parseChallenges).filter(({ scheme }) => scheme === 'digest')
    const usable = offers.map(toParameters).filter((each) => each !== null)
    const best = usable.toSorted((a, b) => preference.indexOf(a.hash) - preference.indexOf(b.hash))[0]
    if (best === undefined || (this.#used && !best.stale)) return false
    this.#parameters = best
    this.#count = 0
    this.#used = false
    return true
  }

  /** Goes over to the nonce that the server wants to see next (RFC 7616 §3.5). */
  useNonce(nonce: string): void {
    // A session's secret is made of the nonce of its challenge.
    if (this.#parameters === null || this.#parameters.isSession) return
    this.#parameters = { ...this.#parameters, nonce }
    this.#count = 0
  }

  /** The field (Proxy-)Authorization for a request, or `null` before a {@link challenge}. */
  authorize(method: string, uri: string, body: Uint8Array | string = ''): string | null {
    const parameters = this.#parameters
    if (parameters === null) return null
    const { realm, nonce, opaque, algorithm, hash, isSession, qop, userhash } = parameters
    this.#used = true
    const digest = (text: string | Uint8Array): string => createHash(hash).update(text).digest('hex')
    const nc = (++this.#count).toString(16).padStart(8, '0')
    if (this.#count === 1 || !isSession) this.#sessionNonce = this.#cnonce()
    const cnonce = this.#sessionNonce
    const secret = digest(`${this.#username}:${realm}:${this.#password}`)
    const ha1 = isSession ? digest(`${secret}:${nonce}:${cnonce}`) : secret
    const ha2 = digest(qop === 'auth-int' ? `${method}:${uri}:${digest(body)}` : `${method}:${uri}`)
    const response = digest(
      qop === null ? `${ha1}:${nonce}:${ha2}` : `${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`,
    )
    const username = userhash ? digest(`${this.#username}:${realm}`) : this.#username
    // A name of other characters than a quoted string may hold goes in the extended form (RFC 7616 §3.4).
    const name = isAscii(username)
      ? `username=${quote(username)}`
      : `username*=UTF-8''${encodeURIComponent(username)}`
    return [
      `Digest ${name}`,
      `realm=${quote(realm)}`,
      `nonce=${quote(nonce)}`,
      `uri=${quote(uri)}`,
      ...(algorithm === null ? [] : [`algorithm=${algorithm}`]),
      `response="${response}"`,
      ...(opaque === null ? [] : [`opaque=${quote(opaque)}`]),
      ...(qop === null ? [] : [`qop=${qop}`, `nc=${nc}`, `cnonce="${cnonce}"`]),
      ...(userhash ? ['userhash=true'] : []),
    ].join(', ')
  }
}

interface DigestParameters {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | null
  /** As the server wrote it. */
  readonly algorithm: string | null
  readonly hash: string
  readonly isSession: boolean
  readonly qop: 'auth' | 'auth-int' | null
  readonly stale: boolean
  readonly userhash: boolean
}

/** Of Node's names; the stronger first. */
const preference: readonly string[] = ['sha512-256', 'sha256', 'md5']
const hashes: ReadonlyMap<string, string> = new Map([
  ['md5', 'md5'],
  ['sha-256', 'sha256'],
  ['sha-512-256', 'sha512-256'],
])

function toParameters({ parameters }: AuthenticationChallenge): DigestParameters | null {
  const algorithm = parameters.get('algorithm') ?? null
  const lower = (algorithm ?? 'md5').toLowerCase()
  const isSession = lower.endsWith('-sess')
  const hash = hashes.get(isSession ? lower.slice(0, -5) : lower)
  const nonce = parameters.get('nonce')
  const realm = parameters.get('realm')
  if (hash === undefined || nonce === undefined || realm === undefined) return null
  const offered = parameters
    .get('qop')
    ?.toLowerCase()
    .split(',')
    .map((each) => each.trim())
  const qop = offered === undefined ? null : offered.includes('auth') ? 'auth' : 'auth-int'
  if (qop === 'auth-int' && !offered!.includes('auth-int')) return null
  return {
    realm,
    nonce,
    opaque: parameters.get('opaque') ?? null,
    algorithm,
    hash,
    isSession,
    qop,
    stale: parameters.get('stale')?.toLowerCase() === 'true',
    userhash: parameters.get('userhash')?.toLowerCase() === 'true',
  }
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

function isAscii(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text)
}
