import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Holdings } from './serve.ts'
import { visits } from './visits.ts'

/** What a soak is made of. */
export interface SoakOptions {
  /** How many visits of each kind a round has. */
  readonly visitsOfEachKind: number
  readonly rounds: number
  /** How many clients there are at once. */
  readonly atOnce: number
  /** Is told what the server holds after each round. */
  readonly onRound?: (holdings: Holdings) => void
}

/** What the server holds after each round, the first, to warm up, included. */
export interface SoakReport {
  readonly visits: number
  readonly rounds: readonly Holdings[]
}

/** Lets clients of every kind visit a server, round after round; all have gone when it is asked what it holds. */
export async function soak({ visitsOfEachKind, rounds, atOnce, onRound }: SoakOptions): Promise<SoakReport> {
  const server = fork(join(import.meta.dirname, 'serve.ts'), [], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=@tornado-ts/source', '--expose-gc'],
  })
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }]
    const reports: Holdings[] = []
    for (let round = 0; round <= rounds; round++) {
      await visitAll(port, visitsOfEachKind, atOnce)
      const told = once(server, 'message') as Promise<[Holdings]>
      server.send('tell')
      const [holdings] = await told
      onRound?.(holdings)
      reports.push(holdings)
    }
    return { visits: rounds * visitsOfEachKind * Object.keys(visits).length, rounds: reports }
  } finally {
    server.kill()
  }
}

async function visitAll(port: number, ofEachKind: number, atOnce: number): Promise<void> {
  const waiting = Array.from({ length: ofEachKind }, () => Object.entries(visits)).flat()
  const visitor = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [name, visit] = next
      await visit(port).catch((error: unknown) => {
        throw new Error(`The visit failed: ${name}`, { cause: error })
      })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, visitor))
}
