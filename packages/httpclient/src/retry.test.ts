import { HTTPHeaders, formatTimestamp } from '@tornado-ts/httputil'
import { describe, expect, it } from 'vitest'
import { HTTPProtocolError, HTTPTimeoutError } from './errors.ts'
import { HTTPRequest } from './http-request.ts'
import { HTTPResponse } from './http-response.ts'
import { retryDelay } from './retry.ts'

const get = new HTTPRequest('http://x/')
const half = (): number => 0.5

function ended(code: number, fields: Record<string, string> = {}, request = get): HTTPResponse {
  return new HTTPResponse(request, code, { headers: new HTTPHeaders(fields) })
}

function failed(error: Error): HTTPResponse {
  return new HTTPResponse(get, 599, { error })
}

describe('retryDelay', () => {
  it('doubles with each try, up to a limit, less what is left to chance', () => {
    const options = { attempts: 9, maxBackoffMs: 1_000 }
    const delays = [1, 2, 3, 4, 5].map((attempt) => retryDelay(ended(503), attempt, 0, options, half))
    expect(delays).toEqual([150, 300, 600, 750, 750])
    expect(retryDelay(ended(503), 1, 0, { jitter: 0 }, half)).toBe(200)
  })

  it('ends with the tries, and with the budget', () => {
    expect(retryDelay(ended(503), 2, 0, { attempts: 2 })).not.toBeNull()
    expect(retryDelay(ended(503), 3, 0, { attempts: 2 })).toBeNull()
    expect(retryDelay(ended(503), 1, 59_990, {}, half)).toBeNull()
  })

  it('does as Retry-After says, unless that is too long', () => {
    expect(retryDelay(ended(503, { 'Retry-After': '3' }), 1, 0, {})).toBe(3_000)
    expect(retryDelay(ended(429, { 'Retry-After': '31' }), 1, 0, {})).toBeNull()
    const date = formatTimestamp(Date.now() + 10_000)
    const delay = retryDelay(ended(503, { 'Retry-After': date }), 1, 0, {})!
    expect(delay > 5_000 && delay <= 10_000).toBe(true)
    expect(retryDelay(ended(503, { 'Retry-After': 'soon' }), 1, 0, {}, half)).toBe(150)
  })

  it('tries again what is transient, of methods that may be repeated', () => {
    for (const code of [429, 502, 503, 504]) expect(retryDelay(ended(code), 1, 0, {})).not.toBeNull()
    for (const code of [200, 400, 404, 500, 501]) expect(retryDelay(ended(code), 1, 0, {})).toBeNull()
    expect(retryDelay(ended(500), 1, 0, { statuses: [500] })).not.toBeNull()
    const post = new HTTPRequest('http://x/', { method: 'POST' })
    expect(retryDelay(ended(503, {}, post), 1, 0, {})).toBeNull()
    expect(retryDelay(ended(503, {}, post), 1, 0, { methods: ['POST'] })).not.toBeNull()
    expect(retryDelay(failed(new HTTPTimeoutError('connect')), 1, 0, {})).not.toBeNull()
    expect(retryDelay(failed(Object.assign(new Error(), { code: 'ECONNREFUSED' })), 1, 0, {})).not.toBeNull()
    expect(retryDelay(failed(new HTTPProtocolError('x')), 1, 0, {})).toBeNull()
    expect(retryDelay(failed(new TypeError('x')), 1, 0, {})).toBeNull()
  })
})
