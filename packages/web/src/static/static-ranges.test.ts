import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { MultipartRanges, planRanges, rangeSize } from './static-ranges.ts'

it('planRanges never gives bytes that are not there, or more than the whole', () => {
  const range = fc.oneof(
    fc.tuple(fc.nat(30), fc.nat(30)).map(([first, last]) => `${first}-${last}`),
    fc.nat(30).map((first) => `${first}-`),
    fc.nat(30).map((suffix) => `-${suffix}`),
    fc.string({ maxLength: 5 }),
  )
  fc.assert(
    fc.property(
      fc.array(range, { maxLength: 6 }),
      fc.nat(25),
      fc.integer({ min: 1, max: 5 }),
      (asked, size, max) => {
        const plan = planRanges(`bytes=${asked.join(',')}`, size, max)
        if (typeof plan === 'string') return
        expect(plan.length).toBeLessThanOrEqual(max)
        const bytes = plan.flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, at) => first + at),
        )
        expect(new Set(bytes).size).toBe(bytes.length)
        expect(bytes.length).toBeLessThan(size)
        expect(Math.max(...bytes)).toBeLessThan(size)
        expect(plan.every((each) => rangeSize(each) > 0)).toBe(true)
      },
    ),
  )
})

it('planRanges keeps the order that was asked for', () => {
  expect(planRanges('bytes=8-9,0-1', 100, 2)).toEqual([
    { first: 8, last: 9 },
    { first: 0, last: 1 },
  ])
  expect(planRanges('bytes=200-,-0', 100, 2)).toBe('unsatisfiable')
  expect(planRanges('bytes=0-1,2-3,4-5', 100, 2)).toBe('whole')
})

it('MultipartRanges knows its size, and has another boundary each time', () => {
  const ranges = [
    { first: 0, last: 3 },
    { first: 8, last: 9 },
  ]
  const frame = new MultipartRanges(ranges, { contentType: '', size: 10 })
  const body = `${frame.headOf(0)}aaaa${frame.headOf(1)}bb${frame.end}`
  expect(body.length).toBe(frame.size)
  expect(body).not.toContain('Content-Type')
  expect(new MultipartRanges(ranges, { contentType: '', size: 10 }).contentType).not.toBe(frame.contentType)
})
