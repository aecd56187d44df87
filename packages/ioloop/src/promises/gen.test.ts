import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../loop/fake-clock.ts'
import { IOLoop } from '../loop/io-loop.ts'
import { multi } from './multi.ts'
import { moment, sleep } from './sleep.ts'
import { withTimeout } from './with-timeout.ts'

const never = new Promise<never>(() => {})
let clock: FakeClock

beforeEach(() => {
  clock = new FakeClock()
})

afterEach(() => IOLoop.current().close())

describe('sleep', () => {
  it('B-gen-011 resolves with nothing after its time', async () => {
    let done: unknown = 'sleeping'
    void sleep(100).then((value) => (done = value))
    await clock.advance(99)
    expect(done).toBe('sleeping')
    await clock.advance(1)
    expect(done).toBeUndefined()
  })

  it('ends when its signal is aborted, before or during it', async () => {
    const controller = new AbortController()
    const sleeping = sleep(100, { signal: controller.signal })
    controller.abort(new Error('awake'))
    await expect(sleeping).rejects.toThrow('awake')
    await expect(sleep(1, { signal: controller.signal })).rejects.toThrow('awake')
    expect(clock.pending).toBe(0)
  })
})

describe('moment', () => {
  it('B-gen-003 lets the loop run one iteration', async () => {
    const ran: string[] = []
    IOLoop.current().addCallback(() => ran.push('callback'))
    await Promise.resolve()
    ran.push('microtask')
    await moment
    ran.push('after the moment')
    expect(ran).toEqual(['microtask', 'callback', 'after the moment'])
  })

  it('B-gen-003 may be a child of multi', async () => {
    await expect(multi([moment, null, 1])).resolves.toEqual([undefined, null, 1])
  })
})

describe('withTimeout', () => {
  it('B-gen-009 rejects with TimeoutError, and leaves the operation alone', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const limited = withTimeout(100, promise)
    const rejected = expect(limited).rejects.toMatchObject({ name: 'TimeoutError', message: 'Timeout' })
    await clock.advance(100)
    await rejected
    resolve('late')
    await expect(promise).resolves.toBe('late')
  })

  it('gives the result or the error that comes in time, and leaves no timer', async () => {
    await expect(withTimeout(100, Promise.resolve('done'))).resolves.toBe('done')
    await expect(withTimeout(100, Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(clock.pending).toBe(0)
  })

  it('B-gen-009 logs an error that comes too late, unless it is quiet or a cancellation', async () => {
    class ClosedError extends Error {
      override readonly name = 'ClosedError'
    }
    const late = async (error: Error, quietExceptions?: string | typeof ClosedError): Promise<void> => {
      const { promise, reject } = Promise.withResolvers<never>()
      const limited = withTimeout(10, promise, quietExceptions === undefined ? {} : { quietExceptions })
      const rejected = expect(limited).rejects.toThrow('Timeout')
      await clock.advance(10)
      await rejected
      reject(error)
      await moment
    }
    {
      using expected = expectLog(appLog, /Exception in Future .* after timeout/, { level: 'error' })
      await late(new Error('loud'))
      await late(new Error('loud'), ClosedError)
      expect(expected.records).toHaveLength(2)
    }
    await late(new ClosedError(), ClosedError)
    await late(new ClosedError(), 'ClosedError')
    await late(AbortSignal.abort().reason as Error)
  })

  it('B-gen-010 gives the result of a settled promise even when the time is out', async () => {
    await expect(withTimeout(-1, Promise.resolve('settled'))).resolves.toBe('settled')
    await expect(withTimeout(0, Promise.reject(new Error('settled')))).rejects.toThrow('settled')
  })

  it('cancels the operation of a function, whose answer to that is not logged', async () => {
    const limited = withTimeout(10, (signal) => sleep(1_000, { signal }))
    const rejected = expect(limited).rejects.toMatchObject({ name: 'TimeoutError' })
    await clock.advance(10)
    await rejected
    expect(clock.pending).toBe(0)
    await expect(withTimeout(10, () => 'at once')).resolves.toBe('at once')
    const failing = withTimeout(10, () => {
      throw new Error('at once')
    })
    await expect(failing).rejects.toThrow('at once')
  })

  it('ends when its own signal is aborted, before or during it', async () => {
    const controller = new AbortController()
    const limited = withTimeout(10, never, { signal: controller.signal })
    controller.abort(new Error('not wanted any more'))
    await expect(limited).rejects.toThrow('not wanted any more')

    const operation = vi.fn<() => void>()
    await expect(withTimeout(10, operation, { signal: controller.signal })).rejects.toThrow('not wanted')
    expect(operation).not.toHaveBeenCalled()
    await expect(withTimeout(10, never, { signal: controller.signal })).rejects.toThrow('not wanted')
    expect(clock.pending).toBe(0)
  })

  it('refuses NaN as a time', async () => {
    await expect(withTimeout(Number.NaN, Promise.resolve(1))).rejects.toThrow(TypeError)
  })
})

describe('multi', () => {
  it('B-gen-007 gives an array for an array, and an object with the same keys for an object', async () => {
    const list: [number, string, boolean] = await multi([Promise.resolve(1), 'two', Promise.resolve(true)])
    expect(list).toEqual([1, 'two', true])
    const object: { a: number; b: string } = await multi({ a: Promise.resolve(1), b: 'two' })
    expect(object).toEqual({ a: 1, b: 'two' })
  })

  it('B-gen-007 waits for all children, throws the first error by position and logs the others', async () => {
    using expected = expectLog(appLog, 'Multiple exceptions in yield list', { level: 'error' })
    let slowDone = false
    const children = [
      sleep(100).then(() => (slowDone = true)),
      sleep(50).then(() => Promise.reject(new Error('first by position'))),
      Promise.reject(new Error('first by time')),
    ]
    const rejected = expect(multi(children)).rejects.toThrow('first by position')
    await clock.advance(100)
    await rejected
    expect(slowDone).toBe(true)
    expect(expected.records.map(({ error }) => error)).toEqual([new Error('first by time')])
  })

  it('B-gen-007 does not log quiet errors', async () => {
    const children = { a: Promise.reject(new RangeError('a')), b: Promise.reject(new TypeError('b')) }
    await expect(multi(children, { quietExceptions: [TypeError, 'OtherError'] })).rejects.toThrow('a')
  })

  it('B-gen-008 resolves at once when empty, and takes the same promise twice', async () => {
    await expect(multi([])).resolves.toEqual([])
    await expect(multi({})).resolves.toEqual({})
    const twice = Promise.resolve(1)
    await expect(multi([twice, twice])).resolves.toEqual([1, 1])
    const failing = Promise.reject(new TypeError('one'))
    await expect(multi([failing, failing], { quietExceptions: TypeError })).rejects.toThrow('one')
  })
})
