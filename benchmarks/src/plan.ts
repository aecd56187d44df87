/** How long each server is loaded in a case. */
export interface Plan {
  readonly warmUpMs: number
  readonly rounds: number
  readonly roundMs: number
}

export const fullPlan: Plan = { warmUpMs: 2000, rounds: 5, roundMs: 2000 }

/** To start a server, check its answer and stop it. */
const startMs = 250
/** For a load to start and to end. */
const loadMs = 90
const shortestRoundMs = 100
const longestRoundMs = 1000

/** What fits into `availableMs` when `pairs` servers are to be loaded, each counted once a case. */
export function quickPlan(pairs: number, availableMs: number): Plan {
  const rounds = 2
  const loads = rounds + 1
  const fitting = (availableMs / pairs - startMs) / loads - loadMs
  const roundMs = Math.round(Math.min(longestRoundMs, Math.max(shortestRoundMs, fitting)))
  return { warmUpMs: roundMs, rounds, roundMs }
}
