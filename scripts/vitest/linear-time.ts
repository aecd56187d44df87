import { expect } from 'vitest'

/** Settings of {@link expectLinearTime}. */
export interface LinearTimeOptions {
  /** How many units the smaller input has; the larger one has eight times as many. @default 25_000 */
  size?: number
}

const growth = 8
/** What is linear takes 8 times as long, and what is quadratic 64 times; in between lies what a busy machine does. */
const most = 24
/** Below this the clock and the collector of garbage are most of what is measured. */
const negligibleMs = 1
const fewestRounds = 2
const mostRounds = 8

/**
 * Expects work to take time in proportion to its input, by comparing two sizes of it. No time is taken for granted: of
 * several runs the least counts, as all else that the machine does only adds.
 *
 * @param unit What the input is a repetition of; named when the test fails.
 */
export function expectLinearTime(
  unit: string,
  work: (input: string) => unknown,
  { size = 25_000 }: LinearTimeOptions = {},
): void {
  const inputs = [unit.repeat(size), unit.repeat(size * growth)] as const
  const leastMs = [Infinity, Infinity] as [number, number]
  work(inputs[0])
  for (let round = 1; round <= mostRounds; round++) {
    for (const index of [0, 1] as const)
      leastMs[index] = Math.min(leastMs[index], timeOf(work, inputs[index]))
    const [small, large] = leastMs
    if (round >= fewestRounds && large <= Math.max(negligibleMs, small * most)) return
  }
  const [small, large] = leastMs
  expect.fail(
    `${JSON.stringify(unit)}: ${size} took ${small.toFixed(2)} ms, ${size * growth} took ${large.toFixed(2)} ms`,
  )
}

function timeOf(work: (input: string) => unknown, input: string): number {
  const began = performance.now()
  work(input)
  return performance.now() - began
}
