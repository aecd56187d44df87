import fc from 'fast-check'
import { expect, it } from 'vitest'
import { filterWhitespace, type WhitespaceMode } from './filter-whitespace.ts'

it('B-tpl-020 all keeps, single leaves one space or one line end, oneline one space; there is no other', () => {
  const text = ' a \t\t b\t\n \t\n c\r\n d\u00a0\u00a0e  \n'
  expect(filterWhitespace('all', text)).toBe(text)
  expect(filterWhitespace('single', text)).toBe(' a b\nc\nd\u00a0\u00a0e\n')
  expect(filterWhitespace('oneline', text)).toBe(' a b c d e ')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript may pass
  expect(() => filterWhitespace('most' as WhitespaceMode, '')).toThrow(
    new RangeError('Unknown whitespace mode: most'),
  )
})

it('takes for white space what Python does', () => {
  const spaces = '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000'
  for (const space of spaces) expect(filterWhitespace('oneline', `a${space}b`)).toBe('a b')
  for (const other of '\x00\x08\x1b\u180e\u200b\ufeff') {
    expect(filterWhitespace('oneline', `a${other}b`)).toBe(`a${other}b`)
  }
})

it('does in one go what Tornado does with one expression after the other', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\n', '\r', '\u00a0', '\v') })
  fc.assert(
    fc.property(text, (each) => {
      const single = each.replaceAll(/[\t ]+/g, ' ').replaceAll(/\s*\n\s*/g, '\n')
      expect(filterWhitespace('single', each)).toBe(single)
      expect(filterWhitespace('oneline', each)).toBe(each.replaceAll(/\s+/g, ' '))
    }),
  )
})

it('takes linear time', () => {
  const text = ' '.repeat(1_000_000)
  expect(filterWhitespace('single', `${text}x`)).toBe(' x')
  expect(filterWhitespace('single', '\v'.repeat(1_000_000))).toHaveLength(1_000_000)
})
