// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import { createRequire } from 'node:module'
import { it } from 'vitest'

const require = createRequire(import.meta.url)
const locks: typeof import('../src/locks.ts') = require('@tornado-ts/ioloop/locks')
const queues: typeof import('../src/queues.ts') = require('@tornado-ts/ioloop/queues')

const rounds = 1_000

it(`${rounds} hand-offs from one to another who waits`, async ({ bench }) => {
  await bench.compare(
    bench('await of a settled promise', async () => {
      for (let round = 0; round < rounds; round++) await Promise.resolve(round)
    }),
    bench('Lock, 10 contenders', async () => {
      const lock = new locks.Lock()
      const contend = async (): Promise<void> => {
        for (let round = 0; round < rounds / 10; round++) {
          const held = await lock.acquire()
          held.release()
        }
      }
      await Promise.all(Array.from({ length: 10 }, contend))
    }),
    bench('Queue, one who gets and one who puts', async () => {
      const queue = new queues.Queue<number>(1)
      const get = async (): Promise<void> => {
        for (let round = 0; round < rounds; round++) await queue.get()
      }
      const put = async (): Promise<void> => {
        for (let round = 0; round < rounds; round++) await queue.put(round)
      }
      await Promise.all([get(), put()])
    }),
    bench('Event, set and cleared for one who waits', async () => {
      const event = new locks.Event()
      const wait = async (): Promise<void> => {
        for (let round = 0; round < rounds; round++) await event.wait()
      }
      const set = async (): Promise<void> => {
        for (let round = 0; round < rounds; round++) {
          event.set()
          event.clear()
          await Promise.resolve()
        }
      }
      await Promise.all([wait(), set()])
    }),
  )
})
