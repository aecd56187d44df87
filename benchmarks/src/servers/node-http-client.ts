import { Agent, get } from 'node:http'
import type { FetchApp } from '../app-spec.ts'
import { serveClient } from '../client-program.ts'

export function serve(app: FetchApp): Promise<number> {
  return serveClient(app, async (url, connections) => {
    const agent = new Agent({ keepAlive: true, maxSockets: connections })
    return () =>
      new Promise((resolve, reject) => {
        get(url, { agent }, (response) => {
          let size = 0
          response.on('data', (chunk: Buffer) => (size += chunk.length))
          response.on('end', () => resolve(size))
        }).on('error', reject)
      })
  })
}
