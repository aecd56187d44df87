import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Locale } from './locale.ts'

const now = new Date('2026-03-10T14:30:00Z') // a Tuesday
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const locale = new Locale('en_US')
const before = (ageMs: number): Date => new Date(now.getTime() - ageMs)

beforeEach(() => {
  vi.useFakeTimers({ now, toFake: ['Date'] })
})

afterEach(() => {
  vi.useRealTimers()
})

describe('formatDate', () => {
  it('B-loc-011 tells the age of a date of the last 24 hours', () => {
    const cases: [number, string][] = [
      [0, '0 seconds ago'],
      [999, '0 seconds ago'],
      [second, '1 second ago'],
      [2 * second, '2 seconds ago'],
      [49 * second, '49 seconds ago'],
      [50 * second, '1 minute ago'],
      [89 * second, '1 minute ago'],
      [90 * second, '2 minutes ago'],
      [150 * second, '2 minutes ago'],
      [151 * second, '3 minutes ago'],
      [50 * minute - second, '50 minutes ago'],
      [50 * minute, '1 hour ago'],
      [90 * minute, '2 hours ago'],
      [150 * minute, '2 hours ago'],
      [day - second, '24 hours ago'],
    ]
    for (const [age, text] of cases) expect([age, locale.formatDate(before(age))]).toEqual([age, text])
    expect(locale.formatDate(before(90 * second), { shorter: true })).toBe('2 minutes ago')
  })

  it('B-loc-012 then tells yesterday, the day of the week, the month, and the year', () => {
    const at = (age: number): string => locale.formatDate(before(age))
    const short = (age: number): string => locale.formatDate(before(age), { shorter: true })
    const cases: [number, string, string][] = [
      [day, 'yesterday at 2:30 pm', 'yesterday'],
      // A day and 15 hours ago is the day before yesterday.
      [day + 15 * hour, 'Sunday at 11:30 pm', 'Sunday'],
      [2 * day, 'Sunday at 2:30 pm', 'Sunday'],
      [5 * day - second, 'Thursday at 2:30 pm', 'Thursday'],
      [5 * day, 'March 5 at 2:30 pm', 'March 5'],
      [333 * day, 'April 11 at 2:30 pm', 'April 11'],
      [334 * day, 'April 10, 2025 at 2:30 pm', 'April 10, 2025'],
      [5000 * day, 'July 1, 2012 at 2:30 pm', 'July 1, 2012'],
    ]
    for (const [age, long, shorter] of cases) expect([age, at(age), short(age)]).toEqual([age, long, shorter])
  })

  it('B-loc-012 tells the time alone of today if the age is not wanted, and no "yesterday"', () => {
    expect(locale.formatDate(before(3 * hour), { relative: false })).toBe('11:30 am')
    expect(locale.formatDate(before(3 * hour), { relative: false, shorter: true })).toBe('11:30 am')
    expect(locale.formatDate(before(day), { relative: false })).toBe('Monday at 2:30 pm')
    expect(locale.formatDate(before(day), { relative: false, shorter: true })).toBe('Monday')
  })

  it('tells all if all is wanted', () => {
    expect(locale.formatDate(before(second), { fullFormat: true })).toBe('March 10, 2026 at 2:29 pm')
    expect(locale.formatDate(before(second), { fullFormat: true, shorter: true })).toBe('March 10, 2026')
  })

  it('B-loc-013 takes the next minute for now, and tells all of what lies further ahead', () => {
    expect(locale.formatDate(before(-59 * second))).toBe('0 seconds ago')
    expect(locale.formatDate(before(-60 * second))).toBe('March 10, 2026 at 2:31 pm')
    expect(locale.formatDate(before(-10 * second), { relative: false })).toBe('March 10, 2026 at 2:30 pm')
    expect(locale.formatDate(before(-day - 10 * second))).toBe('March 11, 2026 at 2:30 pm')
    expect(locale.formatDate(before(-day), { shorter: true })).toBe('March 11, 2026')
  })

  it('B-loc-014 subtracts the minutes of gmtOffset; numbers are milliseconds', () => {
    const date = before(2 * day).getTime()
    expect(locale.formatDate(date, { gmtOffset: 0 })).toBe('Sunday at 2:30 pm')
    expect(locale.formatDate(date, { gmtOffset: 300 })).toBe('Sunday at 9:30 am')
    expect(locale.formatDate(date, { gmtOffset: -330 })).toBe('Sunday at 8:00 pm')
    expect(locale.formatDate(date, { gmtOffset: -600 })).toBe('Monday at 12:30 am')
    // In a zone where it is past midnight, 24 hours ago is yesterday all the same.
    expect(locale.formatDate(before(day), { gmtOffset: -600 })).toBe('yesterday at 12:30 am')
  })

  it('knows the summer time of a zone', () => {
    const at = (iso: string, timeZone: string): string => {
      return locale.formatDate(new Date(iso), { timeZone, fullFormat: true })
    }
    expect(at('2026-01-15T12:00:00Z', 'Europe/Paris')).toBe('January 15, 2026 at 1:00 pm')
    expect(at('2025-07-15T12:00:00Z', 'Europe/Paris')).toBe('July 15, 2025 at 2:00 pm')
    expect(at('2025-12-31T23:30:00Z', 'Asia/Kolkata')).toBe('January 1, 2026 at 5:00 am')
    expect(at('1999-12-31T23:59:59.999Z', 'UTC')).toBe('December 31, 1999 at 11:59 pm')
    expect(() => locale.formatDate(now, { timeZone: 'Nowhere', fullFormat: true })).toThrow(RangeError)
  })

  it('B-loc-015 writes the clock of the language', () => {
    const at = (code: string, time: string): string => {
      return new Locale(code).formatDate(new Date(`2026-03-10T${time}:00Z`), { relative: false })
    }
    const times = ['00:05', '09:30', '12:00', '13:09']
    const clocks = (code: string): string[] => times.map((time) => at(code, time))
    expect(clocks('en_US')).toEqual(['12:05 am', '9:30 am', '12:00 pm', '1:09 pm'])
    expect(clocks('en')).toEqual(clocks('en_US'))
    expect(clocks('zh_CN')).toEqual(['上午12:05', '上午9:30', '下午12:00', '下午1:09'])
    expect(clocks('de')).toEqual(['0:05', '9:30', '12:00', '13:09'])
    expect(clocks('en_GB')).toEqual(clocks('de'))
  })

  it('takes another present', () => {
    const then = new Date('2020-01-01T00:00:30Z')
    expect(locale.formatDate(new Date('2020-01-01T00:00:00Z'), { now: then })).toBe('30 seconds ago')
    expect(locale.formatDate(0, { now: 5000 })).toBe('5 seconds ago')
  })

  it('refuses what is no date', () => {
    for (const date of [new Date('never'), Number.NaN, Number.POSITIVE_INFINITY, 1e20]) {
      expect(() => locale.formatDate(date)).toThrow('Cannot format an invalid date')
    }
    expect(() => locale.formatDate(0, { now: Number.NaN })).toThrow(RangeError)
  })
})
