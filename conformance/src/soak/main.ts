// pnpm --filter @tornado-ts/conformance run soak -- [--rounds=20] [--visits=1000] [--at-once=64]
import { parseArgs } from 'node:util'
import { soak } from './run.ts'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    rounds: { type: 'string', default: '20' },
    visits: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '64' },
  },
})
const { visits, rounds } = await soak({
  rounds: Number(values.rounds),
  visitsOfEachKind: Number(values.visits),
  atOnce: Number(values['at-once']),
  onRound: ({ heapSize, externalSize, resources }) => {
    console.log(
      `heap ${kibibytes(heapSize)}, buffers ${kibibytes(externalSize)}, ${JSON.stringify(resources)}`,
    )
  },
})
// What V8 learns of the code is in the first rounds; what leaks is in the last ones too.
const [middle, last] = [rounds[rounds.length >> 1]!, rounds.at(-1)!]
const growth = last.heapSize + last.externalSize - middle.heapSize - middle.externalSize
const each = growth / (visits / 2)
console.log(
  `${visits} visits; the second half of them left ${kibibytes(growth)}, ${each.toFixed(2)} bytes each`,
)
if (each > 4 || JSON.stringify(middle.resources) !== JSON.stringify(last.resources)) process.exitCode = 1

function kibibytes(size: number): string {
  return `${(size / 1024).toFixed(0)} KiB`
}
