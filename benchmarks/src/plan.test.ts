import { expect, it } from 'vitest'
import { quickPlan } from './plan.ts'

it('fits all rounds of all servers into the time', () => {
  const pairs = 52
  const { warmUpMs, rounds, roundMs } = quickPlan(pairs, 45_000)
  expect(pairs * (warmUpMs + rounds * roundMs)).toBeLessThan(45_000)
  expect(rounds).toBeGreaterThan(1)
})

it('does not use more time than helps, nor less than tells something', () => {
  expect(quickPlan(1, 45_000).roundMs).toBe(1000)
  expect(quickPlan(500, 45_000).roundMs).toBe(100)
  expect(quickPlan(10, -1).roundMs).toBe(100)
})
