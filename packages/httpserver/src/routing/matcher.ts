import type { HTTPServerRequest } from '@tornado-ts/httputil'
import { appLog } from '@tornado-ts/log'
import { explainBacktracking } from './backtracking.ts'

/** What a matcher has cut out of a request for its target. */
export interface MatchResult {
  /** Groups of the path in order, percent-decoded, one character a byte; `null` for a group that took no part. */
  readonly pathArgs?: readonly (string | null)[] | undefined
  /** Named groups likewise. */
  readonly pathKwargs?: Readonly<Record<string, string | null>> | undefined
}

/** Decides whether a rule is for a request. Tornado: routing.Matcher. */
export interface Matcher {
  /** What the target gets to know, or `null` when the rule is not for this request. */
  match(request: HTTPServerRequest): MatchResult | null
  /** The URL that matches with these arguments, or `null` when this kind of matcher has none. */
  reverse?(...args: unknown[]): string | null
}

/** Matches any request. Tornado: routing.AnyMatches. */
export class AnyMatches implements Matcher {
  match(): MatchResult {
    return nothingCut
  }
}

/** Matches requests whose host name, in lower case and without port, fits a pattern as a whole. Tornado: routing.HostMatches. */
export class HostMatches implements Matcher {
  readonly hostPattern: RegExp

  /** A string is a pattern that must match from the first to the last character; a `RegExp` only from the first. */
  constructor(hostPattern: string | RegExp) {
    this.hostPattern = anchorPattern(hostPattern)
    warnOfBacktracking(this.hostPattern)
  }

  match(request: HTTPServerRequest): MatchResult | null {
    return this.hostPattern.test(request.hostName) ? nothingCut : null
  }
}

/** Matches requests whose host no other rule knew, if the application's default host fits. Tornado: routing.DefaultHostMatches. */
export class DefaultHostMatches implements Matcher {
  readonly hostPattern: RegExp
  readonly #defaultHost: () => string | null

  constructor(defaultHost: () => string | null, hostPattern: RegExp) {
    this.#defaultHost = defaultHost
    this.hostPattern = hostPattern
  }

  match(request: HTTPServerRequest): MatchResult | null {
    // Behind a proxy the host it was asked for counts, not the default one.
    if (request.headers.has('X-Real-Ip')) return null
    const defaultHost = this.#defaultHost()
    return defaultHost !== null && this.hostPattern.test(defaultHost) ? nothingCut : null
  }
}

/** A pattern that matches from the first character on; one given as text also to the last. */
export function anchorPattern(pattern: string | RegExp): RegExp {
  if (typeof pattern !== 'string') {
    return new RegExp(`^(?:${pattern.source})`, pattern.flags.replace(/[gy]/g, ''))
  }
  // Python's spelling of named groups and of references to them.
  const source = pattern.replaceAll('(?P<', '(?<').replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
  return new RegExp(`^(?:${source})$`)
}

/** Warns of a pattern whose matching a peer can make slow. */
export function warnOfBacktracking(regex: RegExp): void {
  const reason = explainBacktracking(regex)
  if (reason === null) return
  appLog.warning(`Pattern ${regex.source} can be made slow by a long text: ${reason}`)
}

/** What a match without groups answers. */
export const nothingCut: MatchResult = { pathArgs: undefined, pathKwargs: undefined }
