import { Agent, request } from 'undici'
import type { FetchApp } from '../app-spec.ts'
import { serveClient } from '../client-program.ts'

export function serve(app: FetchApp): Promise<number> {
  return serveClient(app, async (url, connections) => {
    const dispatcher = new Agent({ connections, pipelining: 1 })
    return async () => {
      const { body } = await request(url, { dispatcher })
      return (await body.arrayBuffer()).byteLength
    }
  })
}
