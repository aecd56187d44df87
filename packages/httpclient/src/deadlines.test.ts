import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Deadlines, type Deadline, type DeadlineList } from './deadlines.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

class Watched implements Deadline {
  dueMs = 0
  list: DeadlineList | null = null
  previous: Deadline | null = null
  next: Deadline | null = null
  readonly expire: () => void

  constructor(expire: () => void) {
    this.expire = expire
  }
}

it('expires in order, whatever their time-outs, and not those that were removed', () => {
  const deadlines = new Deadlines()
  const expired: string[] = []
  const add = (name: string, timeoutMs: number): Watched => {
    const deadline = new Watched(() => expired.push(name))
    deadlines.add(deadline, timeoutMs, performance.now())
    return deadline
  }
  add('slow', 300)
  const removed = add('removed', 100)
  add('quick', 100)
  vi.advanceTimersByTime(50)
  add('later', 100)
  add('first', 10)
  deadlines.remove(removed)
  deadlines.remove(removed)
  vi.advanceTimersByTime(30)
  expect(expired).toEqual(['first'])
  vi.advanceTimersByTime(30)
  expect(expired).toEqual(['first', 'quick'])
  vi.advanceTimersByTime(1000)
  expect(expired).toEqual(['first', 'quick', 'later', 'slow'])
  expect(vi.getTimerCount()).toBe(0)
})

it('many different time-outs leave no lists behind', () => {
  const deadlines = new Deadlines()
  let count = 0
  for (let i = 1; i <= 1000; i++) {
    const deadline = new Watched(() => count++)
    deadlines.add(deadline, i, performance.now())
    if (i % 2 === 0) deadlines.remove(deadline)
  }
  vi.advanceTimersByTime(2000)
  expect(count).toBe(500)
})

it('nothing expires after close', () => {
  const deadlines = new Deadlines()
  deadlines.add(new Watched(() => expect.unreachable()), 10, performance.now())
  deadlines.close()
  expect(vi.getTimerCount()).toBe(0)
})
