import { expect, it } from 'vitest'
import { runSlowPeers } from './run.ts'

// The short form; the command has the full one.
it('peers that send a byte now and then are ended by the time-outs, and good clients do not notice', async () => {
  const { statuses, alone, besideThem } = await runSlowPeers({
    count: 300,
    periodMs: 50,
    goodClients: 8,
    durationMs: 300,
    server: { headerTimeoutMs: 1000, minBodyRate: 240, bodyRateWindowMs: 1000 },
  })
  expect(statuses).toEqual({ 408: 300 })
  // A machine that does other things at the time allows no more than this to be said in so short a time.
  expect(besideThem).toBeGreaterThan(alone * 0.3)
})
