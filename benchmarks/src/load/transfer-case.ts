import { fileURLToPath } from 'node:url'
import type { TransferApp } from '../app-spec.ts'
import { LineProcess } from '../line-process.ts'
import type { LoadCase, LoadResult } from '../load-case.ts'

export interface TransferCaseOptions {
  readonly name: string
  readonly group: string
  readonly title: string
  readonly app: TransferApp
  readonly connections: number
}

/** What `transfer-host.ts` is asked for; with a duration of 0, for one transfer a connection. */
export interface TransferTarget {
  readonly port: number
  readonly app: TransferApp
  readonly connections: number
  readonly durationMs: number
}

const host = fileURLToPath(new URL('transfer-host.ts', import.meta.url))
/** What the load may take longer than it is told to. */
const graceMs = 20_000

/** A case that moves large chunked bodies, one after the other on each connection. */
export function transferCase({ app, connections, ...loadCase }: TransferCaseOptions): LoadCase {
  return {
    ...loadCase,
    unit: 'MiB',
    app,
    async verify(port) {
      const { done, failed } = await transfer({ port, app, connections: 1, durationMs: 0 }, [])
      if (failed > 0 || done !== app.size / 2 ** 20)
        throw new Error('Wrong answer: the body did not come whole')
    },
    drive: (port, durationMs, { prefix }) => transfer({ port, app, connections, durationMs }, prefix),
  }
}

async function transfer(target: TransferTarget, prefix: readonly string[]): Promise<LoadResult> {
  const load = new LineProcess([...prefix, process.execPath, host])
  try {
    const answer = await load.ask(JSON.stringify(target), target.durationMs + graceMs)
    const result: LoadResult = JSON.parse(answer)
    return result
  } finally {
    await load.stop()
  }
}
