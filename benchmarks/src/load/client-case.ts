import { fileURLToPath } from 'node:url'
import type { FetchApp } from '../app-spec.ts'
import type { FetchOrder } from '../client-program.ts'
import { LineProcess } from '../line-process.ts'
import type { LoadCase, LoadResult, PreparedLoad } from '../load-case.ts'
import { askLine } from './ask-line.ts'

export interface ClientCaseOptions {
  readonly name: string
  readonly title: string
  readonly app: FetchApp
}

const host = fileURLToPath(new URL('answering-host.ts', import.meta.url))
/** What a client may take longer than it is told to. */
const graceMs = 20_000

/**
 * A case of clients: the process that is measured is the client's, and the load on it is an order to fetch. The server is
 * the same for all of them.
 */
export function clientCase(options: ClientCaseOptions): LoadCase {
  const { app } = options
  return {
    ...options,
    group: 'HTTP clients',
    unit: 'request',
    async verify(port) {
      const load = await prepare(port, app, [])
      try {
        const { failed } = await load.drive(0)
        if (failed > 0) throw new Error(`Wrong answer: not ${app.size} bytes`)
      } finally {
        await load.stop()
      }
    },
    prepare: (port, { prefix }) => prepare(port, app, prefix),
    drive: () => Promise.reject(new Error('A client has to be prepared')),
  }
}

async function prepare(port: number, app: FetchApp, prefix: readonly string[]): Promise<PreparedLoad> {
  const server = new LineProcess([...prefix, process.execPath, host, String(app.size)])
  const target: { port: number } = JSON.parse(await server.answer())
  return {
    drive: (durationMs) => order(port, { port: target.port, durationMs }),
    stop: () => server.stop(),
  }
}

async function order(port: number, what: FetchOrder): Promise<LoadResult> {
  const result: LoadResult = JSON.parse(await askLine(port, JSON.stringify(what), what.durationMs + graceMs))
  return result
}
