import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatContentRange, ifRangeMatches, parseContentRange, parseRange, resolveRange } from './range.ts'

/** What a server would send of 1000 bytes: `first-last`, 416, or 200 for an ignored header. */
function answer(header: string): string {
  const ranges = parseRange(header)
  if (ranges === null) return '200'
  const range = resolveRange(ranges[0]!, 1000)
  return range === null ? '416' : `${range.first}-${range.last}`
}

describe('parseRange and resolveRange', () => {
  it.each([
    ['bytes=0-499', '0-499'],
    ['bytes=500-', '500-999'],
    ['bytes=-500', '500-999'],
    ['bytes=0-0', '0-0'],
    ['bytes=999-', '999-999'],
    ['bytes=0-1000', '0-999'],
    ['bytes=0-999999999999999999999', '0-999'],
    ['bytes=-5000', '0-999'],
    ['Bytes = 1-2', '1-2'],
    ['bytes=, 1-2 ,', '1-2'],
    ['bytes=1000-', '416'],
    ['bytes=999999999999999999999-', '416'],
    ['bytes=-0', '416'],
    ['bytes=5-2', '416'],
    ['bytes=', '200'],
    ['bytes', '200'],
    ['', '200'],
    ['chars=0-1', '200'],
    ['bytes=26', '200'],
    ['bytes=-', '200'],
    ['bytes=a-b', '200'],
    ['bytes=+1-4', '200'],
    ['bytes=1_0-', '200'],
    ['bytes=1 - 2', '200'],
    ['bytes=0x1-2', '200'],
    ['bytes=1.0-2', '200'],
    ['bytes=--1', '200'],
    ['bytes=\u0661-\u0662', '200'],
    ['bytes=0-1,2-3', '200'],
    [`bytes=${'0-,'.repeat(500)}`, '200'],
  ])('answers %j with %s', (header, expected) => {
    expect(answer(header)).toBe(expected)
  })

  it('takes several ranges within a limit', () => {
    expect(parseRange('bytes=0-1, -5,7-', { maxRanges: 3 })).toEqual([
      { first: 0, last: 1 },
      { suffixSize: 5 },
      { first: 7, last: null },
    ])
    expect(parseRange('bytes=0-1, -5,7-', { maxRanges: 2 })).toBeNull()
    expect(parseRange('bytes=0-1,x', { maxRanges: 3 })).toBeNull()
  })

  it('finds nothing in an empty file', () => {
    expect([{ first: 0, last: null }, { suffixSize: 1 }].map((range) => resolveRange(range, 0))).toEqual([
      null,
      null,
    ])
  })

  it('stays inside the file', () => {
    const bound = fc.nat({ max: 50 })
    const form = fc.constantFrom('a-b', 'a-', '-a')
    const inside = fc.property(form, bound, bound, fc.nat({ max: 40 }), (text, a, b, size) => {
      const [parsed] = parseRange(`bytes=${text.replace('a', String(a)).replace('b', String(b))}`)!
      const range = resolveRange(parsed!, size)
      return range === null || (range.first >= 0 && range.first <= range.last && range.last < size)
    })
    expect(() => fc.assert(inside)).not.toThrow()
  })
})

describe('Content-Range', () => {
  it('is written and read back', () => {
    expect(formatContentRange({ first: 0, last: 4 }, 10)).toBe('bytes 0-4/10')
    expect(formatContentRange({ first: 0, last: 4 }, null)).toBe('bytes 0-4/*')
    expect(formatContentRange(null, 10)).toBe('bytes */10')
    for (const text of ['bytes 0-4/10', 'bytes 0-4/*', 'bytes */10']) {
      const { range, size } = parseContentRange(text)!
      expect(formatContentRange(range, size)).toBe(text)
    }
  })

  it.each([
    '',
    'bytes',
    'bytes */*',
    'bytes 4-0/10',
    'bytes 0-10/10',
    'bytes 0-4',
    'chars 0-4/10',
    'bytes +0-4/10',
    'bytes 0-4/10x',
    `bytes 0-${'9'.repeat(30)}/*`,
  ])('answers null to %j', (text) => {
    expect(parseContentRange(text)).toBeNull()
  })
})

describe('ifRangeMatches (RFC 9110 §13.1.5)', () => {
  const validators = { etag: '"a"', lastModifiedMs: 784_111_777_500 }

  it.each([
    ['"a"', true],
    [' "a" ', true],
    ['"b"', false],
    ['W/"a"', false],
    ['"a", "b"', false],
    ['Sun, 06 Nov 1994 08:49:37 GMT', true],
    ['Sun, 06 Nov 1994 08:49:38 GMT', false],
    ['Sun, 06 Nov 1994 08:49:36 GMT', false],
    ['garbage', false],
    ['', false],
  ])('%j: %s', (header, expected) => {
    expect(ifRangeMatches(header, validators)).toBe(expected)
  })

  it('is false without the validator asked for, and with a weak one', () => {
    expect(ifRangeMatches('"a"', {})).toBe(false)
    expect(ifRangeMatches('W/"a"', { etag: 'W/"a"' })).toBe(false)
    expect(ifRangeMatches('Sun, 06 Nov 1994 08:49:37 GMT', { etag: '"a"', lastModifiedMs: null })).toBe(false)
  })
})
