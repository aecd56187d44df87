import { expect, it } from 'vitest'
import { engines } from './engines.ts'
import { fetchFromRandomCloser } from './random-closes.ts'

it.each(engines)(
  '$name: a server that closes idle connections at random fails no request',
  async (engine) => {
    const { done, errors, connections } = await fetchFromRandomCloser(engine, 1_500, 20)
    expect([...errors]).toEqual([])
    expect(done).toBe(1_500)
    expect(connections).toBeGreaterThan(30)
  },
)
