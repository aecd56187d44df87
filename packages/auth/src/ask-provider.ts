import type { AsyncHTTPClient, FetchOptions, HTTPResponse } from '@tornado-ts/httpclient'
import { AuthError } from './errors.ts'

/** Larger than any answer of a provider. */
const maxBodySize = 1_048_576

/**
 * Fetches from a provider.
 *
 * Errors name the provider's host, status and error code alone: URLs, bodies and fields of such requests hold secrets, so the
 * client's own error, which has the request, is not kept as the cause.
 *
 * @throws {AuthError} When there is no answer, or its status is outside 200 to 299.
 */
export async function askProvider(
  client: AsyncHTTPClient,
  url: string,
  what: string,
  options: FetchOptions = {},
): Promise<HTTPResponse> {
  const { host } = new URL(url)
  let response: HTTPResponse
  try {
    // A provider does not redirect these; who did could have the secrets sent elsewhere.
    response = await client.fetch(url, { maxBodySize, followRedirects: false, ...options, raiseError: false })
  } catch (error) {
    throw new AuthError(`${what}: no answer of ${host} (${whatFailed(error)})`)
  }
  if (response.code >= 200 && response.code < 300) return response
  const code = errorCodeOf(response)
  throw new AuthError(`${what}: ${host} answered ${response.code}${code === undefined ? '' : ` ${code}`}`, {
    code,
  })
}

/** The JSON of an answer. */
export function jsonOf(response: HTTPResponse, what: string): unknown {
  try {
    return response.json()
  } catch {
    // The parser's error quotes the text, which may hold a token.
    throw new AuthError(`${what}: the answer is no JSON`)
  }
}

/** The JSON object of an answer. */
export function jsonObjectOf(response: HTTPResponse, what: string): Record<string, unknown> {
  const value = jsonOf(response, what)
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new AuthError(`${what}: the answer is no JSON object`)
}

/** Errors of the network have a code, and a text about the network; that of others may quote what was to be sent. */
function whatFailed(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  return 'code' in error ? `${error.name}: ${error.message.split('?', 1)[0]}` : error.name
}

/** `{"error": "invalid_grant"}` of RFC 6749 §5.2, and what Facebook makes of it. */
function errorCodeOf(response: HTTPResponse): string | undefined {
  try {
    const { error } = response.json() as { error?: unknown }
    return plainCode(typeof error === 'object' && error !== null ? (error as { type?: unknown }).type : error)
  } catch {
    return undefined
  }
}

/** An error code as the standards allow it; anything else might be more than a code. */
export function plainCode(code: unknown): string | undefined {
  return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? code : undefined
}
