import { expect, it } from 'vitest'
import { soak } from './run.ts'
import { visits } from './visits.ts'

// The short form; the command has the full one.
it(
  'clients that stay, leave in the middle or send rubbish leave nothing behind',
  { timeout: 60_000 },
  async () => {
    const { rounds, visits: count } = await soak({ visitsOfEachKind: 12, rounds: 2, atOnce: 16 })
    expect(count).toBe(2 * 12 * Object.keys(visits).length)
    const [first, , last] = rounds
    expect(last!.connections).toBe(0)
    expect(last!.resources).toEqual(first!.resources)
    // What V8 learns of the code meanwhile, a few hundred KiB, is in it; a handler that stays is 2 KiB and more.
    const held = ({ heapSize, externalSize }: { heapSize: number; externalSize: number }): number =>
      heapSize + externalSize
    expect(held(last!) - held(first!)).toBeLessThan(2 ** 20)
  },
)
