// pnpm --filter @tornado-ts/conformance run wsgi-large-bodies -- [--up=100] [--down=1024] [--collect]     (MiB)
import { parseArgs } from 'node:util'
import { measureLargeBodies, type Growth } from './large-bodies.ts'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    up: { type: 'string', default: '100' },
    down: { type: 'string', default: '1024' },
    collect: { type: 'boolean', default: false },
  },
})
// Without --collect, what V8 has not collected yet counts as well.
const limit = (values.collect ? 32 : 96) * 2 ** 20
const inMiB = (size: number): string => `${(size / 2 ** 20).toFixed(1)} MiB`
const tell = ({ server, worker }: Growth): string =>
  `${inMiB(server)} in the server, ${inMiB(worker)} in the worker`
for (const framework of ['flask', 'django'] as const) {
  const { up, down } = await measureLargeBodies(
    framework,
    Number(values.up) * 2 ** 20,
    Number(values.down) * 2 ** 20,
    { collects: values.collect },
  )
  console.log(`${framework}: resident memory rose during the upload of ${values.up} MiB by ${tell(up)}`)
  console.log(`${framework}: and during the download of ${values.down} MiB by ${tell(down)}`)
  if (Math.max(up.server, up.worker, down.server, down.worker) > limit) process.exitCode = 1
}
