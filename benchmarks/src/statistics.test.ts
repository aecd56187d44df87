import { describe, expect, it } from 'vitest'
import { median } from './statistics.ts'

describe('median', () => {
  it('is the middle one of an odd number, in whatever order', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([7])).toBe(7)
  })

  it('is the mean of the middle two of an even number', () => {
    expect(median([10, 2, 4, 1])).toBe(3)
  })

  it('sorts by number, and leaves the list alone', () => {
    const values = [100, 20, 3]
    expect(median(values)).toBe(20)
    expect(values).toEqual([100, 20, 3])
  })

  it('is no number of nothing', () => {
    expect(median([])).toBeNaN()
  })
})
