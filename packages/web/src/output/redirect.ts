/** Options of `redirect`. */
export interface RedirectOptions {
  /** 301 in place of 302. @default false */
  permanent?: boolean
  /** Another status from 300 to 399; wins over `permanent`. @default none */
  status?: number
}

/** @throws {RangeError} When the status is not from 300 to 399. */
export function redirectStatus({ permanent = false, status }: RedirectOptions): number {
  const code = status ?? (permanent ? 301 : 302)
  if (!Number.isInteger(code) || code < 300 || code > 399)
    throw new RangeError(`Cannot redirect with status ${code}`)
  return code
}

/** A URL as `Location` can hold it. */
export function redirectLocation(url: string): string {
  return url.replace(unfit, (text) => encodeURIComponent(text.toWellFormed()))
}

/**
 * A path of this site that no browser takes for another host's: of two slashes at its beginning (or backslashes, which count as
 * slashes) one is left.
 */
export function localPath(path: string): string {
  return path.replace(/^\/[/\\\t]+/, '/')
}

const unfit = /[\t\u0080-\uffff]+/g
