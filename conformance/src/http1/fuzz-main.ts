// pnpm --filter @tornado-ts/conformance run fuzz -- --count=10000000 [--seed=1]
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fuzz } from './fuzz.ts'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { count: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '1' } },
})
// Most inputs end in an error, whose stack nobody reads.
Error.stackTraceLimit = 0
const count = Number(values.count)
const seed = Number(values.seed)

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** What is still held once all that can be is let go. */
function heldBytes(): number {
  collect()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

let reported = 0
let early = 0
const result = await fuzz({
  count,
  seed,
  onProgress(done) {
    // After the first tenth everything that is made once has been made.
    if (early === 0 && done > count / 10) early = heldBytes()
    if (done < reported + count / 10) return
    reported = done
    console.log(`${done} bytes damaged`)
  },
})
const growth = early === 0 ? 0 : heldBytes() - early
console.log(`${result.inputs} inputs (${result.connections} also to a connection), ${result.refused} refused`)
console.log(`slowest ${result.slowestMs.toFixed(1)} ms, memory grew by ${(growth / 1024).toFixed(0)} KiB`)
if (growth > 10 * 1024 * 1024) throw new Error('Memory grows with the number of inputs')
process.exit()
