import { CurlAsyncHTTPClient } from '@tornado-ts/curl-client'
import type { FetchApp } from '../app-spec.ts'
import { serveClient } from '../client-program.ts'

export function serve(app: FetchApp): Promise<number> {
  return serveClient(app, async (url, connections) => {
    const client = new CurlAsyncHTTPClient({ maxClients: connections })
    return async () => (await client.fetch(url)).body.length
  })
}
