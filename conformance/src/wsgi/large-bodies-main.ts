// pnpm --filter @tornado-ts/conformance run wsgi-large-bodies -- [--up=1024] [--down=1024] [--collect] [--slow]     (MiB)
import { parseArgs } from 'node:util'
import { measureLargeBodies, type Growth } from './large-bodies.ts'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    up: { type: 'string', default: '1024' },
    down: { type: 'string', default: '1024' },
    collect: { type: 'boolean', default: false },
    slow: { type: 'boolean', default: false },
  },
})
const limit = 32 * 2 ** 20
// What the platform has read from clients and V8 has not collected yet counts as well, where it is not asked to.
const uploadLimit = values.collect ? limit : 2 * limit
const inMiB = (size: number): string => `${(size / 2 ** 20).toFixed(1)} MiB`
const tell = ({ server, worker, serverCpu }: Growth): string =>
  `${inMiB(server)} in the server, which took ${(serverCpu / 1000).toFixed(2)} s of CPU, ${inMiB(worker)} in the worker`
for (const framework of ['flask', 'django'] as const) {
  const { up, down } = await measureLargeBodies(framework, {
    up: Number(values.up) * 2 ** 20,
    down: Number(values.down) * 2 ** 20,
    collects: values.collect,
    isSlow: values.slow,
  })
  console.log(`${framework}: resident memory rose during the upload of ${values.up} MiB by ${tell(up)}`)
  console.log(`${framework}: and during the download of ${values.down} MiB by ${tell(down)}`)
  if (up.server > uploadLimit || Math.max(up.worker, down.server, down.worker) > limit) process.exitCode = 1
}
