// pnpm --filter @tornado-ts/conformance run never-read -- [--count=10000] [--policy=dropOldest] [--sent=262144] [--limit=67108864]
import { parseArgs } from 'node:util'
import { neverRead } from './never-read.ts'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    count: { type: 'string', default: '10000' },
    policy: { type: 'string', default: 'dropOldest' },
    sent: { type: 'string', default: '262144' },
    limit: { type: 'string', default: '67108864' },
  },
})
const { policy } = values
if (policy !== 'wait' && policy !== 'dropOldest' && policy !== 'close')
  throw new RangeError(`No policy: ${policy}`)
const count = Number(values.count)
const maxQueuedSize = Number(values.limit)
const { writtenSize, bufferedSize, grownSize, open } = await neverRead({
  count,
  maxQueuedSize,
  policy,
  sentSize: Number(values.sent),
})
/** What the program takes by itself: code that is compiled meanwhile, buffers that are not given back yet. */
const programSize = 64 * 2 ** 20
const mib = (size: number): string => `${(size / 2 ** 20).toFixed(0)} MiB`
/** What waits; and for each connection Node's buffer, a message that may always wait, and what they are kept in. */
const allowed = maxQueuedSize + count * (65_536 + 3 * 16_384) + programSize
console.log(`${open} of ${count} connections that never read are open`)
console.log(`written ${mib(writtenSize)}, buffered ${mib(bufferedSize)}`)
console.log(`the process has grown by ${mib(grownSize)}; the limits allow ${mib(allowed)}`)
if (grownSize > allowed) process.exitCode = 1
