import { describe, expect, it } from 'vitest'
import { describeCases } from '../data.ts'
import { engines } from './engines.ts'
import { outcomeOfReply } from './exchange-raw.ts'

interface Case {
  readonly id: string
  readonly title: string
  readonly type: string
  readonly raw_base64: string
  readonly expect: 'ok' | 'error' | 'pause-or-upgrade'
  readonly log: readonly string[]
}

const accepted = 'accepted'
const closed = 'HTTPStreamClosedError'
const malformed = 'HTTPProtocolError'

/** Where we say something else than llhttp, or the case ends in the middle of a message. */
const differences: Readonly<Record<string, [outcome: string, why: string]>> = {
  'response/connection.md:164': [accepted, 'what follows a response that closes is not read (RFC 9112 §9.6)'],
  'response/connection.md:225': [accepted, 'what follows a response that closes is not read (RFC 9112 §9.6)'],
  'response/connection.md:293': [malformed, 'RFC 9112 §6.3: a 101 has no body'],
  'response/connection.md:331': [malformed, 'RFC 9112 §6.1: a 101 has no Transfer-Encoding'],
  'response/connection.md:641': [closed, 'the data ends before the body does'],
  'response/content-length.md:123': [closed, 'the second message is the body of the first (RFC 9112 §6.3)'],
  'response/content-length.md:168': [closed, 'the data ends before the body does'],
  'response/sample.md:40': [malformed, 'RFC 9112 §4: RTSP is not HTTP'],
  'response/sample.md:60': [malformed, 'RFC 9112 §4: ICE is not HTTP'],
  'response/sample.md:118': [closed, 'the data ends before the body does'],
  'response/sample.md:645': [malformed, 'RFC 9112 §2.3: HTTP/0.9 has no status line'],
  'response/transfer-encoding.md:43': [
    malformed,
    'RFC 9112 §6.1: chunked is the last coding, and the only one spoken',
  ],
  'response/transfer-encoding.md:74': [
    malformed,
    'RFC 9112 §6.1: chunked is the last coding, and the only one spoken',
  ],
  'response/transfer-encoding.md:110': [malformed, 'RFC 9112 §6.1: a coding that is not known'],
  'response/transfer-encoding.md:248': [
    accepted,
    'RFC 9112 §7.1.1: extensions are skipped, whatever they are',
  ],
  'response/transfer-encoding.md:284': [closed, 'the data ends before the last chunk does'],
  'response/transfer-encoding.md:345': [
    accepted,
    'RFC 9112 §7.1.1: extensions are skipped, whatever they are',
  ],
}

describeCases<Case>('llhttp-cases.json', (cases) => {
  const responses = cases.filter(({ type }) => type.startsWith('response'))
  for (const { name, create, outcomes = {} } of engines) {
    describe(`${name}`, () => {
      it.each(responses.map((each) => [each.id, each.title, each] as const))(
        '%s %s',
        async (id, _title, each) => {
          await using client = create()
          const { error } = await outcomeOfReply(client, Buffer.from(restoreEnd(each), 'latin1'))
          const outcome = error === null ? accepted : error.name
          const difference = outcomes[id] ?? differences[id]
          if (difference !== undefined) expect(outcome).toBe(difference[0])
          else if (each.expect === 'error') expect([malformed, closed]).toContain(outcome)
          // Nobody has asked for another protocol.
          else if (Buffer.from(each.raw_base64, 'base64').toString().startsWith('HTTP/1.1 101'))
            expect(outcome).toBe(malformed)
          else expect(outcome).toBe(accepted)
        },
      )
    })
  }
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
