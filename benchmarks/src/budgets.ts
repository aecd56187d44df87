import type { CaseResult } from './run-case.ts'
import { median } from './statistics.ts'

/** One server in one case. */
export interface Mark {
  readonly case: string
  readonly server: string
}

/** The CPU time that `subject` may take for a unit of work, as a multiple of what `against` takes. */
export interface Budget {
  readonly subject: Mark
  readonly against: Mark
  readonly limit: number
  /** What is compared: CPU time, or the time that passes, for servers whose processes wait for one another. @default 'cpu' */
  readonly by?: 'cpu' | 'time'
  /** What is aimed at beyond the limit. */
  readonly goal?: number
}

/** What the servers of this repository promise. */
export const budgets: readonly Budget[] = [
  within('hello-plain', 'httpserver', 'net-floor', 1.2, 1.1),
  within('hello-headers', 'httpserver', 'net-floor', 1.35, 1.1),
  within('hello-plain', 'web', 'net-floor', 1.4, 1.25),
  within('hello-plain', 'web', 'node-http', 1),
  within('hello-plain', 'web', 'fastify', 0.95),
  within('hello-plain', 'web', 'python-tornado', 0.12),
  within('hello-headers', 'web', 'net-floor', 1.45, 1.25),
  within('hello-headers', 'web', 'node-http', 0.8),
  within('hello-headers', 'web', 'fastify', 0.7),
  within('hello-pipelined', 'web', 'node-http', 0.2, 0.12),
  {
    subject: { case: 'routes-1000', server: 'web' },
    against: { case: 'routes-10', server: 'web' },
    limit: 1.5,
    // Flat, but for what two runs of the same differ by.
    goal: 1.1,
  },
  within('json-in-out', 'web', 'fastify', 0.75),
  // Most of the two is the work of the digest, and of the compressor, which is the same for all.
  within('signed-cookie', 'web', 'fastify', 1.1, 0.95),
  within('gzip-json', 'web', 'fastify', 1.1, 1),
  within('static-1k', 'web', 'fastify', 0.8),
  // As much as Fastify moves.
  within('static-10m', 'web', 'fastify', 1),
  // Nine tenths of what `node:http` moves.
  within('transfer-up', 'httpserver', 'node-http', 1.11),
  within('transfer-down', 'httpserver', 'node-http', 1.11),
  within('echo-lines', 'iostream', 'net-floor', 1.15),
  within('echo-lines', 'iostream-reads', 'net-floor', 1.8),
  // Nine tenths of what `socket.pipe` moves.
  within('echo-stream', 'iostream', 'net-floor', 1.11),
  within('ws-echo', 'websocket', 'ws', 0.97, 0.9),
  within('ws-frames', 'websocket', 'ws', 0.12, 0.06),
  within('ws-broadcast', 'websocket', 'ws', 0.85),
  within('ws-deflate', 'websocket', 'ws', 1),
  within('client-1', 'httpclient', 'undici', 1),
  within('client-64', 'httpclient', 'undici', 0.85, 0.75),
  within('client-512', 'httpclient', 'undici', 1),
  within('client-50', 'curl-client', 'undici', 1),
  // Twice its requests/s.
  faster('client-50', 'curl-client', 'python-tornado-curl', 0.5),
  within('template-table', 'template', 'eta', 1.2),
  within('template-table', 'template', 'python-tornado', 0.2),
  ...[1, 2].flatMap((processes) => [
    faster(`flask-${processes}`, 'wsgi-compat', 'gunicorn-sync', 1),
    faster(`flask-${processes}`, 'wsgi-compat', 'gunicorn-gthread', 1),
    faster(`flask-${processes}`, 'wsgi-compat', 'tornado-wsgi', 1 / 1.5),
  ]),
]

function within(name: string, server: string, other: string, limit: number, goal?: number): Budget {
  const budget = { subject: { case: name, server }, against: { case: name, server: other }, limit }
  return goal === undefined ? budget : { ...budget, goal }
}

function faster(name: string, server: string, other: string, limit: number): Budget {
  return { ...within(name, server, other, limit), by: 'time' }
}

export type Verdict = 'held' | 'missed'

export interface CheckedBudget {
  readonly budget: Budget
  /** Median over median, or `null` when one of the two was not measured in this run. */
  readonly ratio: number | null
  readonly verdict: Verdict | null
}

/** Compares what was measured in one run with what is promised. */
export function checkBudgets(
  results: readonly CaseResult[],
  promised: readonly Budget[] = budgets,
): CheckedBudget[] {
  return promised.map((budget) => {
    const subject = medianUs(results, budget.subject, budget.by)
    const against = medianUs(results, budget.against, budget.by)
    if (subject === null || against === null) return { budget, ratio: null, verdict: null }
    const ratio = subject / against
    return { budget, ratio, verdict: ratio <= budget.limit ? 'held' : 'missed' }
  })
}

function medianUs(results: readonly CaseResult[], mark: Mark, by: Budget['by'] = 'cpu'): number | null {
  const servers = results.find(({ loadCase }) => loadCase.name === mark.case)?.servers ?? []
  const rounds = servers.find(({ peer }) => peer.name === mark.server)?.rounds ?? []
  return rounds.length === 0
    ? null
    : median(rounds.map(({ cpuUs, rate }) => (by === 'cpu' ? cpuUs : 1e6 / rate)))
}
