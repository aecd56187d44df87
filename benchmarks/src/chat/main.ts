// The chat of apps/chat with many people in it, beside the heart of one in Python Tornado:
//   pnpm --filter @tornado-ts/benchmarks run chat [--people 15000] [--rooms 150] [--rate 200] [--seconds 20]
// RESULTS.md gets the table. --python-people 0 leaves Python out.
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildPackages } from '../build-packages.ts'
import { findPinning } from '../pinning.ts'
import { markdownTable } from '../report/markdown-table.ts'
import { updateResults } from '../report/results-file.ts'
import { sections } from '../sections.ts'
import type { Way } from './crowd.ts'
import { cookieSecret, measureChat, type ChatLoad, type ChatResult } from './measure-chat.ts'

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '15000' },
    rooms: { type: 'string', default: '150' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    'python-people': { type: 'string', default: '2000' },
    'python-rate': { type: 'string', default: '20' },
    // The load may also use the server's core: on two cores it needs more than the other one has.
    spread: { type: 'boolean', default: false },
    'no-write': { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
})
const root = fileURLToPath(new URL('../../../', import.meta.url))
const pinning = findPinning()
const prefix = values.spread ? [] : pinning.load
const seconds = Number(values.seconds)
const roomSize = Math.max(1, Math.round(Number(values.people) / Number(values.rooms)))

if (!values['no-build']) buildPackages('./apps/chat')
const nodeChat = [
  ...pinning.server,
  process.execPath,
  `${root}apps/chat/dist/main.js`,
  '--port=0',
  `--cookie-secret=${cookieSecret}`,
  '--logging=error',
  '--max-rooms=100000',
]
const pythonChat = [
  ...pinning.server,
  '/usr/bin/python3',
  fileURLToPath(new URL('python_chat.py', import.meta.url)),
]
const both: readonly Way[] = ['polling', 'websocket']
const rows: string[][] = []

const people = Number(values.people)
await measure('apps/chat', 'both, half each', nodeChat, {
  people,
  rooms: Number(values.rooms),
  rate: Number(values.rate),
  seconds,
  ways: both,
})
const pythonPeople = Math.min(people, Number(values['python-people']))
if (pythonPeople > 0) {
  const load: ChatLoad = {
    people: pythonPeople,
    rooms: Math.max(1, Math.round(pythonPeople / roomSize)),
    rate: Number(values['python-rate']),
    seconds,
    ways: ['polling'],
  }
  await measure('apps/chat', 'long polling', nodeChat, load)
  await measure('Python Tornado, long polling alone', 'long polling', pythonChat, load)
}

const titles = ['server', 'ways', 'people', 'rooms', 'messages/s', 'deliveries/s']
const figures = ['p50 ms', 'p99 ms', 'CPU µs/delivery', 'CPU', 'KB a person', 'missing', 'doubled']
const table = markdownTable(
  [...titles, ...figures].map((title, i) => ({ title, align: i < 2 ? 'left' : 'right' })),
  rows,
)
const pinned =
  pinning.server.length === 0
    ? 'nothing pinned'
    : values.spread
      ? 'server on one core, load on all'
      : 'server and load on cores of their own'
const section = `### chat

People in rooms; each message goes to everybody in its room. Delivery is from the sender's call to the receiver's, the load's own time included. ${new Date().toISOString().slice(0, 10)}; ${cpus()[0]?.model.trim() ?? 'unknown CPU'} (${pinned}); Node ${process.version.slice(1)}; ${seconds} s.
The chat also checks a signed cookie and a token with each request and tells who is here; Python's does neither.

${table}`
console.log(section)
if (!values['no-write']) {
  updateResults(new URL('../../RESULTS.md', import.meta.url), new Map([['chat', section]]), sections)
}

async function measure(
  label: string,
  ways: string,
  server: readonly string[],
  load: ChatLoad,
): Promise<void> {
  console.error(`${label}: ${load.people} people in ${load.rooms} rooms, ${load.rate} messages/s …`)
  const answersFirst = server === nodeChat
  const result = await measureChat(load, { server, prefix, answersFirst })
  if (result.lost > 0) console.error(`${result.lost} connections were lost`)
  rows.push([label, ways, ...[load.people, load.rooms, load.rate].map(String), ...cells(result)])
}

function cells(result: ChatResult): string[] {
  return [
    Math.round(result.deliveries).toLocaleString('en'),
    result.p50Ms.toFixed(1),
    result.p99Ms.toFixed(1),
    result.cpuUsPerDelivery.toFixed(1),
    `${Math.round(result.cpuShare * 100)} %`,
    (result.bytesPerPerson / 1000).toFixed(1),
    String(Math.round(result.missing)),
    String(result.doubled),
  ]
}
