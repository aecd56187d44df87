import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSignedValue, decodeSignedValue, getSignatureKeyVersion } from './signed-value.ts'

const clock = (): number => 1_700_000_000_000
const later = (days: number) => (): number => clock() + days * 86_400_000
const secret = 'parity-secret'
const keys = { 1: 'k-one', 2: 'k-two' }

describe('signed values', () => {
  it('B-cookie-015 B-cookie-016 of version 1 are those of Python Tornado', () => {
    const value = 'YWxpY2U=|1700000000|9f1d7d1527242d29d5ba6fadc124675e782af3d2'
    expect(createSignedValue(secret, 'user', 'alice', { version: 1, clock })).toBe(value)
    expect(decodeSignedValue(secret, 'user', value, { clock })?.toString()).toBe('alice')
  })

  it('B-cookie-013 B-cookie-014 B-cookie-017 of version 2 are those of Python Tornado', () => {
    const value =
      '2|1:0|10:1700000000|4:user|8:YWxpY2U=|6da4a0113f516bebebbd49785e8a7c4fa4f54e41073d42ef865e02d90afb23ba'
    expect(createSignedValue(secret, 'user', 'alice', { clock })).toBe(value)
    expect(decodeSignedValue(secret, 'user', value, { clock })?.toString()).toBe('alice')
  })

  it('B-cookie-014 of version 2 tell lengths in bytes of UTF-8, for names too', () => {
    const value = createSignedValue(secret, 'é', 'ü', { clock })
    expect(value).toMatch(/^2\|1:0\|10:1700000000\|2:é\|4:w7w=\|[0-9a-f]{64}$/)
    expect(decodeSignedValue(secret, 'é', value, { clock })?.toString()).toBe('ü')
  })

  it('B-cookie-018 B-cookie-023 of a table of keys name the key, and are read by it', () => {
    const value =
      '2|1:2|10:1700000000|4:user|4:AP8=|433d089211cb308f9e1272ca1fffd6ae62accefd707b147d816032dae8afe96f'
    const bytes = Uint8Array.of(0, 255)
    for (const table of [
      keys,
      new Map(Object.entries(keys).map(([version, key]) => [Number(version), key])),
    ]) {
      expect(createSignedValue(table, 'user', bytes, { clock, keyVersion: 2 })).toBe(value)
      expect(decodeSignedValue(table, 'user', value, { clock })).toEqual(Buffer.from(bytes))
      expect(() => createSignedValue(table, 'user', 'x')).toThrow(TypeError)
      expect(() => createSignedValue(table, 'user', 'x', { keyVersion: 3 })).toThrow(TypeError)
      expect(() => createSignedValue(table, 'user', 'x', { version: 1, keyVersion: 1 })).toThrow(TypeError)
    }
    expect(decodeSignedValue({ 1: 'k-one' }, 'user', value, { clock })).toBeNull()
    const v1 = createSignedValue('k-one', 'user', 'x', { version: 1, clock })
    expect(decodeSignedValue({ 0: 'k-one', 1: 'k-one' }, 'user', v1, { clock })).toBeNull()
    expect(decodeSignedValue({ 2: 'k-one' }, 'user', value, { clock })).toBeNull()
    for (const version of ['constructor', '__proto__', 'toString']) {
      expect(
        decodeSignedValue(keys, 'user', value.replace('1:2', `${version.length}:${version}`), { clock }),
      ).toBeNull()
    }
  })

  it('B-cookie-019 B-cookie-020 are told apart by the number they begin with', () => {
    const v1 = createSignedValue(secret, 'a', 'x', { version: 1, clock })
    const v2 = createSignedValue(secret, 'a', 'x', { clock })
    expect(decodeSignedValue(secret, 'a', v1, { clock, minVersion: 2 })).toBeNull()
    expect(decodeSignedValue(secret, 'a', v2, { clock, minVersion: 2 })?.toString()).toBe('x')
    expect(() => decodeSignedValue(secret, 'a', v2, { minVersion: 3 })).toThrow(RangeError)
    expect(() => createSignedValue(secret, 'a', 'x', { version: 3 })).toThrow(RangeError)
    // Digits in front of a value of layout 1: a number over 999 is no version.
    for (const digits of ['1000', '0123', '9999']) {
      const bytes = Buffer.from(digits, 'base64')
      const value = createSignedValue(secret, 'a', bytes, { version: 1, clock })
      expect(value.split('|')[0]).toBe(digits)
      expect(decodeSignedValue(secret, 'a', value, { clock })).toEqual(bytes)
    }
    for (const none of ['', null, undefined, '3|1:0|', '999|x']) {
      expect(decodeSignedValue(secret, 'a', none, { clock })).toBeNull()
    }
  })

  it('B-cookie-021 of version 1 are refused when changed, too old, or from the future', () => {
    const value = createSignedValue(secret, 'a', 'x', { version: 1, clock })
    const [encoded, timestamp, signature] = value.split('|') as [string, string, string]
    using invalid = expectLog(genLog, /^Invalid cookie signature/)
    expect(decodeSignedValue(secret, 'b', value, { clock })).toBeNull()
    expect(decodeSignedValue(secret, 'a', `${encoded}|${timestamp}|${'0'.repeat(40)}`, { clock })).toBeNull()
    expect(
      decodeSignedValue(secret, 'a', `${encoded}|${timestamp}|${signature.slice(1)}`, { clock }),
    ).toBeNull()
    expect(invalid.records).toHaveLength(3)
    using expired = expectLog(genLog, /^Expired cookie/)
    expect(decodeSignedValue(secret, 'a', value, { clock: later(32) })).toBeNull()
    expect(decodeSignedValue(secret, 'a', value, { clock: later(30) })?.toString()).toBe('x')
    expect(decodeSignedValue(secret, 'a', value, { clock: later(2), maxAgeDays: 1 })).toBeNull()
    expect(expired.records).toHaveLength(2)
    using future = expectLog(genLog, /^Cookie timestamp in future/)
    expect(decodeSignedValue(secret, 'a', value, { clock: later(-32) })).toBeNull()
    expect(future.seen).toBe(true)
  })

  it('B-cookie-021 of version 1 do not let digits move between value and time', () => {
    const value = createSignedValue(secret, 'a', Buffer.from('a123', 'base64'), { version: 1, clock })
    const [encoded, timestamp, signature] = value.split('|') as [string, string, string]
    // The signature is over the fields without a mark between them, so moving digits keeps it valid.
    using future = expectLog(genLog, /^Cookie timestamp in future/)
    expect(
      decodeSignedValue(
        secret,
        'a',
        `${encoded.slice(0, -3)}|${encoded.slice(-3)}${timestamp}|${signature}`,
        { clock },
      ),
    ).toBeNull()
    expect(future.seen).toBe(true)
    const zeros = createSignedValue(secret, 'a', Buffer.from('a230', 'base64'), { version: 1, clock }).split(
      '|',
    )
    using tampered = expectLog(genLog, /^Tampered cookie/)
    const moved = `${zeros[0]!.slice(0, -1)}|0${zeros[1]!}|${zeros[2]!}`
    expect(decodeSignedValue(secret, 'a', moved, { clock })).toBeNull()
    expect(tampered.seen).toBe(true)
  })

  it('B-cookie-022 of version 2 are refused in silence, whatever is wrong', () => {
    const value = createSignedValue(secret, 'name', 'value', { clock })
    expect(decodeSignedValue(secret, 'other', value, { clock })).toBeNull()
    expect(decodeSignedValue(secret, 'name', value, { clock: later(32) })).toBeNull()
    // No check for the future: the time is signed apart from the rest.
    expect(decodeSignedValue(secret, 'name', value, { clock: later(-400) })?.toString()).toBe('value')
    for (const bad of [
      '2|',
      '2|1',
      '2|1:',
      '2|-1:0|',
      '2|+1:0|',
      '2|01:0|10:1700000000|4:name|8:dmFsdWU=|',
      '2|99999999999999999999:0|',
      '2|1:0|10:1700000000|4:name|9:dmFsdWU=|x',
      '2|1:x|10:1700000000|4:name|8:dmFsdWU=|x',
      '2|1:0|0:|0:|0:|',
      '2|1:0|1:0|4:name|8:dmFsdWU=|é',
    ]) {
      expect([bad, decodeSignedValue(secret, 'name', bad, { clock })]).toEqual([bad, null])
    }
    for (let i = 0; i < value.length; i++) {
      expect(decodeSignedValue(secret, 'name', value.slice(0, i), { clock, minVersion: 2 })).toBeNull()
      const changed = value.slice(0, i) + (value[i] === 'a' ? 'b' : 'a') + value.slice(i + 1)
      expect([i, decodeSignedValue(secret, 'name', changed, { clock, minVersion: 2 })]).toEqual([i, null])
    }
  })

  it('B-cookie-024 tell the version of their key', () => {
    expect(getSignatureKeyVersion(createSignedValue(keys, 'a', 'x', { keyVersion: 2 }))).toBe(2)
    expect(getSignatureKeyVersion(createSignedValue(secret, 'a', 'x'))).toBe(0)
    for (const none of [createSignedValue(secret, 'a', 'x', { version: 1 }), '2|x', '', null]) {
      expect(getSignatureKeyVersion(none)).toBeNull()
    }
  })

  it('give back any name and bytes (property)', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), fc.constantFrom(1, 2), (name, bytes, version) => {
        const value = createSignedValue(secret, name, bytes, { version, clock })
        expect(decodeSignedValue(secret, name, value, { clock })).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('never throw for what a client sends (property)', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('0', '1', '2', '9', '|', ':', 'a', '=', 'é', '-') }),
        (text) => {
          using _logged = expectLog(genLog, /./, { required: false })
          void _logged
          expect(decodeSignedValue(secret, 'a', `2|${text}`, { clock })).toBeNull()
          expect(decodeSignedValue(secret, 'a', text, { clock })).toBeNull()
          getSignatureKeyVersion(text)
        },
      ),
    )
  })
})
