import type { Budget, CheckedBudget } from '../budgets.ts'
import { peers } from '../peers.ts'
import { markdownTable, parseMarkdownTable, type Column } from './markdown-table.ts'

const columns: readonly Column[] = [
  { title: 'case' },
  { title: 'CPU of' },
  { title: 'limit', align: 'right' },
  { title: 'goal', align: 'right' },
  { title: 'measured', align: 'right' },
  { title: 'verdict' },
  { title: 'run' },
]

/**
 * The table of all budgets. One that this run did not measure keeps what `previous`, the section as it was, says
 * about it, as long as its limit is the same.
 */
export function budgetSection(checked: readonly CheckedBudget[], when: string, previous = ''): string {
  const earlier = new Map(
    parseMarkdownTable(previous).map((cells) => [cells.slice(0, 3).join('|'), cells.slice(4)]),
  )
  const rows = checked.map(({ budget, ratio, verdict }) => {
    const promise = promiseCells(budget)
    const outcome =
      ratio === null || verdict === null
        ? (earlier.get(promise.slice(0, 3).join('|')) ?? ['–', 'not measured', '–'])
        : [ratio.toFixed(2), verdictText(budget, ratio, verdict), when]
    return [...promise, ...outcome]
  })
  return markdownTable(columns, rows)
}

function promiseCells({ subject, against, by, limit, goal }: Budget): string[] {
  const sameCase = subject.case === against.case
  const divisor = sameCase ? shortLabel(against.server) : `the same in ${against.case}`
  return [
    subject.case,
    `${by === 'time' ? 'time: ' : ''}${shortLabel(subject.server)} ÷ ${divisor}`,
    `≤ ${limit.toFixed(2)}`,
    goal === undefined ? '–' : `≤ ${goal.toFixed(2)}`,
  ]
}

function verdictText({ goal }: Budget, ratio: number, verdict: string): string {
  if (verdict === 'missed') return '**missed**'
  return goal !== undefined && ratio <= goal ? 'held, goal reached' : verdict
}

/** A label up to what is said about the server after a comma. */
function shortLabel(name: string): string {
  return peers.find((peer) => peer.name === name)?.label.split(',')[0] ?? name
}
