// pnpm --filter @tornado-ts/conformance run slow-peers -- [--count=5000] [--period-ms=5000] [--clients=64]
import { parseArgs } from 'node:util'
import { runSlowPeers } from './run.ts'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    count: { type: 'string', default: '5000' },
    'period-ms': { type: 'string', default: '5000' },
    clients: { type: 'string', default: '64' },
    'duration-ms': { type: 'string', default: '10000' },
  },
})
const count = Number(values.count)
const { statuses, endedAfterMs, alone, besideThem } = await runSlowPeers({
  count,
  periodMs: Number(values['period-ms']),
  goodClients: Number(values.clients),
  durationMs: Number(values['duration-ms']),
  server: {},
})
const ratio = besideThem / alone
console.log(`good clients alone:   ${alone.toFixed(0)} requests/s`)
console.log(`beside the slow ones: ${besideThem.toFixed(0)} requests/s, ${(ratio * 100).toFixed(0)} %`)
console.log(
  `slow peers ended:     all within ${(endedAfterMs / 1000).toFixed(0)} s, ${JSON.stringify(statuses)}`,
)
if (ratio < 0.8 || statuses['408'] !== count) process.exitCode = 1
