import { expect, it } from 'vitest'
import { fuzz } from './fuzz.ts'

it('100,000 damaged bytes end in events or HTTPInputError, however they are split, and in whole answers', async () => {
  const result = await fuzz({ count: 100_000, seed: 20_261_122 })
  expect(result.inputs).toBeGreaterThan(10_000)
  expect(result.connections).toBeGreaterThan(1000)
  // Neither all nor nothing: the damage reaches all of the decoder.
  expect(result.refused / result.inputs).toBeGreaterThan(0.3)
  expect(result.refused / result.inputs).toBeLessThan(0.99)
}, 60_000)
