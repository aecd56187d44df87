import { expect, it } from 'vitest'
import { helloPlain } from '../cases/hello-plain.ts'
import { peers } from '../peers.ts'
import type { ServerResult } from '../run-case.ts'
import { caseSection } from './case-section.ts'
import { parseMarkdownTable } from './markdown-table.ts'

const conditions = { when: '2026-01-31', machine: 'a CPU, 2 cores', tools: 'wrk 4', plan: '3 rounds of 2 s' }

function server(name: string, rounds: ServerResult['rounds'], failure?: string): ServerResult {
  const peer = peers.find((each) => each.name === name)
  if (peer === undefined) throw new Error(`No server ${name}`)
  return { peer, version: '1.2.3', rounds, ...(failure === undefined ? {} : { failure }) }
}

it('shows medians, extremes, and the ratio to the floor', () => {
  const servers = [
    server(
      'net-floor',
      [8, 7, 9].map((cpuUs) => ({ cpuUs, rate: 100_000 })),
    ),
    server(
      'web',
      [10, 12, 11].map((cpuUs) => ({ cpuUs, rate: 1e6 / cpuUs })),
    ),
    server('express', [], 'Wrong answer: 404 ""'),
  ]
  const text = caseSection({ loadCase: helloPlain, servers }, conditions)
  expect(parseMarkdownTable(text)).toEqual([
    ['`node:net`, a fixed answer', '1.2.3', '100,000', '100,000', '8.00', '7.00', '1.00'],
    ['`@tornado-ts/web`', '1.2.3', '90,909', '100,000', '11.00', '10.00', '1.38'],
  ])
  expect(text).toContain('### hello-plain\n')
  expect(text).toContain('2026-01-31; a CPU, 2 cores; wrk 4; 3 rounds of 2 s.')
  expect(text).toContain('Express failed: Wrong answer: 404 ""')
})

it('has no ratio where the floor was not measured', () => {
  const text = caseSection(
    { loadCase: helloPlain, servers: [server('web', [{ cpuUs: 10, rate: 1 }])] },
    conditions,
  )
  expect(parseMarkdownTable(text)[0]?.at(-1)).toBe('–')
})
