import { expectLog } from '@tornado-ts/log/testing'
import { genLog } from '@tornado-ts/log'
import { expect, it } from 'vitest'
import { neverRead } from './never-read.ts'

const maxQueuedSize = 4 * 1024 * 1024
const count = 50
const sentSize = 4 * 1024 * 1024

it.each(['wait', 'dropOldest', 'close'] as const)(
  '50 connections that never read stay within the limits of the process: %s (the long form: pnpm run never-read)',
  async (policy) => {
    using _logged = policy === 'wait' ? expectLog(genLog, /slow WebSocket/) : null
    const { writtenSize, grownSize, open } = await neverRead({ count, maxQueuedSize, policy, sentSize })
    // Those that are closed make room for the others.
    if (policy === 'close') expect(open).toBeLessThan(count)
    else {
      expect(open).toBe(count)
      expect(writtenSize).toBeGreaterThan(100 * 1024 * 1024)
    }
    // What the test program takes by itself comes on top.
    expect(grownSize).toBeLessThan(maxQueuedSize + count * 114_688 + 60 * 1024 * 1024)
  },
  60_000,
)
