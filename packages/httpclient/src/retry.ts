import { parseHttpDate } from '@tornado-ts/httputil'
import type { HTTPResponse } from './http-response.ts'

/** When and how often a fetch is tried again. */
export interface RetryOptions {
  /** Most tries after the first. @default 2 */
  attempts?: number
  /** The wait before the second try; it doubles with each. In ms. @default 200 */
  backoffMs?: number
  /** The longest wait. A `Retry-After` beyond it ends the tries. In ms. @default 30_000 */
  maxBackoffMs?: number
  /** The part of each wait that is left to chance, from 0 to 1. @default 0.5 */
  jitter?: number
  /** No further try begins so long after the first did; one that has begun may end later. In ms. @default 60_000 */
  budgetMs?: number
  /** Statuses that are tried again. @default [429, 502, 503, 504] */
  statuses?: readonly number[]
  /** Methods that are tried again. @default GET, HEAD, OPTIONS, TRACE, PUT and DELETE */
  methods?: readonly string[]
}

/** Methods that have the same effect when they are sent twice (RFC 9110 §9.2.2). */
export const idempotentMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
])

/** How long to wait before a fetch that ended so is tried again, or `null` when it is not. */
export function retryDelay(
  response: HTTPResponse,
  attempt: number,
  elapsedMs: number,
  options: RetryOptions,
  random: () => number = Math.random,
): number | null {
  const { attempts = 2, backoffMs = 200, maxBackoffMs = 30_000, jitter = 0.5, budgetMs = 60_000 } = options
  const { statuses = [429, 502, 503, 504], methods } = options
  const { method } = response.request
  if (attempt > attempts) return null
  if (methods === undefined ? !idempotentMethods.has(method) : !methods.includes(method)) return null
  const failed = !response.isComplete
  if (failed ? !isTransient(response.error!) : !statuses.includes(response.code)) return null
  const asked = failed ? null : retryAfter(response)
  if (asked !== null && asked > maxBackoffMs) return null
  const backoff = Math.min(maxBackoffMs, backoffMs * 2 ** (attempt - 1))
  const delayMs = asked ?? backoff * (1 - jitter * random())
  return elapsedMs + delayMs > budgetMs ? null : delayMs
}

/** What `Retry-After` asks for, in ms, or `null` (RFC 9110 §10.2.3). */
function retryAfter({ headers }: HTTPResponse): number | null {
  const value = headers.get('Retry-After')?.trim()
  if (value === undefined) return null
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000
  const date = parseHttpDate(value)
  return date === null ? null : Math.max(0, date - Date.now())
}

/** Whether another try may go better: the network's errors and time-outs, not those of the request or of certificates. */
function isTransient(error: Error & { errno?: unknown }): boolean {
  if (transientNames.has(error.name)) return true
  if (error.name === 'CurlError') return error.errno === curlCouldNotConnect
  return transientCodes.has((error as NodeJS.ErrnoException).code ?? '')
}

const transientNames: ReadonlySet<string> = new Set(['HTTPTimeoutError', 'HTTPStreamClosedError'])
/** `CURLE_COULDNT_CONNECT`: libcurl has no names for what the system said. */
const curlCouldNotConnect = 7
const transientCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EAI_AGAIN',
])
