import { ifMatchMatches, ifRangeMatches, parseHttpDate, type HTTPHeaders } from '@tornado-ts/httputil'

/** What conditions of a request are held against. */
export interface Validators {
  /** The entity tag, with its quotes. */
  readonly etag: string | null
  /** The date of `Last-Modified`. */
  readonly modified: Date | null
}

/**
 * Whether the client wants nothing but what it knows already, and that is no more: 412. `If-Unmodified-Since` counts only without
 * `If-Match`, and a date that is none not at all.
 *
 * @see RFC 9110 §13.1.1, §13.1.4, §13.2.2
 */
export function preconditionFails(headers: HTTPHeaders, { etag, modified }: Validators): boolean {
  const match = headers.get('If-Match')
  if (match !== undefined) return !ifMatchMatches(match, etag)
  const since = headers.get('If-Unmodified-Since')
  if (since === undefined || modified === null) return false
  const sinceMs = parseHttpDate(since)
  return sinceMs !== null && modified.getTime() > sinceMs
}

/** Whether the client has what was changed at `modified`, by `If-Modified-Since`. RFC 9110 §13.1.3. */
export function unmodifiedSince(headers: HTTPHeaders, modified: Date | null): boolean {
  const since = headers.get('If-Modified-Since')
  if (since === undefined || modified === null) return false
  const sinceMs = parseHttpDate(since)
  return sinceMs !== null && sinceMs >= modified.getTime()
}

/** Whether a range may be sent, by `If-Range`. RFC 9110 §13.1.5. */
export function rangeHolds(headers: HTTPHeaders, { etag, modified }: Validators): boolean {
  const condition = headers.get('If-Range')
  if (condition === undefined) return true
  const modifiedMs = modified?.getTime() ?? null
  // Within its first second a file may change again without another date (RFC 9110 §8.8.2.2).
  const lastModifiedMs = modifiedMs !== null && Date.now() - modifiedMs >= 1000 ? modifiedMs : null
  return ifRangeMatches(condition, { etag, lastModifiedMs })
}
