import { expect, it } from 'vitest'
import { engines } from './engines.ts'
import { transferLarge } from './large-transfers.ts'

it.each(engines)(
  '$name: bodies of 96 MiB go down and up without being held',
  async (engine) => {
    const { down, up, iterated } = await transferLarge(engine, 96)
    const size = 96 * 2 ** 20
    expect([down.moved, up.moved, iterated.moved]).toEqual([size, size, size])
    // Below the body, and far above what the collector leaves lying about for a while.
    for (const { rise } of [down, up, iterated]) expect(rise).toBeLessThan((size * 3) / 4)
  },
  60_000,
)
