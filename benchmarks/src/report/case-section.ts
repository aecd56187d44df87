import { floor } from '../peers.ts'
import type { CaseResult, ServerResult } from '../run-case.ts'
import { median } from '../statistics.ts'
import { markdownTable, type Column } from './markdown-table.ts'
import type { RunConditions } from './run-conditions.ts'

/** One case's part of the report: what it is, on what it ran, a line a server. */
export function caseSection({ loadCase, servers }: CaseResult, conditions: RunConditions): string {
  const columns: Column[] = [
    { title: 'server' },
    { title: 'version' },
    { title: `${loadCase.unit}s/s`, align: 'right' },
    { title: 'best', align: 'right' },
    { title: `CPU µs/${loadCase.unit}`, align: 'right' },
    { title: 'least', align: 'right' },
    { title: '× floor', align: 'right' },
  ]
  const reference = servers.find(({ peer }) => peer.name === floor)
  const floorCpuUs = reference === undefined ? Number.NaN : cpuMedian(reference)
  const { when, machine, tools, plan } = conditions
  return [
    `### ${loadCase.name}`,
    `${loadCase.title}. ${when}; ${machine}; ${tools}; ${plan}.`,
    markdownTable(
      columns,
      servers.filter(({ failure }) => failure === undefined).map((server) => row(server, floorCpuUs)),
    ),
    ...servers.flatMap(({ peer, failure }) =>
      failure === undefined ? [] : [`${peer.label} failed: ${failure}`],
    ),
  ].join('\n\n')
}

function row(server: ServerResult, floorCpuUs: number): string[] {
  const rates = server.rounds.map(({ rate }) => rate)
  const cpu = cpuMedian(server)
  return [
    server.peer.label,
    server.version,
    wholeNumber(median(rates)),
    wholeNumber(Math.max(...rates)),
    cpu.toFixed(2),
    Math.min(...server.rounds.map(({ cpuUs }) => cpuUs)).toFixed(2),
    Number.isNaN(floorCpuUs) ? '–' : (cpu / floorCpuUs).toFixed(2),
  ]
}

function cpuMedian({ rounds }: ServerResult): number {
  return median(rounds.map(({ cpuUs }) => cpuUs))
}

function wholeNumber(value: number): string {
  return Math.round(value).toLocaleString('en')
}
