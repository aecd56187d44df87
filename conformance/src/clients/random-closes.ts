import type { Engine } from './engines.ts'
import { answer, RawServer } from './raw-server.ts'

/** What became of many requests to a server that closes connections when it likes. */
export interface RandomCloses {
  readonly done: number
  /** Names of errors, each with how often. */
  readonly errors: ReadonlyMap<string, number>
  readonly connections: number
}

/**
 * GETs, so many at once, to a server that closes about every tenth connection: while it is idle, at once or a little later,
 * or when the next request on it comes. Every one of these closes is covered by the rule on trying again.
 */
export async function fetchFromRandomCloser(
  { create }: Engine,
  count: number,
  concurrency: number,
): Promise<RandomCloses> {
  await using server = await RawServer.start(({ index }, socket) => {
    // The first request of a connection is always answered: the second try of another may be it.
    const chance = Math.random()
    if (index > 0 && chance < 0.04) return null
    socket.write(answer('still here'))
    if (chance > 0.97) setImmediate(() => socket.end())
    else if (chance > 0.94) setTimeout(() => socket.destroy(), 5 * Math.random())
    return undefined
  })
  await using client = create({ maxClients: concurrency })
  const errors = new Map<string, number>()
  let started = 0
  let done = 0
  const worker = async (): Promise<void> => {
    while (started++ < count) {
      try {
        const response = await client.fetch(server.url())
        if (response.text() === 'still here') done++
        else errors.set('wrong text', 1)
      } catch (error) {
        const name = `${(error as Error).name}: ${(error as Error).message}`
        errors.set(name, (errors.get(name) ?? 0) + 1)
      }
      // Some connections are left idle for a moment.
      if (Math.random() < 0.05) await new Promise((resolve) => setImmediate(resolve))
      server.requests.length = 0
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return { done, errors, connections: server.connections }
}
