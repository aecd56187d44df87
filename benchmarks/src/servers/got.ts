import got from 'got'
import { Agent } from 'node:http'
import type { FetchApp } from '../app-spec.ts'
import { serveClient } from '../client-program.ts'

export function serve(app: FetchApp): Promise<number> {
  return serveClient(app, async (url, connections) => {
    const agent = { http: new Agent({ keepAlive: true, maxSockets: connections }) }
    return async () => (await got(url, { agent }).buffer()).length
  })
}
