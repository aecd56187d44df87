import { expect, it } from 'vitest'
import { compileDateFormat } from './date-format.ts'
import { nextRotation, parseRotateWhen } from './rotation-time.ts'

/** A Wednesday. */
const wednesday = new Date(2026, 4, 20, 14, 5, 7)
const show = compileDateFormat('%Y-%m-%d %H:%M:%S')

it.each([
  ['S', 5, '2026-05-20 14:05:12'],
  ['m', 1, '2026-05-20 14:06:07'],
  ['H', 2, '2026-05-20 16:05:07'],
  ['D', 1, '2026-05-21 14:05:07'],
  ['midnight', 1, '2026-05-21 00:00:00'],
  ['MIDNIGHT', 15, '2026-06-04 00:00:00'],
  ['W2', 1, '2026-05-21 00:00:00'],
  ['w3', 1, '2026-05-22 00:00:00'],
  ['W6', 1, '2026-05-25 00:00:00'],
  ['W0', 1, '2026-05-26 00:00:00'],
  ['W1', 2, '2026-06-03 00:00:00'],
])('after %s times %i comes %s', (when, interval, expected) => {
  expect(show(new Date(nextRotation(parseRotateWhen(when), interval, wednesday.getTime())))).toBe(expected)
})

it('is always later than now, and at midnight where the clock changes', () => {
  const midnight = parseRotateWhen('midnight')
  for (let day = 0; day < 366; day++) {
    const now = new Date(2026, 0, day, 0, 0, 0).getTime()
    const next = new Date(nextRotation(midnight, 1, now))
    expect(next.getTime()).toBeGreaterThan(now)
    expect(next.getTime()).toBe(new Date(2026, 0, day + 1).getTime())
  }
})

it.each(['S', 'M', 'H', 'D', 'midnight', 'W4'])('finds the names again that it makes for %s', (when) => {
  const { nameFormat, namePattern } = parseRotateWhen(when)
  expect(compileDateFormat(nameFormat)(wednesday)).toMatch(namePattern)
})
