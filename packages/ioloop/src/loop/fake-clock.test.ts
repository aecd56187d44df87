import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeClock } from './fake-clock.ts'
import { IOLoop } from './io-loop.ts'
import { sleep } from '../promises/sleep.ts'

let loop: IOLoop

beforeEach(() => {
  loop = IOLoop.current()
})

afterEach(() => loop.close())

it('moves time only when told to, and fires what falls due in order', async () => {
  using clock = new FakeClock()
  const ran: unknown[] = []
  loop.callLater(30, () => ran.push(['last', loop.time()]))
  loop.callLater(10, () => ran.push(['first', loop.time()]))
  loop.callAt(10, () => ran.push(['same time, added later', loop.time()]))
  const removed = loop.callLater(20, () => ran.push('removed'))
  loop.removeTimeout(removed)
  expect(clock.pending).toBe(3)
  await clock.advance(9)
  expect(ran).toEqual([])
  await clock.advance(21)
  expect(ran).toEqual([
    ['first', 10],
    ['same time, added later', 10],
    ['last', 30],
  ])
  expect(clock.now()).toBe(30)
})

it('sees timers that promises and callbacks start on the way', async () => {
  using clock = new FakeClock()
  const ran: number[] = []
  void (async () => {
    for (let i = 0; i < 3; i++) {
      await sleep(10)
      ran.push(clock.now())
      await new Promise<void>((resolve) => loop.addCallback(resolve))
    }
  })()
  await clock.advance(30)
  expect(ran).toEqual([10, 20, 30])
})

it('gives the loop its clock back', async () => {
  const before = loop.time()
  const ran: string[] = []
  {
    using clock = new FakeClock()
    loop.callLater(1, () => ran.push('dropped'))
    expect(loop.time()).toBe(0)
    expect(clock.pending).toBe(1)
  }
  expect(loop.time()).toBeGreaterThanOrEqual(before)
  await sleep(2)
  expect(ran).toEqual([])
})

it('leaves timers that were pending before to real time', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  loop.callLater(1, resolve)
  using clock = new FakeClock()
  await promise
  expect(clock.now()).toBe(0)
})
