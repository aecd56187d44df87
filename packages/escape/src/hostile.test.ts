// Sizes at which anything quadratic takes hours and not the ten seconds that a test has.
import { describe, expect, it } from 'vitest'
import { jsonDecode, jsonEncode } from './json.ts'
import { linkify } from './linkify.ts'
import { parseQsBytes } from './parse-qs-bytes.ts'
import { squeeze } from './squeeze.ts'
import { urlEscape, urlUnescape } from './url-escape.ts'
import { xhtmlEscape } from './xhtml-escape.ts'
import { xhtmlUnescape } from './xhtml-unescape.ts'

const size = 300_000

describe('hundreds of thousands of characters are one pass', () => {
  it.each(['&', '&#', '&#x', '&#1', '&a', '&lt', '&notit', `&${'a'.repeat(31)}`, '&#9'])(
    'xhtmlUnescape of %j',
    (unit) => {
      const text = unit.repeat(size / unit.length)
      expect(xhtmlUnescape(text).length).toBeLessThanOrEqual(text.length)
      expect(xhtmlUnescape(`&#${'9'.repeat(size)};&#x${'0'.repeat(size)}41;`)).toBe('\ufffdA')
    },
  )

  it.each(['<', '&', 'a', '"\''])('xhtmlEscape of %j', (unit) => {
    const text = unit.repeat(size / unit.length)
    expect(xhtmlUnescape(xhtmlEscape(text))).toBe(text)
  })

  it.each(['%', '%4', '%zz', '%c3', '%ff%41', '+', 'é%c3'])('urlUnescape of %j', (unit) => {
    const text = unit.repeat(size / unit.length)
    expect(urlUnescape(text).length).toBeLessThanOrEqual(text.length)
    expect(urlUnescape(text, { encoding: null }).length).toBeLessThanOrEqual(text.length * 2)
    expect(urlUnescape(urlEscape(text))).toBe(text)
  })

  it.each(['&', '=', 'a&', 'a=1&', '%', '%41=%zz&', '+'])('parseQsBytes of %j', (unit) => {
    const qs = unit.repeat(size / unit.length)
    expect(parseQsBytes(qs, { keepBlankValues: true }).size).toBeLessThanOrEqual(2)
    expect(parseQsBytes(Buffer.from(qs)).size).toBeLessThanOrEqual(2)
  })

  it.each([' ', '\u3000', ' \u3000', '\u3000a', '\x85\t'])('squeeze of %j', (unit) => {
    const text = `a${unit.repeat(size / unit.length)}b`
    expect(squeeze(text)).toMatch(/^a[^]*b$/)
    expect(squeeze(unit.repeat(size / unit.length)).length).toBeLessThanOrEqual(size)
  })

  it.each(['</', '<!--', '<', '\u2028', '<scrip'])('jsonEncode of %j', (unit) => {
    const text = unit.repeat(size / unit.length)
    expect(jsonDecode(jsonEncode(text))).toBe(text)
  })

  it.each(['www.', '(', 'a', '-', 'http://a(', 'http://', 'http://a.b/ ', ':/', '"', 'www.a(b) '])(
    'linkify of %j',
    (unit) => {
      const text = unit.repeat(size / unit.length)
      expect(linkify(text, { shorten: true }).length).toBeGreaterThan(0)
    },
  )
})
