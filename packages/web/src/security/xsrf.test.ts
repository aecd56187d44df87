import { describe, expect, it } from 'vitest'
import { decodeXsrfToken, encodeXsrfToken, newXsrfToken, sameXsrfToken } from './xsrf.ts'

describe('XSRF tokens', () => {
  it('B-xsrf-004 B-xsrf-005 of layout 2 are masked anew each time and stand for the same 16 bytes', () => {
    const token = newXsrfToken()
    expect(token.token).toHaveLength(16)
    const texts = [encodeXsrfToken(token, 2), encodeXsrfToken(token, 2)]
    expect(texts[0]).not.toBe(texts[1])
    for (const text of texts) {
      expect(text).toMatch(/^2\|[0-9a-f]{8}\|[0-9a-f]{32}\|\d{10}$/)
      const decoded = decodeXsrfToken(text)!
      expect(decoded).toEqual({ token: token.token, timestampS: token.timestampS, version: 2 })
    }
    // The mask is applied over and over: undoing it by hand gives the token.
    const [, mask, masked] = texts[0]!.split('|').map((part) => Buffer.from(part, 'hex')) as [
      Buffer,
      Buffer,
      Buffer,
    ]
    expect(Buffer.from(masked.map((byte, i) => byte ^ mask[i % 4]!))).toEqual(token.token)
  })

  it('B-xsrf-006 of layout 1 are hexadecimal digits; other text is taken as it is', () => {
    const token = newXsrfToken()
    const text = encodeXsrfToken(token, 1)
    expect(text).toBe(token.token.toString('hex'))
    expect(decodeXsrfToken(text)).toMatchObject({ token: token.token, version: 1 })
    expect(decodeXsrfToken('not hex')!.token.toString()).toBe('not hex')
  })

  it('B-xsrf-008 of both layouts are the same token', () => {
    const token = newXsrfToken()
    const [one, two] = [1, 2].map((version) => decodeXsrfToken(encodeXsrfToken(token, version))!)
    expect(sameXsrfToken(one!, two!)).toBe(true)
    expect(sameXsrfToken(one!, newXsrfToken())).toBe(false)
  })

  it('B-xsrf-007 of unknown or malformed layouts are none', () => {
    for (const none of [
      '',
      '3|00000000|00|1',
      '2|',
      '2|0000|00|1',
      '2|0000000g|00|1',
      '2|00000000|0|1',
      '2|00000000|0g|1',
      '2|00000000|00',
      '2|00000000|00|x',
      '2|00000000|00|1|more',
      `2|00000000|${'00'.repeat(1_000_000)}|1`,
    ]) {
      expect(decodeXsrfToken(none)).toBeNull()
    }
  })

  it('B-xsrf-010 have no other layout', () => {
    expect(() => encodeXsrfToken(newXsrfToken(), 3)).toThrow(RangeError)
  })
})
