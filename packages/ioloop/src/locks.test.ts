import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from './loop/fake-clock.ts'
import { IOLoop } from './loop/io-loop.ts'
import { BoundedSemaphore, Condition, Event, Lock, type Releaser, Semaphore } from './locks.ts'
import { moment } from './promises/sleep.ts'

let clock: FakeClock

beforeEach(() => {
  clock = new FakeClock()
})

afterEach(() => IOLoop.current().close())

/** Adds the text to the history when the promise resolves. */
function record<T>(history: unknown[], promise: Promise<T>, show: (value: T) => unknown): void {
  void promise.then((value) => history.push(show(value)))
}

describe('Condition', () => {
  it('B-lock-002 resolves with true when notified, with false after the time-out', async () => {
    const condition = new Condition()
    const history: unknown[] = []
    record(history, condition.wait(), (notified) => ['first', notified])
    record(history, condition.wait({ timeoutMs: 100 }), (notified) => ['second', notified])
    condition.notify()
    await clock.advance(100)
    expect(history).toEqual([
      ['first', true],
      ['second', false],
    ])
  })

  it('B-lock-002 resolves with true when notified before the time-out, which then does nothing', async () => {
    const condition = new Condition()
    const waited = condition.wait({ timeoutMs: 100 })
    condition.notify()
    await expect(waited).resolves.toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('B-lock-003 wakes n waiters first come, first served, and skips those whose time was out', async () => {
    const condition = new Condition()
    const history: unknown[] = []
    record(history, condition.wait({ timeoutMs: 10 }), (notified) => ['a', notified])
    for (const name of ['b', 'c', 'd']) record(history, condition.wait(), () => name)
    await clock.advance(10)
    condition.notify(2)
    await moment
    expect(history).toEqual([['a', false], 'b', 'c'])
    condition.notify(5)
    await moment
    expect(history).toEqual([['a', false], 'b', 'c', 'd'])
  })

  it('B-lock-003 notifyAll wakes all who wait, and nobody who comes later', async () => {
    const condition = new Condition()
    const history: string[] = []
    condition.notifyAll()
    for (const name of ['a', 'b']) {
      record(history, condition.wait(), () => {
        record(history, condition.wait(), () => `${name} again`)
        return name
      })
    }
    condition.notifyAll()
    await moment
    expect(history).toEqual(['a', 'b'])
    condition.notify()
    await moment
    expect(history).toEqual(['a', 'b', 'a again'])
  })

  it('B-lock-004 forgets those who gave up at once, wherever they stood', async () => {
    const condition = new Condition()
    const controller = new AbortController()
    const aborted = condition.wait({ signal: controller.signal })
    for (let i = 0; i < 1_000; i++) void condition.wait({ timeoutMs: i % 2 === 0 ? 10 : 1_000 })
    expect(String(condition)).toBe('<Condition waiters[1001]>')
    await clock.advance(10)
    expect(String(condition)).toBe('<Condition waiters[501]>')
    controller.abort(new Error('gone'))
    await expect(aborted).rejects.toThrow('gone')
    expect(String(condition)).toBe('<Condition waiters[500]>')
  })
})

describe('Event', () => {
  it('B-lock-005 resolves at once if set, and setting it wakes all', async () => {
    const event = new Event()
    expect(event.isSet()).toBe(false)
    const waiting = Promise.all([event.wait(), event.wait({ timeoutMs: 10 })])
    event.set()
    event.set()
    expect(event.isSet()).toBe(true)
    await waiting
    await event.wait()
    event.clear()
    expect(event.isSet()).toBe(false)
    const late = expect(event.wait({ timeoutMs: 10 })).rejects.toMatchObject({ name: 'TimeoutError' })
    await clock.advance(10)
    await late
  })

  it('B-lock-006 wakes those who wait at set() even if it is cleared in the same turn', async () => {
    const event = new Event()
    const waiting = event.wait()
    event.set()
    event.clear()
    await expect(waiting).resolves.toBeUndefined()
  })

  it('waits for nobody whose signal is aborted', async () => {
    const event = new Event()
    event.set()
    await expect(event.wait({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('time-outs', () => {
  it('B-lock-001 are relative milliseconds, and 0 is out already', async () => {
    const lock = new Lock()
    await expect(lock.acquire({ timeoutMs: 0 })).resolves.toBeDefined()
    const refused = [lock.acquire({ timeoutMs: 0 }), lock.acquire({ timeoutMs: -5 })]
    const rejected = Promise.all(
      refused.map((acquired) => expect(acquired).rejects.toMatchObject({ name: 'TimeoutError' })),
    )
    await clock.advance(1)
    await rejected
    expect(() => lock.acquire({ timeoutMs: Number.NaN })).toThrow(TypeError)
  })
})

describe.each([
  ['Semaphore', () => new Semaphore(1)],
  ['BoundedSemaphore', () => new BoundedSemaphore(1)],
  ['Lock', () => new Lock()],
])('%s', (_, create) => {
  it('B-lock-007 hands over to the first who waits, skipping those who gave up', async () => {
    const lock = create()
    const history: string[] = []
    await lock.acquire()
    const [early, late] = [new AbortController(), new AbortController()]
    const timedOut = expect(lock.acquire({ timeoutMs: 10 })).rejects.toThrow('Timeout')
    const gone = expect(lock.acquire({ signal: early.signal })).rejects.toThrow('gone')
    void lock.acquire({ timeoutMs: 100, signal: late.signal }).then(() => history.push('a'))
    const goneToo = expect(lock.acquire({ signal: late.signal })).rejects.toThrow('gone too')
    void lock.acquire().then(() => history.push('b'))
    await clock.advance(10)
    early.abort(new Error('gone'))
    await Promise.all([timedOut, gone])
    lock.release()
    await moment
    expect(history).toEqual(['a'])
    late.abort(new Error('gone too'))
    await goneToo
    lock.release()
    await moment
    expect(history).toEqual(['a', 'b'])
    lock.release()
    await expect(lock.acquire()).resolves.toBeDefined()
  })

  it('B-lock-007 gives a place back once, however often its holder releases it', async () => {
    const lock = create()
    const held = await lock.acquire()
    held.release()
    held.release()
    held[Symbol.dispose]()
    await lock.acquire()
    let second: Releaser | null = null
    void lock.acquire().then((releaser) => (second = releaser))
    held.release()
    await moment
    expect(second).toBeNull()
    lock.release()
    await moment
    expect(second).not.toBeNull()
  })

  it('B-lock-010 is released at the end of the scope, also after an error', async () => {
    const lock = create()
    const failing = async (): Promise<void> => {
      using _held = await lock.acquire()
      throw new Error('inside')
    }
    await expect(failing()).rejects.toThrow('inside')
    {
      await using _held = await lock.acquire({ timeoutMs: 1 })
      expect(String(lock)).toContain('[locked]')
    }
    expect(String(lock)).toContain('[unlocked,value:1]')
  })

  it('B-lock-010 refuses `using` on itself, and on a promise that was not awaited', () => {
    const lock = create()
    expect(() => {
      // @ts-expect-error -- the mistake that is tested
      using _held = lock
    }).toThrow(TypeError)
    expect(() => {
      // @ts-expect-error -- the mistake that is tested
      using _held = lock.acquire()
    }).toThrow(TypeError)
  })

  it('takes no place for one whose signal is aborted', async () => {
    const lock = create()
    await expect(lock.acquire({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    expect(String(lock)).toContain('unlocked')
  })
})

describe('Semaphore', () => {
  it('B-lock-007 admits as many as it has places; releasing unasked adds one', async () => {
    const semaphore = new Semaphore(2)
    await Promise.all([semaphore.acquire(), semaphore.acquire()])
    expect(String(semaphore)).toBe('<Semaphore [locked]>')
    const third = semaphore.acquire()
    semaphore.release()
    await third
    semaphore.release()
    semaphore.release()
    semaphore.release()
    expect(String(semaphore)).toBe('<Semaphore [unlocked,value:3]>')
  })

  it('B-lock-007 refuses a negative number of places', () => {
    expect(() => new Semaphore(-1)).toThrow(RangeError)
    expect(() => new BoundedSemaphore(Number.NaN)).toThrow(RangeError)
  })

  it('B-lock-008 bounded, refuses to be released more often than acquired', async () => {
    const semaphore = new BoundedSemaphore(1)
    expect(() => {
      semaphore.release()
    }).toThrow(new RangeError('Semaphore released too many times'))
    await semaphore.acquire()
    semaphore.release()
    expect(() => {
      semaphore.release()
    }).toThrow(RangeError)
  })
})

describe('Lock', () => {
  it('B-lock-009 refuses to be released when nobody holds it', async () => {
    const lock = new Lock()
    expect(() => {
      lock.release()
    }).toThrow(new RangeError('release unlocked lock'))
  })

  it('B-lock-009 lets a holder who acquires it again wait for itself', async () => {
    const lock = new Lock()
    await lock.acquire()
    const again = expect(lock.acquire({ timeoutMs: 10 })).rejects.toThrow('Timeout')
    await clock.advance(10)
    await again
  })

  it('serves 1,000 waiters in their order', async () => {
    const lock = new Lock()
    const order: number[] = []
    const held = await lock.acquire()
    const all = Array.from({ length: 1_000 }, async (_, index) => {
      using _held = await lock.acquire()
      order.push(index)
    })
    held.release()
    await Promise.all(all)
    expect(order).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
  })
})

it('B-lock-011 shows its state as text', async () => {
  const condition = new Condition()
  const event = new Event()
  const semaphore = new Semaphore(2)
  const lock = new Lock()
  expect([condition, event, semaphore, lock].map(String)).toEqual([
    '<Condition>',
    '<Event clear>',
    '<Semaphore [unlocked,value:2]>',
    '<Lock _block=<BoundedSemaphore [unlocked,value:1]>>',
  ])
  void condition.wait()
  event.set()
  await Promise.all([semaphore.acquire(), semaphore.acquire()])
  void semaphore.acquire()
  await lock.acquire()
  expect([condition, event, semaphore, lock].map((object) => inspect(object))).toEqual([
    '<Condition waiters[1]>',
    '<Event set>',
    '<Semaphore [locked,waiters:1]>',
    '<Lock _block=<BoundedSemaphore [locked]>>',
  ])
})
