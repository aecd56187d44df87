// pnpm --filter @tornado-ts/conformance run large-bodies -- [--mib=1024]
import { parseArgs } from 'node:util'
import { measureGrowth } from './run.ts'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { mib: { type: 'string', default: '1024' } },
})
const { up, down } = await measureGrowth(Number(values.mib) * 2 ** 20)
const inMiB = (size: number): string => `${(size / 2 ** 20).toFixed(1)} MiB`
console.log(`resident memory rose by ${inMiB(up)} during the upload of ${values.mib} MiB`)
console.log(`                    and ${inMiB(down)} during the download`)
if (Math.max(up, down) > 32 * 2 ** 20) process.exitCode = 1
