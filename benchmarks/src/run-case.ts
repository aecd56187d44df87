import { errorText } from './error-text.ts'
import type { LoadCase, LoadTools } from './load-case.ts'
import type { Peer } from './peers.ts'
import type { Pinning } from './pinning.ts'
import type { Plan } from './plan.ts'
import { ServerProcess } from './server-process.ts'

/** One server's figures of one round. */
export interface Round {
  /** Units of work a second. */
  readonly rate: number
  /** µs of the server's CPU time, user and system, a unit of work. */
  readonly cpuUs: number
}

/** What became of one server in one case. */
export interface ServerResult {
  readonly peer: Peer
  readonly version: string
  readonly rounds: Round[]
  /** Why there are no figures. */
  failure?: string
}

export interface CaseResult {
  readonly loadCase: LoadCase
  readonly servers: readonly ServerResult[]
}

/** A server that can take part: it is installed, in this version. */
export interface Entrant {
  readonly peer: Peer
  readonly version: string
}

export interface RunCaseOptions {
  readonly entrants: readonly Entrant[]
  readonly plan: Plan
  readonly tools: LoadTools
  readonly pinning: Pinning
  /** Told what is going on. */
  readonly onProgress: (text: string) => void
}

/**
 * Starts all servers, then loads one after the other, round by round, so that whatever else the machine does
 * meets them all alike. A server that fails is left out from then on; the others go on.
 */
export async function runCase(loadCase: LoadCase, options: RunCaseOptions): Promise<CaseResult> {
  const { entrants, plan, tools, pinning, onProgress } = options
  const results = entrants.map(({ peer, version }): ServerResult => ({ peer, version, rounds: [] }))
  const servers = new Map<ServerResult, ServerProcess>()
  const attempt = async (result: ServerResult, work: () => Promise<void>): Promise<void> => {
    if (result.failure !== undefined) return
    try {
      await work()
    } catch (error) {
      result.failure = errorText(error)
      result.rounds.length = 0
    }
  }
  try {
    onProgress('starting servers')
    await Promise.all(
      results.map((result) =>
        attempt(result, async () => {
          const server = await ServerProcess.start(result.peer, loadCase.app, { prefix: pinning.server })
          servers.set(result, server)
          await loadCase.verify(server.port)
        }),
      ),
    )
    for (let round = 0; round <= plan.rounds; round++) {
      for (const result of results) {
        onProgress(`${result.peer.name}, ${round === 0 ? 'warm-up' : `round ${round} of ${plan.rounds}`}`)
        await attempt(result, async () => {
          const durationMs = round === 0 ? plan.warmUpMs : plan.roundMs
          const figures = await measure(loadCase, servers.get(result), durationMs, tools)
          if (round > 0) result.rounds.push(figures)
        })
      }
    }
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()))
  }
  return { loadCase, servers: results }
}

/** One load on one server, and what the server spent on it. */
async function measure(
  loadCase: LoadCase,
  server: ServerProcess | undefined,
  durationMs: number,
  tools: LoadTools,
): Promise<Round> {
  if (server === undefined) throw new Error('The server did not start')
  const { port } = server
  const load = await loadCase.prepare?.(port, tools)
  try {
    const before = await server.usage()
    const result = await (load?.drive(durationMs) ?? loadCase.drive(port, durationMs, tools))
    const after = await server.usage()
    const { done, failed, seconds } = result
    if (failed > 0 || done === 0) throw new Error(`${failed} of ${done + failed} failed (${loadCase.unit}s)`)
    return { rate: done / seconds, cpuUs: (after.cpuUs - before.cpuUs) / done }
  } finally {
    // One that goes on would load the servers after it.
    await load?.stop()
  }
}
