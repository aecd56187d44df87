import { HTTPOutputError } from '../errors.ts'
import type { HTTPHeaders } from '../headers.ts'

/**
 * Whether a field of this name may stand behind a body. Those about framing, routing, authentication, conditions and the form of
 * the content, and those of the connection, may not: they would come too late, or be believed by somebody.
 *
 * @see RFC 9110 §6.5.1
 */
export function isTrailerName(name: string): boolean {
  const lower = name.toLowerCase()
  return !forbidden.has(lower) && !lower.startsWith('if-') && !lower.startsWith('access-control-')
}

/** @throws {HTTPOutputError} When one of the fields must not be sent behind a body: see {@link isTrailerName}. */
export function checkTrailers(trailers: HTTPHeaders): void {
  for (const name of trailers.keys()) {
    if (!isTrailerName(name)) throw new HTTPOutputError(`${name} cannot be a trailer`)
  }
}

const forbidden: ReadonlySet<string> = new Set([
  // Framing and the connection.
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // Routing.
  'forwarded',
  'host',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  // What a request asks for.
  'cache-control',
  'expect',
  'max-forwards',
  'pragma',
  'range',
  // Authentication and state.
  'authentication-info',
  'authorization',
  'cookie',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'set-cookie',
  'www-authenticate',
  // What a response says about itself.
  'accept-ranges',
  'age',
  'clear-site-data',
  'content-security-policy',
  'date',
  'expires',
  'location',
  'retry-after',
  'strict-transport-security',
  'vary',
  'warning',
  // The form of the content.
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-location',
  'content-range',
  'content-type',
])
