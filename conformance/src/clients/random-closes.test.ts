import { expect, it } from 'vitest'
import { fetchFromRandomCloser } from './random-closes.ts'

it('a server that closes idle connections at random fails no request', async () => {
  const { done, errors, connections } = await fetchFromRandomCloser(3_000, 20)
  expect([...errors]).toEqual([])
  expect(done).toBe(3_000)
  expect(connections).toBeGreaterThan(40)
})
