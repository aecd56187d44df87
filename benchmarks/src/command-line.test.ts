import { expect, it } from 'vitest'
import { parseCommandLine } from './command-line.ts'

it('asks for everything, built and written, by default', () => {
  expect(parseCommandLine([])).toMatchObject({
    cases: [],
    servers: [],
    quick: false,
    build: true,
    write: true,
  })
})

it('takes names and flags in any order, with or without the dashes that npm wants', () => {
  const args = [
    'hello',
    '--quick',
    'json',
    '--servers',
    'web,net-floor',
    '--rounds=3',
    '--seconds',
    '0.5',
    '--no-write',
  ]
  const expected = {
    cases: ['hello', 'json'],
    servers: ['web', 'net-floor'],
    quick: true,
    rounds: 3,
    roundMs: 500,
    build: true,
    write: false,
  }
  expect(parseCommandLine(args)).toMatchObject(expected)
  expect(parseCommandLine(['--', ...args])).toMatchObject(expected)
})

it('refuses options it does not know and values that make no sense', () => {
  expect(() => parseCommandLine(['--quik'])).toThrow(TypeError)
  expect(() => parseCommandLine(['--rounds', '1.5'])).toThrow('--rounds wants a whole number: 1.5')
  expect(() => parseCommandLine(['--rounds', '0'])).toThrow('--rounds wants a number above 0: 0')
  expect(() => parseCommandLine(['--seconds', 'long'])).toThrow('--seconds wants a number above 0: long')
})
