import { expect, it, vi } from 'vitest'
import { closeStatus, RawPeer } from '../test/raw-peer.ts'
import { serve } from '../test/serve.ts'
import { WebSocketHandler } from './index.ts'
import { Keepalive, type PingTarget } from './keepalive.ts'

/** Runs a keepalive against a peer on fake timers; answers when what happened, in ms. */
function run(
  intervalMs: number,
  timeoutMs: number,
  durationMs: number,
  answers: (keepalive: Keepalive, pings: number) => void,
): { pings: number[]; timedOutMs: number | null } {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  try {
    const begun = performance.now()
    const pings: number[] = []
    let timedOutMs: number | null = null
    const target: PingTarget = {
      deaf: false,
      sendPing() {
        pings.push(performance.now() - begun)
        answers(keepalive, pings.length)
      },
      pingTimedOut: () => void (timedOutMs = performance.now() - begun),
    }
    const keepalive = new Keepalive(target, intervalMs, timeoutMs)
    vi.advanceTimersByTime(durationMs)
    keepalive.stop()
    return { pings, timedOutMs }
  } finally {
    vi.useRealTimers()
  }
}

it('B-ws-052 the first ping comes after an interval, then one each interval, a little jittered', () => {
  const { pings, timedOutMs } = run(10_000, 10_000, 100_000, (keepalive) => (keepalive.heard = true))
  expect(timedOutMs).toBeNull()
  expect(pings.length).toBeGreaterThanOrEqual(8)
  expect(pings.length).toBeLessThanOrEqual(11)
  for (const [index, at] of pings.entries()) {
    const gap = at - (pings[index - 1] ?? 0)
    expect(gap).toBeGreaterThanOrEqual(8_900)
    expect(gap).toBeLessThanOrEqual(12_100)
  }
})

it('B-ws-051 the time-out does not depend on the interval, longer or shorter', () => {
  const silent = (): void => {}
  const shorter = run(20_000, 5_000, 100_000, silent)
  expect(shorter.pings).toHaveLength(1)
  expect(shorter.timedOutMs! - shorter.pings[0]!).toBeGreaterThanOrEqual(4_900)
  expect(shorter.timedOutMs! - shorter.pings[0]!).toBeLessThan(8_000)
  const longer = run(5_000, 20_000, 100_000, silent)
  expect(longer.pings.length).toBeGreaterThanOrEqual(4)
  expect(longer.timedOutMs! - longer.pings[0]!).toBeGreaterThanOrEqual(19_900)
})

it('any byte from the peer counts as life', () => {
  const { timedOutMs } = run(5_000, 5_000, 60_000, (keepalive, pings) => {
    if (pings < 4) keepalive.heard = true
  })
  expect(timedOutMs).toBeGreaterThan(20_000)
})

it('B-ws-050 a time-out of 0 waits for ever; intervals of settings can be overridden for a connection', async () => {
  expect(run(5_000, 0, 60_000, () => {}).timedOutMs).toBeNull()
  const seen: [number, number, boolean][] = []
  class Plain extends WebSocketHandler {
    override open(): void {
      seen.push([
        this.pingIntervalMs,
        this.pingTimeoutMs,
        this.wsConnection!.pingIntervalMs === this.pingIntervalMs,
      ])
    }
  }
  class Own extends Plain {
    override get pingIntervalMs(): number {
      return 7_000
    }
  }
  const { port } = await serve(
    [
      ['/ws', Plain],
      ['/own', Own],
    ],
    { websocketPingIntervalMs: 30_000 },
  )
  await RawPeer.open(port)
  await RawPeer.open(port, '/own')
  const off = await serve([['/ws', Plain]], { websocketPingTimeoutMs: 4 })
  await RawPeer.open(off.port)
  expect(seen).toEqual([
    [30_000, 30_000, true],
    [7_000, 7_000, true],
    [0, 4, true],
  ])
})

it('B-ws-053 a peer that does not answer pings is closed with 1000 and a reason', async () => {
  const closed = Promise.withResolvers<[number | null, string | null]>()
  class Quick extends WebSocketHandler {
    override onClose(code: number | null, reason: string | null): void {
      closed.resolve([code, reason])
    }
  }
  const { port } = await serve([['/ws', Quick]], { websocketPingIntervalMs: 30, websocketPingTimeoutMs: 30 })
  const peer = await RawPeer.open(port)
  let frame = await peer.readFrame()
  expect(frame).toEqual({ first: 0x89, payload: Buffer.alloc(0) })
  while (frame?.first === 0x89) frame = await peer.readFrame()
  expect(closeStatus(frame)).toEqual({ code: 1000, reason: 'ping timed out' })
  expect(await peer.readFrame()).toBeNull()
  expect(await closed.promise).toEqual([1000, 'ping timed out'])
})
