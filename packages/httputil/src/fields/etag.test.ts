import { describe, expect, it } from 'vitest'
import {
  ifMatchMatches,
  ifNoneMatchMatches,
  parseEtagList,
  strongEtagsEqual,
  weakEtagsEqual,
} from './etag.ts'

describe('comparison (RFC 9110 §8.8.3.2)', () => {
  it.each([
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
    ['"1"', 'w/"1"', false, false],
  ])('%s and %s', (a, b, strong, weak) => {
    expect([strongEtagsEqual(a, b), weakEtagsEqual(a, b)]).toEqual([strong, weak])
    expect([strongEtagsEqual(b, a), weakEtagsEqual(b, a)]).toEqual([strong, weak])
  })
})

describe('parseEtagList', () => {
  it.each([
    ['"a"', ['"a"']],
    ['"a", W/"b" ,"c"', ['"a"', 'W/"b"', '"c"']],
    ['"a,b", ""', ['"a,b"', '""']],
    ['*', ['*']],
    [' *, "a"', ['*']],
    ['W/"x", *', ['W/"x"']],
    ['"*"', ['"*"']],
    ['junk "a" junk', ['"a"']],
    ['"open', []],
    ['abc', []],
    ['', []],
    ['w/"a"', ['"a"']],
    ['W/ "a"', ['"a"']],
  ])('reads %j', (header, tags) => {
    expect(parseEtagList(header)).toEqual(tags)
  })
})

describe('ifNoneMatchMatches', () => {
  it('B-etag-003 takes * first for everything and otherwise compares weakly', () => {
    expect(ifNoneMatchMatches('*', '"a"')).toBe(true)
    expect(ifNoneMatchMatches('"b", *', '"a"')).toBe(false)
    expect(ifNoneMatchMatches('"a"', '"a"')).toBe(true)
    expect(ifNoneMatchMatches('"b", W/"a"', '"a"')).toBe(true)
    expect(ifNoneMatchMatches('"a"', 'W/"a"')).toBe(true)
    expect(ifNoneMatchMatches('"b"', '"a"')).toBe(false)
  })

  it('B-etag-004 finds no match without an etag or a tag that can be read', () => {
    expect(ifNoneMatchMatches('*', null)).toBe(false)
    expect(ifNoneMatchMatches('"a"', undefined)).toBe(false)
    expect(ifNoneMatchMatches('a', '"a"')).toBe(false)
    expect(ifNoneMatchMatches('', '"a"')).toBe(false)
    expect(ifNoneMatchMatches('"a', '"a"')).toBe(false)
  })
})

describe('ifMatchMatches', () => {
  it('compares strongly', () => {
    expect(ifMatchMatches('"a", "b"', '"b"')).toBe(true)
    expect(ifMatchMatches('W/"a"', 'W/"a"')).toBe(false)
    expect(ifMatchMatches('*', 'W/"a"')).toBe(true)
    expect(ifMatchMatches('*', null)).toBe(false)
  })
})
