import { expect, it } from 'vitest'
import {
  byteClasses,
  hexValue,
  parseDecimal,
  targetClass,
  tokenClass,
  trimOws,
  valueClass,
} from './grammar.ts'

it('B-http1-011 reads decimal digits and nothing else', () => {
  for (const [text, value] of [
    ['0', 0],
    ['7', 7],
    ['0012', 12],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ] as const)
    expect(parseDecimal(text)).toBe(value)
  for (const text of [
    '',
    ' 1',
    '1 ',
    '+1',
    '-1',
    '1_0',
    '0x1',
    '1.0',
    '1e1',
    '\u0661',
    '\uff11',
    '\xb2',
    'a',
    '9007199254740992',
    '1'.repeat(17),
  ])
    expect(parseDecimal(text)).toBe(-1)
})

it('reads hexadecimal digits of either case', () => {
  const digits = '0123456789abcdefABCDEF'
  for (let byte = 0; byte < 256; byte++) {
    const text = String.fromCharCode(byte)
    expect(hexValue(byte)).toBe(digits.includes(text) ? Number.parseInt(text, 16) : -1)
  }
})

it('classes each byte as RFC 9110 §5.6.2 and §5.5 do', () => {
  for (let byte = 0; byte < 256; byte++) {
    const text = String.fromCharCode(byte)
    const visible = byte > 0x20 && byte !== 0x7f
    const classes = byteClasses[byte]!
    expect((classes & tokenClass) !== 0).toBe(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(text))
    expect((classes & targetClass) !== 0).toBe(visible)
    expect((classes & valueClass) !== 0).toBe(visible || byte === 0x20 || byte === 0x09)
  }
})

it('trims spaces and tabs, and nothing else', () => {
  expect(trimOws(' \t a b\t ')).toBe('a b')
  expect(trimOws('\xa0a\v')).toBe('\xa0a\v')
  expect(trimOws(' \t ')).toBe('')
})
