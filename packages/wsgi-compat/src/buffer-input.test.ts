import { expect, it } from 'vitest'
import { BufferInput } from './buffer-input.ts'

const body = Buffer.from('one\ntwo\n\nlast')
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

it('reads as the file of PEP 3333', () => {
  const input = new BufferInput(body)
  expect(textOf(input.read(2))).toBe('on')
  expect(textOf(input.readline())).toBe('e\n')
  expect(textOf(input.readline(2))).toBe('tw')
  expect(textOf(input.read(0))).toBe('')
  expect(textOf(input.readline(-1))).toBe('o\n')
  expect(input.readlines().map(textOf)).toEqual(['\n', 'last'])
  expect(textOf(input.read())).toBe('')
  expect(textOf(input.readline())).toBe('')
})

it('yields lines, and about as many bytes of them as readlines is asked for', () => {
  expect(Array.from(new BufferInput(body), textOf)).toEqual(['one\n', 'two\n', '\n', 'last'])
  expect(new BufferInput(body).readlines(5).map(textOf)).toEqual(['one\n', 'two\n'])
  expect(textOf(new BufferInput(body).read(-1))).toBe(String(body))
})
