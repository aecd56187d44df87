import { expect, it } from 'vitest'
import { soak } from '../../test/soak.ts'

it(
  'a thousand connections are held open, each answers, and their memory is given back',
  { timeout: 60_000 },
  async () => {
    const { before, during, after, answered } = await soak(1000)
    expect(answered).toBe(1000)
    expect(during.open).toBe(1000)
    expect(after.open).toBe(0)
    expect((during.heapSize - before.heapSize) / 1000).toBeLessThan(6_000)
    expect(after.heapSize).toBeLessThan(before.heapSize * 1.2)
    expect(after.buffersSize).toBeLessThan(before.buffersSize + 1_000_000)
  },
)
