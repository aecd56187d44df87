import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { UnicodeDecodeError } from './errors.ts'
import { namedEntities } from './html-entities.ts'
import { xhtmlEscape } from './xhtml-escape.ts'
import { xhtmlUnescape } from './xhtml-unescape.ts'

describe('xhtmlEscape', () => {
  const escapes: readonly [string, string][] = [
    ['<room>', '&lt;room&gt;'],
    ['a & b', 'a &amp; b'],
    ['"x" \'y\'', '&quot;x&quot; &#x27;y&#x27;'],
    ['&lt;', '&amp;lt;'],
    ['<é😀>', '&lt;é😀&gt;'],
    ['', ''],
    ['nothing `to` escape = / \0', 'nothing `to` escape = / \0'],
  ]

  it.each(escapes)('B-esc-001 writes %j as %j', (text, expected) => {
    expect(xhtmlEscape(text)).toBe(expected)
    expect(xhtmlEscape(Buffer.from(text))).toBe(expected)
    expect(xhtmlUnescape(expected)).toBe(text)
  })

  it('B-esc-001 leaves every other character of the first two planes alone', () => {
    const changed: string[] = []
    for (let point = 0; point < 0x20000; point++) {
      const text = String.fromCodePoint(point)
      if (xhtmlEscape(text) !== text) changed.push(text)
    }
    expect(changed).toEqual(['"', '&', "'", '<', '>'])
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => xhtmlEscape(Uint8Array.of(0x3c, 0xff))).toThrow(UnicodeDecodeError)
  })
})

describe('xhtmlUnescape', () => {
  const references: readonly [string, string][] = [
    ['one&#32;two', 'one two'],
    ['one&#x20;two', 'one two'],
    ['one&#X20;two', 'one two'],
    ['one&#x3b1;two', 'oneαtwo'],
    ['one&#xgz;two', 'one&#xgz;two'],
    ['one&#;two', 'one&#;two'],
    ['one&#x;two', 'one&#x;two'],
    ['&#65&#x41', 'AA'],
    ['&amp;lt;', '&lt;'],
    ['&eacute;&hearts;&bigstar;', 'é♥★'],
    ['&NotEqualTilde;&acE;', '≂̸∾̳'],
    ['&CounterClockwiseContourIntegral;', '∳'],
  ]

  it.each(references)('B-esc-002 resolves %j to %j', (text, expected) => {
    expect(xhtmlUnescape(text)).toBe(expected)
    expect(xhtmlUnescape(Buffer.from(text))).toBe(expected)
  })

  const withoutSemicolon: readonly [string, string][] = [
    ['&amp &lt &copy2026 &notit; &notin; &AMPx', '& < ©2026 ¬it; ∉ &x'],
    ['&hearts &bigstar x', '&hearts &bigstar x'],
    ['&l &am &;&', '&l &am &;&'],
    ['a=1&copy=2&b=3', 'a=1©=2&b=3'],
  ]

  it.each(withoutSemicolon)(
    'B-esc-002 takes only the names of old without a semicolon: %j',
    (text, expected) => {
      expect(xhtmlUnescape(text)).toBe(expected)
    },
  )

  const numbers: readonly [string, string][] = [
    ['&#128;&#x99;&#150;', '€™–'],
    ['&#129;&#x8D;', '\x81\x8d'],
    ['&#0;&#xD800;&#xDFFF;&#x110000;&#99999999999999999999;', '\ufffd'.repeat(5)],
    ['&#00000000000065;&#x000000000041;', 'AA'],
    ['&#13;&#9;&#10;&#12;', '\r\t\n\f'],
    ['&#1;&#11;&#127;&#xFDD0;&#xFFFF;&#x1FFFE;', ''],
    ['&#x10FFFD;&#xE000;&#160;', '\u{10fffd}\ue000\xa0'],
  ]

  it.each(numbers)('B-esc-002 reads the numbers %j as HTML does', (text, expected) => {
    expect(xhtmlUnescape(text)).toBe(expected)
  })

  it('knows the 2231 names of the HTML Standard', () => {
    const hex = (text: string): string =>
      Array.from(text, (point) => point.codePointAt(0)?.toString(16)).join('+')
    const lines = [...namedEntities()].map(([name, text]) => `${name}=${hex(text)}`)
    expect(lines).toHaveLength(2231)
    // Of the standard's own entities.json, written in the same way.
    expect(createHash('sha256').update(lines.toSorted().join('\n')).digest('hex')).toBe(
      'a8163e08fd01a173b1bdc3c486082f0cae9fbb7f97468fc4588e271ebc3da1ea',
    )
  })
})
