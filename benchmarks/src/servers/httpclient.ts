import { SimpleAsyncHTTPClient } from '@tornado-ts/httpclient'
import type { FetchApp } from '../app-spec.ts'
import { serveClient } from '../client-program.ts'

export function serve(app: FetchApp): Promise<number> {
  return serveClient(app, async (url, connections) => {
    const client = new SimpleAsyncHTTPClient({ maxClients: connections })
    return async () => (await client.fetch(url)).body.length
  })
}
