import { expect, it } from 'vitest'
import type { Budget, CheckedBudget } from '../budgets.ts'
import { budgetSection } from './budget-section.ts'
import { parseMarkdownTable } from './markdown-table.ts'

const mark = (name: string, server: string): Budget['subject'] => ({ case: name, server })
const plain: Budget = {
  subject: mark('hello-plain', 'web'),
  against: mark('hello-plain', 'net-floor'),
  limit: 1.4,
  goal: 1.25,
}
const routes: Budget = { subject: mark('routes-1000', 'web'), against: mark('routes-10', 'web'), limit: 1.5 }

const measured = (budget: Budget, ratio: number): CheckedBudget => {
  return { budget, ratio, verdict: ratio <= budget.limit ? 'held' : 'missed' }
}
const unmeasured = (budget: Budget): CheckedBudget => ({ budget, ratio: null, verdict: null })

it('shows limit, goal, ratio and verdict', () => {
  expect(
    parseMarkdownTable(budgetSection([measured(plain, 1.333), measured(routes, 2)], '2026-01-31')),
  ).toEqual([
    ['hello-plain', '`@tornado-ts/web` ÷ `node:net`', '≤ 1.40', '≤ 1.25', '1.33', 'held', '2026-01-31'],
    [
      'routes-1000',
      '`@tornado-ts/web` ÷ the same in routes-10',
      '≤ 1.50',
      '–',
      '2.00',
      '**missed**',
      '2026-01-31',
    ],
  ])
  expect(budgetSection([measured(plain, 1.2)], '2026-01-31')).toContain('held, goal reached')
})

it('keeps what an earlier run found where this one measured nothing', () => {
  const first = budgetSection([measured(plain, 1.3), unmeasured(routes)], '2026-01-31')
  const second = parseMarkdownTable(
    budgetSection([unmeasured(plain), measured(routes, 1.1)], '2026-02-01', first),
  )
  expect(second.map((cells) => cells.slice(4))).toEqual([
    ['1.30', 'held', '2026-01-31'],
    ['1.10', 'held', '2026-02-01'],
  ])
})

it('forgets what was found against another limit', () => {
  const first = budgetSection([measured(plain, 1.3)], '2026-01-31')
  const [cells] = parseMarkdownTable(
    budgetSection([unmeasured({ ...plain, limit: 1.2 })], '2026-02-01', first),
  )
  expect(cells?.slice(4)).toEqual(['–', 'not measured', '–'])
})
