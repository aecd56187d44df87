import { describe, expect, it } from 'vitest'
import { Finish, HTTPError } from './errors.ts'

describe('HTTPError', () => {
  it('B-web-039 reads as status, reason and log message', () => {
    expect(String(new HTTPError(404))).toBe('HTTPError: HTTP 404: Not Found')
    expect(new HTTPError(404).message).toBe('HTTP 404: Not Found')
    expect(new HTTPError(403, 'no key').message).toBe('HTTP 403: Forbidden (no key)')
    expect(new HTTPError(499, undefined, { reason: 'Odd' }).message).toBe('HTTP 499: Odd')
    expect(new HTTPError(499).message).toBe('HTTP 499: Unknown')
    expect(new HTTPError(404, '', { reason: '' }).message).toBe('HTTP 404: Not Found')
  })

  it('B-web-040 formats its message only when there are arguments', () => {
    expect(new HTTPError(500, '100%s').getMessage()).toBe('100%s')
    expect(new HTTPError(500, '%s of %d', { args: ['a', 3] }).getMessage()).toBe('a of 3')
    expect(new HTTPError(500).getMessage()).toBe('')
    expect(new HTTPError(500, '100%s').logMessage).toBe('100%s')
  })

  it('keeps its cause and is found by name', () => {
    const cause = new Error('why')
    expect(new HTTPError(500, 'x', { cause })).toMatchObject({ name: 'HTTPError', cause })
    expect(new Finish('x')).toMatchObject({ name: 'Finish', chunk: 'x' })
  })
})
