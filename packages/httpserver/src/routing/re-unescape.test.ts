import { expect, it } from 'vitest'
import { reUnescape } from './re-unescape.ts'

it('B-util-005 undoes the escapes of a regular expression', () => {
  expect(reUnescape('a\\.b\\\\c\\-\\/\\ \\\n')).toBe('a.b\\c-/ \n')
  expect(reUnescape('\\x61\\x2d\\u2028\\t\\n')).toBe('a-\u2028\t\n')
  expect(reUnescape('')).toBe('')
  const { escape } = RegExp as { escape?: (text: string) => string }
  if (escape === undefined) return
  const all = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join('')
  expect(reUnescape(escape(all))).toBe(all)
})

it.each(['\\d', '\\b', '\\B', '\\1', '\\Q', '\\', '\\F', '\\x6', '\\u12'])(
  'B-util-005 refuses %s, which stands for no one character',
  (source) => {
    expect(() => reUnescape(source)).toThrow(RangeError)
  },
)
