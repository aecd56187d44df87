import { expect, it } from 'vitest'
import { fuzz } from './fuzz.ts'

it('decodes 40,000 frames, damaged and whole, the same in pieces (the long form: pnpm run fuzz-websocket)', () => {
  const codes = new Set<string>()
  for (const seed of [1, 2, 3, 4]) {
    const { errors, messages } = fuzz(10_000, seed)
    expect(messages).toBeGreaterThan(1_000)
    for (const code of Object.keys(errors)) codes.add(code)
  }
  expect([...codes]).toEqual(expect.arrayContaining(['1002', '1007']))
  for (const code of codes) expect(['1002', '1007', '1009']).toContain(code)
})
