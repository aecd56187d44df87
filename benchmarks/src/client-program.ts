import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { FetchApp } from './app-spec.ts'
import type { LoadResult } from './load-case.ts'
import { listen } from './server-program.ts'

/** Fetches the URL once, and answers how many bytes its body has. */
export type FetchOnce = () => Promise<number>

/** Makes of a URL what fetches it, with so many connections at most. */
export type MakeFetch = (url: string, connections: number) => Promise<FetchOnce>

/** What a client is told to do: to fetch from this port for so long; with a duration of 0, once. */
export interface FetchOrder {
  readonly port: number
  readonly durationMs: number
}

/** Serves a client of HTTP: each line is a {@link FetchOrder}, answered with a {@link LoadResult}. */
export function serveClient(app: FetchApp, makeFetch: MakeFetch): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket }).on('line', (line) => {
      void work(app, makeFetch, JSON.parse(line)).then((result) =>
        socket.write(`${JSON.stringify(result)}\n`),
      )
    })
  })
  return listen(server)
}

const clients = new Map<number, FetchOnce>()

async function work(app: FetchApp, makeFetch: MakeFetch, order: FetchOrder): Promise<LoadResult> {
  const { port, durationMs } = order
  let fetchOnce = clients.get(port)
  if (fetchOnce === undefined) {
    fetchOnce = await makeFetch(`http://127.0.0.1:${port}/`, app.concurrency)
    clients.set(port, fetchOnce)
  }
  const fetch = fetchOnce
  const start = performance.now()
  let done = 0
  let failed = 0
  const worker = async (): Promise<void> => {
    do {
      try {
        if ((await fetch()) === app.size) done++
        else failed++
      } catch {
        failed++
      }
    } while (performance.now() - start < durationMs)
  }
  await Promise.all(Array.from({ length: durationMs === 0 ? 1 : app.concurrency }, worker))
  return { done, failed, seconds: (performance.now() - start) / 1000 }
}
