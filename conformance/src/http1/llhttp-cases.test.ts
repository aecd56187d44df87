import { expect, it } from 'vitest'
import { describeCases } from '../data.ts'
import { outcomeOf, requestOutcomeOf } from './outcome.ts'

interface Case {
  readonly id: string
  readonly title: string
  readonly type: string
  readonly raw_base64: string
  readonly expect: 'ok' | 'error' | 'pause-or-upgrade'
  readonly messages_complete: number
  readonly log: readonly string[]
}

/** Where we say something else than llhttp; the README beside says why. */
const differences = new Map<string, string>([
  ['request/connection.md:81', '2 complete'],
  ['request/connection.md:156', '1 complete, then 400'],
  ['request/content-length.md:444', 'a head'],
  ['request/finish.md:30', '400'],
  ['request/finish.md:55', '400'],
  ['request/invalid.md:66', '1 complete'],
  ['request/invalid.md:356', '1 complete'],
  ['request/method.md:135', '400'],
  ['request/method.md:372', '400'],
  ['request/method.md:400', '400'],
  ['request/method.md:430', '400'],
  ['request/method.md:458', '400'],
  ['request/sample.md:314', '400'],
  ['request/transfer-encoding.md:328', '1 complete'],
  ['request/transfer-encoding.md:424', '1 complete'],
  ['request/transfer-encoding.md:751', '400'],
  ['request/transfer-encoding.md:793', '400'],
  ['request/uri.md:148', '1 complete'],
  ['request/uri.md:222', '400'],
  ['response/connection.md:164', '1 complete'],
  ['response/connection.md:293', '400'],
  ['response/connection.md:331', '400'],
  ['response/content-length.md:123', 'a head'],
  ['response/finish.md:6', '1 complete'],
  ['response/sample.md:40', '400'],
  ['response/sample.md:60', '400'],
  ['response/sample.md:645', '400'],
  ['response/transfer-encoding.md:43', '400'],
  ['response/transfer-encoding.md:74', '400'],
  ['response/transfer-encoding.md:110', '400'],
  ['response/transfer-encoding.md:248', '1 complete'],
  ['response/transfer-encoding.md:345', '1 complete'],
])

describeCases<Case>('llhttp-cases.json', (cases) => {
  it.each(cases.map((each) => [each.id, each.title, each] as const))('%s %s', (id, _title, each) => {
    const raw = restoreEnd(each)
    const end = each.type.endsWith('-finish')
    const isRequest = each.type.startsWith('request')
    const outcome = isRequest ? requestOutcomeOf(raw, { end }) : outcomeOf(raw, { role: 'client', end })
    const complete = outcome.messages.filter((message) => message.complete).length
    const difference = differences.get(id)
    if (difference !== undefined) expect(outcome.brief).toBe(difference)
    else if (each.expect === 'error') expect(outcome.status).not.toBeNull()
    else if (each.expect === 'ok') expect([outcome.status, complete]).toEqual([null, each.messages_complete])
    // What follows an upgrade is not HTTP, which a parser leaves to its user to see.
    else expect(complete).toBeGreaterThanOrEqual(1)
  })
})

/** The data has lost the last line ends: the log of llhttp shows whether a message went on behind them. */
function restoreEnd({ raw_base64, expect: answer, log }: Case): string {
  const raw = Buffer.from(raw_base64, 'base64').toString('latin1')
  if (answer === 'error') return `${raw}\r\n\r\n`
  const ends = log
    .map((line) => /^off=(\d+)(?: len=(\d+))?/.exec(line))
    .map((match) => Number(match?.[1] ?? 0) + Number(match?.[2] ?? 0))
  return Math.max(0, ...ends) > raw.length ? `${raw}\r\n` : raw
}
