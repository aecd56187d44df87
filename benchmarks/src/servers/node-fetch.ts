import type { FetchApp } from '../app-spec.ts'
import { serveClient } from '../client-program.ts'

export function serve(app: FetchApp): Promise<number> {
  return serveClient(app, async (url) => async () => {
    const response = await fetch(url)
    return (await response.arrayBuffer()).byteLength
  })
}
