import { expect, it } from 'vitest'
import { transferLarge } from './large-transfers.ts'

it('bodies of 96 MiB go down and up without being held', async () => {
  const { down, up } = await transferLarge(96)
  const size = 96 * 2 ** 20
  expect([down.moved, up.moved]).toEqual([size, size])
  // Far below the body, far above what the collector leaves lying about for a while.
  expect(down.rise).toBeLessThan(size / 2)
  expect(up.rise).toBeLessThan(size / 2)
}, 60_000)
