import type { HTTPServerRequest } from '@tornado-ts/httputil'

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
  const source = pattern.replaceAll('(?P<', '(?<')
  return new RegExp(`^(?:${source.endsWith('$') ? source : `${source}$`})`)
}

/** What a match without groups answers. */
export const nothingCut: MatchResult = { pathArgs: undefined, pathKwargs: undefined }
