// The server of a soak, in a process of its own with --expose-gc. Its port is the first message; to any message it
// answers what it still holds once every client has gone.
import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { HTTPServer } from '@tornado-ts/httpserver'
import { setLogLevel } from '@tornado-ts/log'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { makeApplication } from './application.ts'

/** What a process holds. */
export interface Holdings {
  /** In bytes, after a collection. */
  readonly heapSize: number
  /** In bytes: what buffers hold outside the heap. */
  readonly externalSize: number
  readonly connections: number
  /** Sockets, timers and so on, by Node's name of them. */
  readonly resources: Readonly<Record<string, number>>
}

// What the visitors do wrong is told in the log.
setLogLevel('critical')
const server = new HTTPServer(makeApplication(import.meta.dirname))
server.listen(0, { address: '127.0.0.1' })
const { port } = await server.bound
process.send!({ port })
process.on('message', () => void tell())
process.once('disconnect', () => process.exit())

async function tell(): Promise<void> {
  // The one that relays: it keeps connections to this very server.
  new AsyncHTTPClient().close()
  while (server.connectionCount > 0) await nextTurn()
  // Finalizers and weak references need turns of the loop between collections.
  for (let i = 0; i < 4; i++) {
    globalThis.gc!()
    await nextTurn()
  }
  const { heapUsed, external } = process.memoryUsage()
  const resources: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1
  const holdings: Holdings = {
    heapSize: heapUsed,
    externalSize: external,
    connections: server.connectionCount,
    resources,
  }
  process.send!(holdings)
}
