import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from './fake-clock.ts'
import { IOLoop } from './io-loop.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
let loop: IOLoop

beforeEach(() => {
  loop = IOLoop.current()
})

afterEach(async () => {
  vi.useRealTimers()
  await loop.close()
})

it('B-loop-008 time() is monotonic milliseconds, which a step of the wall clock does not move', async () => {
  const before = loop.time()
  using now = vi.spyOn(Date, 'now').mockReturnValue(0)
  const { promise, resolve } = Promise.withResolvers<void>()
  loop.callLater(10, resolve)
  await promise
  expect(Date.now()).toBe(0)
  expect(loop.time() - before).toBeGreaterThanOrEqual(9)
  expect(loop.time() - before).toBeLessThan(5_000)
  expect(now).toHaveBeenCalledOnce()
})

describe('B-loop-009 deadlines', () => {
  it('B-loop-009 takes a number as a time, a TimeDelta as a delay, and binds arguments', async () => {
    vi.useFakeTimers()
    const ran: unknown[] = []
    loop.addTimeout(loop.time() + 30, (text: string) => ran.push(text), 'addTimeout at')
    loop.addTimeout({ seconds: 0.02 }, (text: string) => ran.push(text), 'addTimeout after')
    loop.callAt(loop.time() + 40, (text: string) => ran.push(text), 'callAt')
    loop.callLater(10, (a: number, b: number) => ran.push(a + b), 1, 2)
    await vi.advanceTimersByTimeAsync(100)
    expect(ran).toEqual([3, 'addTimeout after', 'addTimeout at', 'callAt'])
  })

  it('B-loop-009 adds the parts of a TimeDelta', async () => {
    vi.useFakeTimers()
    const ran = vi.fn()
    loop.addTimeout({ days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1 }, ran)
    await vi.advanceTimersByTimeAsync(90_061_000)
    expect(ran).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(ran).toHaveBeenCalledOnce()
  })

  it.each([['tomorrow'], [null], [undefined], [{}], [{ seconds: 'one' }], [Number.NaN]])(
    'B-loop-009 refuses %o',
    (deadline) => {
      expect(() => loop.addTimeout(deadline as never, () => {})).toThrow(TypeError)
    },
  )

  it('refuses a time of the wall clock, and NaN as a delay', () => {
    expect(() => loop.callAt(Date.now() + 1_000, () => {})).toThrow(RangeError)
    expect(() => loop.callLater(Number.NaN, () => {})).toThrow(TypeError)
  })
})

it('B-loop-010 runs past and negative deadlines before anything that is still to come', async () => {
  const ran: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  loop.callLater(3, () => {
    ran.push('future')
    resolve()
  })
  loop.callLater(-1_000, () => ran.push('negative'))
  loop.callAt(loop.time() - 1_000, () => ran.push('past'))
  loop.callLater(0, () => ran.push('zero'))
  await promise
  expect(ran).toEqual(['negative', 'past', 'zero', 'future'])
})

it('never runs callAt before its time, whatever Node rounds', async () => {
  const early: number[] = []
  const runs = Array.from({ length: 40 }, (_, i) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const when = loop.time() + 1 + i / 7
    loop.callAt(when, () => {
      if (loop.time() < when) early.push(when)
      resolve()
    })
    return promise
  })
  await Promise.all(runs)
  expect(early).toEqual([])
})

it('waits as long as asked where Node alone would fire at once', async () => {
  vi.useFakeTimers()
  const ran = vi.fn()
  const days = 86_400_000
  loop.callLater(60 * days, ran)
  loop.callLater(Number.POSITIVE_INFINITY, ran)
  await vi.advanceTimersByTimeAsync(60 * days - 1)
  expect(ran).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(ran).toHaveBeenCalledOnce()
})

describe('B-loop-011 removeTimeout', () => {
  it('B-loop-011 takes a pending call back, and is safe after it has run', async () => {
    const ran: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const kept = loop.callLater(1, resolve)
    const removed = loop.callLater(1, () => ran.push('removed'))
    loop.removeTimeout(removed)
    loop.removeTimeout(removed)
    await promise
    loop.removeTimeout(kept)
    expect(ran).toEqual([])
  })

  it('B-loop-011 works from inside another call, and from its own', async () => {
    const ran: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const own = loop.callLater(1, () => {
      ran.push('own')
      loop.removeTimeout(own)
      loop.removeTimeout(next)
    })
    const next = loop.callLater(1, () => ran.push('next'))
    loop.callLater(3, resolve)
    await promise
    expect(ran).toEqual(['own'])
  })

  it('is what disposing the handle does', async () => {
    using clock = new FakeClock(loop)
    const ran = vi.fn()
    {
      using _timeout = loop.callLater(1, ran)
      using _punctual = loop.callAt(loop.time() + 1, ran)
    }
    await clock.advance(10)
    expect(ran).not.toHaveBeenCalled()
  })
})

it('lives with the fake timers of a test runner, which cannot be disposed', async () => {
  vi.useFakeTimers()
  const ran = vi.fn()
  const timeouts = [loop.callLater(1, ran), loop.callAt(loop.time() + 1, ran)]
  for (const timeout of timeouts) loop.removeTimeout(timeout)
  loop.callLater(1, ran)
  await loop.close()
  await vi.advanceTimersByTimeAsync(10)
  expect(ran).not.toHaveBeenCalled()
})

it('runs no timer of a closed loop, and takes no new one', async () => {
  const ran: string[] = []
  loop.callLater(1, () => ran.push('late'))
  loop.callAt(loop.time() + 1, () => ran.push('late'))
  await loop.close()
  expect(() => loop.callLater(1, () => {})).toThrow('IOLoop is closed')
  expect(() => loop.callAt(loop.time(), () => {})).toThrow('IOLoop is closed')
  await new Promise((resolve) => setTimeout(resolve, 3))
  await turn()
  expect(ran).toEqual([])
})
