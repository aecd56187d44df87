// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import { createRequire } from 'node:module'
import { it } from 'vitest'

const built: typeof import('../src/index.ts') = createRequire(import.meta.url)('@tornado-ts/ioloop')
const loop = built.IOLoop.current()

const rounds = 1_000
const timers = 100_000

function callback(): void {}

function callbackOf(_round: number): void {}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it(`${rounds} callbacks in the next iteration`, async ({ bench }) => {
  await bench.compare(
    bench('setImmediate', async () => {
      for (let round = 0; round < rounds; round++) setImmediate(callback)
      await turn()
    }),
    bench('addCallback', async () => {
      for (let round = 0; round < rounds; round++) loop.addCallback(callback)
      await turn()
    }),
    bench('setImmediate with an argument', async () => {
      for (let round = 0; round < rounds; round++) setImmediate(callbackOf, round)
      await turn()
    }),
    bench('addCallback with an argument', async () => {
      for (let round = 0; round < rounds; round++) loop.addCallback(callbackOf, round)
      await turn()
    }),
  )
})

it(`${timers} pending timers, added and removed`, async ({ bench }) => {
  const plain = Array.from<NodeJS.Timeout>({ length: timers })
  const ours = Array.from<ReturnType<typeof loop.callLater>>({ length: timers })
  await bench.compare(
    bench('setTimeout and clearTimeout', () => {
      for (let index = 0; index < timers; index++) plain[index] = setTimeout(callback, 60_000 + (index % 100))
      for (const timer of plain) clearTimeout(timer)
    }),
    bench('callLater and removeTimeout', () => {
      for (let index = 0; index < timers; index++)
        ours[index] = loop.callLater(60_000 + (index % 100), callback)
      for (const timer of ours) loop.removeTimeout(timer)
    }),
  )
})
