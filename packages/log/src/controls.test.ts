import { expect, it } from 'vitest'
import { escapeControls, escapeLine } from './controls.ts'

it('escapes every control character but tab and newline', () => {
  for (let code = 0; code < 0xa0; code++) {
    const character = String.fromCharCode(code)
    const plain = character === '\t' || character === '\n' || (code >= 0x20 && code < 0x7f)
    expect(escapeControls(`a${character}`) === `a${character}`).toBe(plain)
  }
})

it.each([
  ['\x1b]0;owned\x07', String.raw`\x1b]0;owned\x07`],
  ['a\r\nb', 'a\\r\nb'],
  ['\u009b31m', String.raw`\x9b31m`],
  ['\u2028\u2029\u202e\u2066\u200f\ufeff', String.raw`\u2028\u2029\u202e\u2066\u200f\ufeff`],
  ['\ud800x\udfff', String.raw`\ud800x\udfff`],
  ['tab\tand é 😀', 'tab\tand é 😀'],
])('shows %j as %j', (text, expected) => {
  expect(escapeControls(text)).toBe(expected)
  expect(escapeControls(text)).toBe(expected)
})

it('keeps a line one line where that is asked for', () => {
  expect(escapeLine('a\nb\x00')).toBe(String.raw`a\nb\x00`)
})
