import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { currentHttpDate, formatTimestamp, parseHttpDate, type Timestamp } from './date.ts'

const text = 'Sun, 27 Jan 2013 18:43:20 GMT'
const ms = 1_359_312_200_000

describe('B-httputil-020 formatTimestamp', () => {
  it.each([
    ['milliseconds', ms],
    ['a fraction of a second, cut off', ms + 503.611],
    ['a Date', new Date(ms + 999)],
    ['a time tuple', [2013, 1, 27, 18, 43, 20]],
    ['a time tuple of nine with a fraction', [2013, 1, 27, 18, 43, 20.9, 6, 27, 0]],
    ['an instant, as of Temporal', { epochMilliseconds: ms }],
  ] satisfies [string, Timestamp][])('writes %s', (_, timestamp) => {
    expect(formatTimestamp(timestamp)).toBe(text)
  })

  it('writes the edges of four-digit years, before 100 and before 1970 too', () => {
    expect(formatTimestamp([0, 1, 1, 0, 0, 0])).toBe('Sat, 01 Jan 0000 00:00:00 GMT')
    expect(formatTimestamp([99, 12, 31, 23, 59, 59])).toBe('Thu, 31 Dec 0099 23:59:59 GMT')
    expect(formatTimestamp(-1)).toBe('Wed, 31 Dec 1969 23:59:59 GMT')
    expect(formatTimestamp(253_402_300_799_999)).toBe('Fri, 31 Dec 9999 23:59:59 GMT')
  })

  it.each([Number.NaN, Infinity, -62_167_219_200_001, 253_402_300_800_000, new Date(Number.NaN)])(
    'refuses %s',
    (value) => {
      expect(() => formatTimestamp(value)).toThrow(RangeError)
    },
  )

  it.each([undefined, null, 'now', [2013, 1], [2013, 1, 27, 18, 43, '20'], {}])('refuses %j', (value) => {
    expect(() => formatTimestamp(value as unknown as Timestamp)).toThrow(TypeError)
  })
})

describe('currentHttpDate', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('changes with the second, forwards and backwards', () => {
    vi.useFakeTimers({ now: ms })
    expect(currentHttpDate()).toBe(text)
    vi.setSystemTime(ms + 999)
    expect(currentHttpDate()).toBe(text)
    vi.setSystemTime(ms + 1000)
    expect(currentHttpDate()).toBe('Sun, 27 Jan 2013 18:43:21 GMT')
    vi.setSystemTime(ms - 1)
    expect(currentHttpDate()).toBe('Sun, 27 Jan 2013 18:43:19 GMT')
  })
})

describe('parseHttpDate', () => {
  const nowMs = Date.UTC(2026, 10, 22)

  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT'],
    ['Sunday, 06-Nov-94 08:49:37 GMT'],
    ['Sun Nov  6 08:49:37 1994'],
    ['Sun, 06 Nov 1994 08:49:37 UTC'],
    ['Sun, 06 Nov 1994 08:49:37 +0000'],
    ['Sun, 06 Nov 1994 08:49:37'],
    ['Sun, 06 Nov 1994 09:49:37 +0100'],
    ['Sun, 06 Nov 1994 03:19:37 -0530'],
    ['sun, 6 nov 1994 08:49:37 gmt'],
    ['06 Nov 1994 08:49:37 GMT'],
  ])('reads %s', (date) => {
    expect(parseHttpDate(date, { nowMs })).toBe(784_111_777_000)
  })

  it('reads a two-digit year as the one near now', () => {
    const year = (twoDigits: string): number =>
      new Date(parseHttpDate(`Sunday, 06-Nov-${twoDigits} 08:49:37 GMT`, { nowMs })!).getUTCFullYear()
    expect([year('94'), year('26'), year('76'), year('77'), year('00')]).toEqual([
      1994, 2026, 2076, 1977, 2000,
    ])
  })

  it('takes a leap second as the first of the next minute', () => {
    expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT')).toBe(Date.UTC(2017, 0, 1))
  })

  it.each([
    '',
    'now',
    '0',
    '1e20',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 06 Nob 1994 08:49:37 GMT',
    'Sun, 06 Ovd 1994 08:49:37 GMT',
    'Sun, 06 Nov 19940 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 PST',
    'Sun, 06 Nov 1994 08:49:37 GMT x',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    `Sun, 06 Nov 1994${' '.repeat(60_000)}08:49:37 GMT`,
  ])('answers null to %j', (date) => {
    expect(parseHttpDate(date.slice(0, 100_000))).toBeNull()
  })

  it('reads back what formatTimestamp writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }), (seconds) => {
        expect(parseHttpDate(formatTimestamp(seconds * 1000))).toBe(seconds * 1000)
      }),
    )
  })
})
