import { describe, expect, it } from 'vitest'
import { describeCases } from '../data.ts'
import { curlReplyBytes, type CurlReply } from './curl-reply.ts'
import { engines } from './engines.ts'
import { outcomeOfReply } from './exchange-raw.ts'

const accepted = 'accepted'
const closed = 'HTTPStreamClosedError'
const malformed = 'HTTPProtocolError'

/** Where we say something else than curl, and why. */
const differences: Readonly<Record<string, [outcome: string, why: string]>> = {
  test129: [accepted, 'RFC 9110 §2.5: a higher minor version is read as the highest that is known'],
  test334: [malformed, 'RFC 9112 §6.1: a 204 has no Transfer-Encoding; Tornado refuses it, too'],
  test365: [
    malformed,
    'RFC 9112 §6.3: Transfer-Encoding with Content-Length ought to be handled as an error',
  ],
  test395: [malformed, 'RFC 9112 §6.3: an invalid Content-Length is an unrecoverable error'],
  test514: [closed, 'the reply is that to a HEAD; to a GET it is cut short (RFC 9112 §8)'],
  test580: [accepted, 'several Locations: the redirect is not followed, and is the response'],
  test772: [accepted, 'several Locations mean nothing with a 200'],
  test1425: [accepted, 'of the command line: binary output on a terminal'],
  test1473: [malformed, 'RFC 9112 §5.2: whitespace before the first field'],
  test1511: [accepted, 'of the test program: its redirects'],
  test1533: [accepted, 'of the test program'],
  test1556: [malformed, 'a head of more than maxHeaderSize'],
  test1591: [closed, 'the head has no end in the data (RFC 9112 §8)'],
  test1598: [closed, 'the head has no end in the data (RFC 9112 §8)'],
  test1943: [
    malformed,
    'RFC 9112 §2.2 allows to take a bare LF for a line end; that is how responses are smuggled',
  ],
  test3025: [malformed, 'RFC 9112 §4: ICY is not HTTP'],
  test3034: [closed, 'the head has no end in the data (RFC 9112 §8)'],
}

describeCases<CurlReply>('curl-replies.json', (cases) => {
  for (const { name, create, outcomes = {} } of engines) {
    describe(`${name}`, () => {
      it.each(cases.map((each) => [each.id, each.name, each] as const))('%s %s', async (id, _title, each) => {
        await using client = create()
        const { error } = await outcomeOfReply(client, curlReplyBytes(each))
        const outcome = error === null ? accepted : error.name
        const difference = outcomes[id] ?? differences[id]
        if (difference !== undefined) expect(outcome).toBe(difference[0])
        else if (each.errorcode === 0) expect(outcome).toBe(accepted)
        else expect([malformed, closed]).toContain(outcome)
      })
    })
  }
})
