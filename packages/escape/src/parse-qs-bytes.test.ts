import { expect, it } from 'vitest'
import { parseQsBytes, type ParseQsOptions } from './parse-qs-bytes.ts'

function fields(qs: string | Uint8Array, options?: ParseQsOptions): Record<string, string[]> {
  const entries = [...parseQsBytes(qs, options)]
  return Object.fromEntries(
    entries.map(([name, values]) => [name, values.map((value) => Buffer.from(value).toString('latin1'))]),
  )
}

it.each<[string, Record<string, string[]>]>([
  ['a=1&b=2&a=3', { a: ['1', '3'], b: ['2'] }],
  ['a=1;b=2', { a: ['1;b=2'] }],
  ['a+b=c+d%2B', { 'a b': ['c d+'] }],
  ['a=b=c', { a: ['b=c'] }],
  ['=x', { '': ['x'] }],
  ['%zz=%4', { '%zz': ['%4'] }],
  ['', {}],
  ['&&&', {}],
])('B-esc-006 reads %j', (qs, expected) => {
  expect(fields(qs)).toEqual(expected)
  expect(fields(Buffer.from(qs))).toEqual(expected)
})

it('B-esc-006 gives latin1 names and bytes as values', () => {
  const parsed = parseQsBytes('%C3%A9=%ff%00')
  expect([...parsed]).toEqual([['Ã©', [Uint8Array.of(0xff, 0)]]])
  expect([...parseQsBytes(Uint8Array.of(0xe9, 0x3d, 0xe9))]).toEqual([['é', [Buffer.from([0xe9])]]])
  expect([...parseQsBytes('é=é')]).toEqual([['é', [Buffer.from([0xe9])]]])
})

it('B-esc-006 keeps blank values only if asked', () => {
  expect(fields('a=&b&c=1&=')).toEqual({ c: ['1'] })
  expect(fields('a=&b&c=1&=&', { keepBlankValues: true })).toEqual({ a: [''], b: [''], c: ['1'], '': [''] })
})

it('refuses fields without = if strict', () => {
  expect(() => parseQsBytes('a=1&b', { strictParsing: true })).toThrow(new SyntaxError('Bad query field "b"'))
  expect(() => parseQsBytes('a=1&', { strictParsing: true })).toThrow(SyntaxError)
  expect(fields('a=1&b=', { strictParsing: true })).toEqual({ a: ['1'] })
  expect(fields('', { strictParsing: true })).toEqual({})
})

it('refuses text that no start line holds', () => {
  expect(() => parseQsBytes('a=日')).toThrow(RangeError)
})

it('takes names that objects would not', () => {
  const parsed = parseQsBytes('__proto__=1&constructor=2')
  expect([...parsed.keys()]).toEqual(['__proto__', 'constructor'])
  expect(Object.getPrototypeOf(parsed)).toBe(Map.prototype)
})
