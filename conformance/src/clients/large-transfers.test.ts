import { expect, it } from 'vitest'
import { transferLarge } from './large-transfers.ts'

it('bodies of 128 MiB go down and up without being held', async () => {
  const { down, up, iterated } = await transferLarge(128)
  const size = 128 * 2 ** 20
  expect([down.moved, up.moved, iterated.moved]).toEqual([size, size, size])
  // Far below the body, far above what the collector leaves lying about for a while.
  expect(down.rise).toBeLessThan(size / 2)
  expect(iterated.rise).toBeLessThan((size * 3) / 4)
  expect(up.rise).toBeLessThan(size / 2)
}, 60_000)
