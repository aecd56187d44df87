import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from './fake-clock.ts'
import { IOLoop } from './io-loop.ts'
import { jitterPeriod, nextDueTime, PeriodicCallback } from './periodic-callback.ts'

describe('the schedule, as arithmetic', () => {
  it('B-loop-025 takes the next multiple of the period, and skips whole periods after an overrun', () => {
    expect(nextDueTime(1_000, 1_000, 10)).toBe(1_010)
    expect(nextDueTime(1_000, 1_009, 10)).toBe(1_010)
    expect(nextDueTime(1_000, 1_010, 10)).toBe(1_020)
    expect(nextDueTime(1_000, 1_047, 10)).toBe(1_050)
  })

  it('B-loop-026 takes exactly one period after the planned time when the clock moved backwards', () => {
    expect(nextDueTime(1_000, 900, 10)).toBe(1_010)
    expect(nextDueTime(1_000, 999.9, 10)).toBe(1_010)
  })

  it('keeps its phase over many runs, however late each of them is', () => {
    let due = 1_000
    for (const lateMs of [0, 3, 9.99, 0.5, 14, 0]) due = nextDueTime(due, due + lateMs, 10)
    expect(due).toBe(1_070)
  })

  it('B-loop-027 multiplies the period by 1 + jitter × (r − 0.5)', () => {
    expect(jitterPeriod(100, 0.5, 0)).toBe(75)
    expect(jitterPeriod(100, 0.5, 0.5)).toBe(100)
    expect(jitterPeriod(100, 0.5, 1)).toBe(125)
    expect(jitterPeriod(100, 0, 0.9)).toBe(100)
  })
})

describe('on the loop', () => {
  let loop: IOLoop
  let clock: FakeClock

  beforeEach(() => {
    loop = IOLoop.current()
    clock = new FakeClock(loop)
  })

  afterEach(async () => {
    vi.restoreAllMocks()
    await loop.close()
  })

  it('B-loop-024 runs first after one full period, in milliseconds or as a TimeDelta', async () => {
    const runs: string[] = []
    const ms = new PeriodicCallback(() => runs.push(`ms ${clock.now()}`), 100)
    const delta = new PeriodicCallback(() => runs.push(`delta ${clock.now()}`), { minutes: 0, seconds: 0.15 })
    ms.start()
    delta.start()
    expect(delta.callbackTimeMs).toBe(150)
    await clock.advance(310)
    ms.stop()
    delta.stop()
    expect(runs).toEqual(['ms 100', 'delta 150', 'ms 200', 'delta 300', 'ms 300'])
  })

  it.each([[0], [-1], [Number.NaN], [{ seconds: -1 }]])('B-loop-024 refuses a period of %o', (period) => {
    expect(() => new PeriodicCallback(() => {}, period)).toThrow(RangeError)
  })

  it.each([2, -0.1, Number.NaN])(
    'refuses a jitter of %o, with which a period might not be above 0',
    (jitter) => {
      expect(() => new PeriodicCallback(() => {}, 10, { jitter })).toThrow(RangeError)
    },
  )

  it('B-loop-025 never overlaps: a promise is awaited, and the ticks it took are dropped', async () => {
    const started: number[] = []
    const finish: (() => void)[] = []
    const periodic = new PeriodicCallback(() => {
      started.push(clock.now())
      return new Promise<void>((resolve) => finish.push(resolve))
    }, 100)
    periodic.start()
    await clock.advance(450)
    expect(started).toEqual([100])
    finish[0]?.()
    await clock.advance(50)
    expect(started).toEqual([100, 500])
    periodic.stop()
  })

  it('B-loop-027 varies each period at random', async () => {
    vi.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValueOnce(1).mockReturnValue(0.5)
    const runs: number[] = []
    using periodic = new PeriodicCallback(() => runs.push(clock.now()), 100, { jitter: 0.5 })
    periodic.start()
    await clock.advance(310)
    expect(runs).toEqual([75, 200, 300])
  })

  it('B-loop-028 logs an error and goes on', async () => {
    using expected = expectLog(appLog, /Exception in callback tick/)
    let runs = 0
    using periodic = new PeriodicCallback(function tick() {
      runs += 1
      if (runs === 1) throw new Error('sync')
      if (runs === 2) return Promise.reject(new Error('async'))
      return null
    }, 10)
    periodic.start()
    await clock.advance(35)
    expect(runs).toBe(3)
    expect(expected.records).toHaveLength(2)
  })

  it('B-loop-028 ends when stopped inside the callback, tells its state, and starts again', async () => {
    let runs = 0
    const periodic = new PeriodicCallback(() => {
      runs += 1
      periodic.stop()
    }, 10)
    expect(periodic.isRunning()).toBe(false)
    periodic.start()
    periodic.start()
    expect(periodic.isRunning()).toBe(true)
    await clock.advance(50)
    expect(runs).toBe(1)
    expect(periodic.isRunning()).toBe(false)
    periodic.stop()

    periodic.start()
    await clock.advance(9)
    expect(runs).toBe(1)
    await clock.advance(50)
    expect(runs).toBe(2)
  })

  it('does not double its schedule when stopped and started during a run', async () => {
    const started: number[] = []
    const finish: (() => void)[] = []
    const periodic = new PeriodicCallback(() => {
      started.push(clock.now())
      return new Promise<void>((resolve) => finish.push(resolve))
    }, 10)
    periodic.start()
    await clock.advance(10)
    periodic.stop()
    periodic.start()
    finish[0]?.()
    await clock.advance(10)
    finish[1]?.()
    await clock.advance(10)
    expect(started).toEqual([10, 20, 30])
    periodic.stop()
    expect(clock.pending).toBe(0)
  })

  it('is not moved by a step of the wall clock', async () => {
    const runs: number[] = []
    using periodic = new PeriodicCallback(() => runs.push(clock.now()), 10)
    periodic.start()
    await clock.advance(15)
    vi.spyOn(Date, 'now').mockReturnValue(0)
    await clock.advance(20)
    expect(runs).toEqual([10, 20, 30])
  })
})

it('ends without a word when the loop is closed during a run', async () => {
  const loop = IOLoop.current()
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const periodic = new PeriodicCallback(async () => {
    begun.resolve()
    await goOn.promise
  }, 1)
  periodic.start()
  await begun.promise
  await loop.close()
  goOn.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  expect(periodic.isRunning()).toBe(false)
})

it('runs in real time too, without drift', async () => {
  const loop = IOLoop.current()
  const begin = loop.time()
  const { promise, resolve } = Promise.withResolvers<void>()
  const at: number[] = []
  const periodic = new PeriodicCallback(() => {
    at.push(loop.time() - begin)
    if (at.length === 5) resolve()
  }, 4)
  periodic.start()
  await promise
  periodic.stop()
  for (const [index, ms] of at.entries()) expect(ms).toBeGreaterThanOrEqual((index + 1) * 4)
  await loop.close()
})
