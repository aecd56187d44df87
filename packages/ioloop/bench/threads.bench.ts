// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import { createRequire } from 'node:module'
import { it } from 'vitest'

const built: typeof import('../src/index.ts') = createRequire(import.meta.url)('@tornado-ts/ioloop')
const { IOLoop, RemoteLoop, WorkerPool, workerModule } = built

it('one call to another thread', async ({ bench }) => {
  const pool = new WorkerPool({ size: 1 })
  const work = workerModule<typeof import('../fixtures/work.ts')>(
    new URL('../fixtures/work.ts', import.meta.url),
  )
  let arrived = (): void => {}
  const remote = new RemoteLoop(IOLoop.current().handle({ post: () => arrived() }))
  await bench.compare(
    bench('WorkerPool.submit, there and back', async () => {
      await pool.submit(work.add, [1, 2])
    }),
    bench('RemoteLoop.addCallback', async () => {
      const turn = Promise.withResolvers<void>()
      arrived = turn.resolve
      remote.addCallback('post')
      await turn.promise
    }),
  )
  remote.close()
  await pool.close()
})
