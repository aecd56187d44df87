import type { HTTPServerOptions } from '@tornado-ts/httpserver'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { measureThroughput } from './good-clients.ts'
import type { TrickleOptions, TrickleReport } from './trickle.ts'

/** What a run is made of. */
export interface SlowPeersOptions {
  /** Peers that send a byte each {@link periodMs}. */
  readonly count: number
  readonly periodMs: number
  /** Clients that ask in a closed loop. */
  readonly goodClients: number
  /** How long their throughput is measured: before, and while the slow peers are there. */
  readonly durationMs: number
  readonly server: HTTPServerOptions
}

/** What came of it. */
export interface SlowPeersReport extends TrickleReport {
  /** Answers a second without the slow peers, and with them. */
  readonly alone: number
  readonly besideThem: number
}

/** Lets slow peers loose on a server that good clients use. Server and slow peers are processes of their own. */
export async function runSlowPeers(options: SlowPeersOptions): Promise<SlowPeersReport> {
  const { count, periodMs, goodClients, durationMs } = options
  const children: ChildProcess[] = []
  const start = (file: string, argument: object): ChildProcess => {
    const child = fork(join(import.meta.dirname, file), [JSON.stringify(argument)], {
      execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=@tornado-ts/source'],
    })
    children.push(child)
    return child
  }
  try {
    const [{ port }] = (await once(start('serve.ts', options.server), 'message')) as [{ port: number }]
    // The first round is to warm up.
    await measureThroughput(port, goodClients, durationMs)
    const alone = await measureThroughput(port, goodClients, durationMs)
    const trickle: TrickleOptions = { port, count, periodMs }
    const peers = start('trickle.ts', trickle)
    await once(peers, 'message')
    const reported = once(peers, 'message') as Promise<[TrickleReport]>
    const besideThem = await measureThroughput(port, goodClients, durationMs)
    const [report] = await reported
    return { ...report, alone, besideThem }
  } finally {
    for (const child of children) child.kill()
  }
}
