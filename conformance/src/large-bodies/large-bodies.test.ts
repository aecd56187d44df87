import { expect, it } from 'vitest'
import { measureGrowth } from './run.ts'

// The short form; the command moves a gibibyte.
it('memory stays flat while large bodies go up and down', async () => {
  const { up, down } = await measureGrowth(128 * 2 ** 20)
  expect(up).toBeLessThanOrEqual(32 * 2 ** 20)
  expect(down).toBeLessThanOrEqual(32 * 2 ** 20)
}, 30_000)
