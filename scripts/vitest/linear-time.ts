import { expect } from 'vitest'

/** Settings of {@link expectLinearTime}. */
export interface LinearTimeOptions {
  /** How many units the smaller input has; the larger one has sixteen times as many. @default 5_000 */
  size?: number
}

const growth = 16
/**
 * How much longer the large input may take than as much in small ones. For linear work it is as long, or a few times that
 * where memory is short; for quadratic work sixteen times.
 */
const most = 8
/** Below this the clock and the collector of garbage are most of what is measured. */
const negligibleMs = 2
const fewestRounds = 2
const mostRounds = 12

/**
 * Expects work to take time in proportion to its input, by comparing one large input with as much in small ones. Both take
 * about as long, so what else the machine does slows both; of several runs the least counts.
 *
 * @param unit What the input is a repetition of; named when the test fails.
 */
export function expectLinearTime(
  unit: string,
  work: (input: string) => unknown,
  { size = 5_000 }: LinearTimeOptions = {},
): void {
  const small = unit.repeat(size)
  const large = unit.repeat(size * growth)
  let smallMs = Infinity
  let largeMs = Infinity
  work(small)
  for (let round = 1; round <= mostRounds; round++) {
    smallMs = Math.min(smallMs, timeOf(work, small, growth))
    largeMs = Math.min(largeMs, timeOf(work, large, 1))
    if (round >= fewestRounds && largeMs <= Math.max(negligibleMs, smallMs * most)) return
  }
  const [one, other] = [smallMs / growth, largeMs].map((ms) => `${ms.toFixed(2)} ms`)
  expect.fail(`${JSON.stringify(unit)}: ${size} of it took ${one}, ${size * growth} took ${other}`)
}

function timeOf(work: (input: string) => unknown, input: string, times: number): number {
  const began = performance.now()
  for (let time = 0; time < times; time++) work(input)
  return performance.now() - began
}
