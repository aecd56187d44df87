import { expect, it } from 'vitest'
import { RateLimit } from './rate-limit.ts'

it('lets a burst through, then so many a second, each key by itself, and forgets who is at rest', () => {
  const limit = new RateLimit({ perSecond: 2, burst: 3 })
  expect([0, 0, 0, 0, 100].map((ms) => limit.take('a', 1000 + ms))).toEqual([0, 0, 0, 500, 400])
  expect(limit.take('b', 1100)).toBe(0)
  expect([limit.take('a', 1500), limit.take('a', 1501)]).toEqual([0, 499])
  limit.sweep(2999)
  expect(limit.size).toBe(1)
  limit.sweep(3000)
  expect(limit.size).toBe(0)
  expect([0, 0, 0, 0].map(() => limit.take('a', 9000))).toEqual([0, 0, 0, 500])
})
