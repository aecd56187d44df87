// What open WebSockets take of a server's memory, side by side:
//   node src/websocket-memory.ts [--connections 19000] [--servers net-floor,ws,websocket] [--compressed]
// RESULTS.md gets the table. With --compressed each connection has sent and received one message of about 1 KiB, and keeps its windows where the server lets it.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { WebSocketApp } from './app-spec.ts'
import { wsDeflatePayload } from './cases/websocket.ts'
import { LineProcess } from './line-process.ts'
import type { WebSocketTarget } from './load/websocket-case.ts'
import { selectPeers, type Peer } from './peers.ts'
import { markdownTable } from './report/markdown-table.ts'
import { updateResults } from './report/results-file.ts'
import { sections } from './sections.ts'
import { ServerProcess } from './server-process.ts'
import { median } from './statistics.ts'

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '19000' },
    servers: { type: 'string', default: 'net-floor,ws,websocket' },
    compressed: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '1' },
  },
})
const connections = Number(values.connections)
const app: WebSocketApp = { kind: values.compressed ? 'ws-deflate' : 'ws-echo' }
const host = fileURLToPath(new URL('load/websocket-host.ts', import.meta.url))
const timeoutMs = 120_000

const rows: string[][] = []
for (const peer of selectPeers(values.servers.split(','))) {
  if (!peer.kinds.includes(app.kind)) continue
  const sizes: number[] = []
  for (let round = 0; round < Number(values.rounds); round++) sizes.push(await measure(peer))
  rows.push([peer.label, peer.version() ?? '', median(sizes).toFixed(2)])
}
const name = values.compressed ? 'ws-memory-compressed' : 'ws-memory'
const state = values.compressed
  ? 'permessage-deflate by default, after a message of about 1 KiB each'
  : 'idle'
const table = markdownTable(
  [{ title: 'server' }, { title: 'version' }, { title: 'KB a connection', align: 'right' }],
  rows,
)
const section = `### ${name}\n\nResident memory of ${connections.toLocaleString('en')} open WebSockets, ${state}. Node ${process.version.slice(1)}.\n\n${table}`
console.log(section)
updateResults(new URL('../RESULTS.md', import.meta.url), new Map([[name, section]]), sections)

/**
 * Resident memory of each connection beyond the first fifth, in KB: by then code is compiled and the heap has its young
 * generation, which are paid once.
 */
async function measure(peer: Peer): Promise<number> {
  const server = await ServerProcess.start(peer, app, { prefix: [], nodeFlags: ['--expose-gc'] })
  const loads: LineProcess[] = []
  const open = async (count: number): Promise<void> => {
    const load = new LineProcess([process.execPath, host])
    loads.push(load)
    const target: WebSocketTarget = {
      port: server.port,
      kind: app.kind,
      connections: count,
      messages: 1,
      payload: wsDeflatePayload,
      keep: true,
    }
    await load.ask(JSON.stringify(target), timeoutMs)
    if (values.compressed) await load.ask('0', timeoutMs)
  }
  try {
    const first = Math.round(connections / 5)
    await open(first)
    const before = await settled(server)
    await open(connections - first)
    return ((await settled(server)) - before) / (connections - first) / 1000
  } finally {
    await Promise.all(loads.map((load) => load.stop()))
    await server.stop()
  }
}

/** The memory when it does not change any more. */
async function settled(server: ServerProcess): Promise<number> {
  let size = Infinity
  for (;;) {
    const { residentSize } = await server.usage()
    if (Math.abs(residentSize - size) < 200_000) return residentSize
    size = residentSize
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}
