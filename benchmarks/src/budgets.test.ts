import { describe, expect, it } from 'vitest'
import { budgets, checkBudgets, type Budget } from './budgets.ts'
import { cases } from './cases.ts'
import { peers } from './peers.ts'
import type { CaseResult, ServerResult } from './run-case.ts'

/** A result of the case, with these µs a round. */
function result(caseName: string, cpuUs: Record<string, number[]>): CaseResult {
  const loadCase = cases.find(({ name }) => name === caseName)
  if (loadCase === undefined) throw new Error(`No case ${caseName}`)
  const servers = Object.entries(cpuUs).map(([name, rounds]): ServerResult => {
    const peer = peers.find((each) => each.name === name)
    if (peer === undefined) throw new Error(`No server ${name}`)
    return { peer, version: '1.0.0', rounds: rounds.map((each) => ({ cpuUs: each, rate: each * 1000 })) }
  })
  return { loadCase, servers }
}

describe('checkBudgets', () => {
  const budget: Budget = {
    subject: { case: 'hello-plain', server: 'web' },
    against: { case: 'hello-plain', server: 'net-floor' },
    limit: 1.4,
  }

  it('divides medians, and holds up to the limit itself', () => {
    const held = result('hello-plain', { 'net-floor': [10, 100, 10], web: [14, 14, 70] })
    expect(checkBudgets([held], [budget])).toEqual([{ budget, ratio: 1.4, verdict: 'held' }])
    const missed = result('hello-plain', { 'net-floor': [10], web: [14.1] })
    expect(checkBudgets([missed], [budget])).toMatchObject([{ verdict: 'missed' }])
  })

  it('compares the time that passes where the budget says so: a higher rate is less of it', () => {
    const measured = result('hello-plain', { 'net-floor': [10], web: [20] })
    const byTime: Budget = { ...budget, by: 'time', limit: 0.5 }
    expect(checkBudgets([measured], [byTime])).toMatchObject([{ ratio: 0.5, verdict: 'held' }])
  })

  it('compares one server in two cases', () => {
    const across = {
      ...budget,
      subject: { case: 'routes-1000', server: 'web' },
      against: { case: 'routes-10', server: 'web' },
    }
    const results = [result('routes-10', { web: [10] }), result('routes-1000', { web: [12] })]
    expect(checkBudgets(results, [across])).toMatchObject([{ ratio: 1.2, verdict: 'held' }])
  })

  it('says nothing about what was not measured, or failed', () => {
    const unmeasured = [{ budget, ratio: null, verdict: null }]
    expect(checkBudgets([], [budget])).toEqual(unmeasured)
    expect(checkBudgets([result('hello-plain', { web: [14] })], [budget])).toEqual(unmeasured)
    expect(checkBudgets([result('hello-plain', { web: [14], 'net-floor': [] })], [budget])).toEqual(
      unmeasured,
    )
  })
})

const known = (mark: { case: string; server: string }): boolean => {
  const kind = cases.find(({ name }) => name === mark.case)?.app.kind
  return peers.some(({ name, kinds }) => name === mark.server && kinds.some((each) => each === kind))
}

it('has budgets of cases and servers that there are', () => {
  const marks = budgets.flatMap(({ subject, against }) => [subject, against])
  expect(marks.filter((mark) => !known(mark))).toEqual([])
})
