import { availableParallelism, cpus } from 'node:os'
import type { LoadTools } from '../load-case.ts'
import type { Pinning } from '../pinning.ts'
import type { Plan } from '../plan.ts'

/** On what, with what and for how long a run measured. */
export interface RunConditions {
  /** `2026-01-31`, and that the run was a quick one. */
  readonly when: string
  readonly machine: string
  readonly tools: string
  readonly plan: string
}

export interface ConditionsOptions {
  readonly tools: LoadTools
  readonly pinning: Pinning
  readonly plan: Plan
  readonly quick: boolean
}

export function describeConditions({ tools, pinning, plan, quick }: ConditionsOptions): RunConditions {
  const cores = availableParallelism()
  const pinned = pinning.server.length > 0 ? 'server and load on cores of their own' : 'nothing pinned'
  return {
    when: new Date().toISOString().slice(0, 10) + (quick ? ', quick' : ''),
    machine: `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cores} core${cores === 1 ? '' : 's'} (${pinned})`,
    tools: `Node ${process.version.slice(1)}, ${tools.http.version}`,
    plan: `${plan.rounds} round${plan.rounds === 1 ? '' : 's'} of ${plan.roundMs / 1000} s`,
  }
}
