// Peers that send a byte now and then, in a process of their own. Half of them are in a head, half in a body.
import { connect } from 'node:net'

const { port, count, periodMs } = JSON.parse(process.argv[2]!) as TrickleOptions

/** What {@link process.argv} tells. */
export interface TrickleOptions {
  readonly port: number
  readonly count: number
  readonly periodMs: number
}

/** How the peers have fared. */
export interface TrickleReport {
  /** How many got which status, or none before the connection ended. */
  readonly statuses: Readonly<Record<string, number>>
  /** When the last one was ended, after all had connected. */
  readonly endedAfterMs: number
}

const statuses: Record<string, number> = {}
let connected = 0
let ended = 0
let connectedAtMs = 0
const timers = new Set<NodeJS.Timeout>()

function start(index: number): void {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  let timer: NodeJS.Timeout | undefined
  socket.once('connect', () => {
    if (++connected === count) {
      connectedAtMs = performance.now()
      process.send!({ connected })
    } else if (connected % 100 === 0)
      for (let i = connected; i < Math.min(count, connected + 100); i++) start(i)
    socket.write(
      index % 2 === 0
        ? 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '
        : 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n',
    )
    timer = setInterval(() => socket.write('x'), periodMs)
    timers.add(timer)
  })
  socket.on('data', (chunk) => (received += chunk.toString('latin1')))
  socket.on('end', () => socket.end())
  socket.on('error', () => {})
  socket.once('close', () => {
    clearInterval(timer)
    const status = /^HTTP\/1\.1 ([0-9]+)/.exec(received)?.[1] ?? 'none'
    statuses[status] = (statuses[status] ?? 0) + 1
    if (++ended === count) {
      const report: TrickleReport = { statuses, endedAfterMs: performance.now() - connectedAtMs }
      process.send!(report)
    }
  })
}

// A hundred at a time, so that none is refused by the backlog.
for (let i = 0; i < Math.min(100, count); i++) start(i)
process.once('disconnect', () => process.exit())
