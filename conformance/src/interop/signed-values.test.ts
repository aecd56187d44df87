import { createSignedValue, decodeSignedValue, type CookieSecret } from '@tornado-ts/web'
import { expectLog } from '@tornado-ts/log/testing'
import { genLog } from '@tornado-ts/log'
import { describe, expect, it } from 'vitest'
import { pythonTornadoVersion, runPython } from './python.ts'

interface Case {
  readonly secret: string | Record<string, string>
  readonly name: string
  /** In hexadecimal digits. */
  readonly value: string
  readonly version: number
  readonly keyVersion: number | null
  readonly clockS: number
}

/** A small generator, so that a failure can be repeated. */
let state = 20261122
function random(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
  return (state >>> 8) % below
}

const text = (size: number): string =>
  Array.from({ length: size }, () => String.fromCharCode(0x21 + random(0x5e))).join('')

const cases: Case[] = Array.from({ length: 200 }, (_, i) => {
  const table = i % 3 === 2
  return {
    secret: table ? { 1: text(20), 7: text(20) } : text(1 + random(60)),
    name: text(1 + random(12)).replaceAll(/[^A-Za-z]/g, 'x'),
    value: Buffer.from(Array.from({ length: random(80) }, () => random(256))).toString('hex'),
    version: table || i % 2 === 0 ? 2 : 1,
    keyVersion: table ? 7 : null,
    clockS: 1_600_000_000 + random(200_000_000),
  }
})

const secretOf = ({ secret }: Case): CookieSecret => secret as CookieSecret
const sign = (c: Case): string =>
  createSignedValue(secretOf(c), c.name, Buffer.from(c.value, 'hex'), {
    version: c.version,
    clock: () => c.clockS * 1000,
    ...(c.keyVersion === null ? {} : { keyVersion: c.keyVersion }),
  })

const prelude = `
from tornado.web import create_signed_value, decode_signed_value
def secret_of(c):
    s = c['secret']
    return {int(k): v for k, v in s.items()} if isinstance(s, dict) else s
`

describe.skipIf(pythonTornadoVersion === null)('signed values and Python Tornado (python3-tornado)', () => {
  it('B-cookie-013 B-cookie-015 sign the same text for the same input', () => {
    const theirs = runPython(
      `${prelude}
result = [create_signed_value(secret_of(c), c['name'], bytes.fromhex(c['value']), version=c['version'],
          clock=lambda: c['clockS'], key_version=c['keyVersion']).decode() for c in given]`,
      cases,
    )
    expect(theirs).toEqual(cases.map(sign))
  })

  it('read what the other has signed', () => {
    const read = runPython(
      `${prelude}
result = []
for c, text in given:
    value = decode_signed_value(secret_of(c), c['name'], text, clock=lambda: c['clockS'])
    result.append(None if value is None else value.hex())`,
      cases.map((c) => [c, sign(c)]),
    )
    expect(read).toEqual(cases.map(({ value }) => value))
  })

  it('refuse the same damage', () => {
    const damaged = cases.flatMap((c) => {
      const signed = sign(c)
      const at = random(signed.length)
      return [signed.slice(0, at), signed.slice(0, at) + text(1) + signed.slice(at + 1), `${signed}0`].map(
        (changed) => [c, changed] as const,
      )
    })
    const theirs = runPython(
      `${prelude}
import logging
logging.disable(logging.CRITICAL)
result = []
for c, text in given:
    try:
        value = decode_signed_value(secret_of(c), c['name'], text, clock=lambda: c['clockS'])
    except AssertionError:
        value = None
    result.append(None if value is None else value.hex())`,
      damaged,
    )
    using _logged = expectLog(genLog, /./, { required: false })
    void _logged
    const ours = damaged.map(([c, changed]) => {
      const value = decodeSignedValue(secretOf(c), c.name, changed, { clock: () => c.clockS * 1000 })
      return value === null ? null : value.toString('hex')
    })
    expect(ours).toEqual(theirs)
  })
})
