import { expect, it } from 'vitest'
import { decodeExtendedValue } from './extended-value.ts'

it.each([
  ["utf-8''%e2%82%ac", '€'],
  ["UTF-8'en'%E2%82%AC%20rates", '€ rates'],
  ["iso-8859-1'en'%A3%20rates", '£ rates'],
  ["utf-8''a'b", "a'b"],
  ["utf-8''", ''],
  ["windows-1251''%cf", 'П'],
])('decodes %s', (text, expected) => {
  expect(decodeExtendedValue(text)).toBe(expected)
})

it.each(['plain', "utf-8'x", "klingon''x", "''x", "utf-8''%ff", "__proto__''x", "shift_jis''%ff%ff"])(
  'answers null to %s',
  (text) => {
    expect(decodeExtendedValue(text)).toBeNull()
  },
)
