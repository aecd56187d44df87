import { afterEach, describe, expect, it } from 'vitest'
import { DummyExecutor, dummyExecutor } from './dummy-executor.ts'
import type { Executor } from './executor.ts'
import { IOLoop } from '../loop/io-loop.ts'
import { moment } from '../promises/sleep.ts'
import { workerModule } from './worker-module.ts'
import { WorkerPool } from './worker-pool.ts'

const work = workerModule<typeof import('../../fixtures/work.ts')>(
  new URL('../../fixtures/work.ts', import.meta.url),
)

const flag = (): Int32Array => new Int32Array(new SharedArrayBuffer(4))

/** Lets the blocked call go on. */
function unblock(state: Int32Array): void {
  Atomics.store(state, 0, 2)
  Atomics.notify(state, 0)
}

async function blocked(state: Int32Array): Promise<void> {
  while (Atomics.load(state, 0) !== 1) await moment
}

afterEach(() => IOLoop.current().close())

describe('runInExecutor', () => {
  it('B-loop-022 runs a function of a module in the default executor, with its types', async () => {
    const loop = IOLoop.current()
    const sum: number = await loop.runInExecutor(null, work.add, 1, 2)
    expect(sum).toBe(3)
    await expect(loop.runInExecutor(null, work.addLater, 1, 2)).resolves.toBe(3)
    await expect(loop.runInExecutor(null, work.where)).resolves.toMatchObject({ main: false })
    // @ts-expect-error -- a number is missing
    await expect(loop.runInExecutor(null, work.add, 1)).resolves.toBeNaN()
    // @ts-expect-error -- no such function
    await expect(loop.runInExecutor(null, work.subtract, 1)).rejects.toThrow('exports no function subtract')
    // @ts-expect-error -- no function at all
    await expect(loop.runInExecutor(null, work.notAFunction)).rejects.toThrow(TypeError)
  })

  it('B-loop-022 uses the executor that is given, or set as default', async () => {
    const loop = IOLoop.current()
    await expect(loop.runInExecutor(dummyExecutor, work.where)).resolves.toMatchObject({ main: true })
    loop.setDefaultExecutor(dummyExecutor)
    await expect(loop.runInExecutor(null, work.where)).resolves.toMatchObject({ main: true })
    await expect(loop.runInExecutor(null, (a: number) => a + 1, 1)).resolves.toBe(2)
    await loop.close()
    await expect(loop.runInExecutor(null, work.where)).rejects.toThrow('IOLoop is closed')
  })

  it('keeps the loop turning while 4 × 200 ms of hashing run', async () => {
    const loop = IOLoop.current()
    const pool = new WorkerPool({ size: 2 })
    await pool.submit(work.add, [1, 1])
    let isDone = false
    const jobs = Array.from({ length: 4 }, () => loop.runInExecutor(pool, work.hash))
    const all = Promise.all(jobs).finally(() => (isDone = true))
    let turns = 0
    for (; !isDone; turns++) await moment
    await expect(all).resolves.toHaveLength(4)
    // On the loop itself each of them would take one turn.
    expect(turns).toBeGreaterThan(100)
    await pool.close()
  })
})

describe('WorkerPool', () => {
  it('runs as many calls at a time as it has threads, the others in their order', async () => {
    const pool = new WorkerPool({ size: 2 })
    const states = [flag(), flag(), flag()]
    const order: number[] = []
    const jobs = states.map((state, index) => pool.submit(work.block, [state]).then(() => order.push(index)))
    const [a, b, c] = states as [Int32Array, Int32Array, Int32Array]
    await Promise.all([blocked(a), blocked(b)])
    expect([pool.running, pool.waiting]).toEqual([2, 1])
    expect(Atomics.load(c, 0)).toBe(0)
    unblock(b)
    await blocked(c)
    unblock(c)
    await jobs[2]
    unblock(a)
    await Promise.all(jobs)
    expect(order).toEqual([1, 2, 0])
    expect([pool.running, pool.waiting]).toEqual([0, 0])
    await pool.close()
  })

  it('refuses more calls than its queue may hold', async () => {
    const pool = new WorkerPool({ size: 1, maxQueueSize: 1 })
    const state = flag()
    const running = pool.submit(work.block, [state])
    const waiting = pool.submit(work.add, [1, 2])
    await expect(pool.submit(work.add, [3, 4])).rejects.toMatchObject({
      name: 'ExecutorFullError',
      message: 'Executor has 1 calls waiting already',
    })
    await blocked(state)
    unblock(state)
    await expect(running).resolves.toBe(2)
    await expect(waiting).resolves.toBe(3)
    await pool.close()
  })

  it('refuses sizes that make no sense', () => {
    for (const size of [0, -1, 1.5, Number.NaN]) expect(() => new WorkerPool({ size })).toThrow(RangeError)
    expect(() => new WorkerPool({ maxQueueSize: -1 })).toThrow(RangeError)
    expect(() => new WorkerPool({ maxQueueSize: Number.NaN })).toThrow(RangeError)
  })

  it('keeps name, message, stack, cause and fields of an error', async () => {
    const pool = new WorkerPool({ size: 1 })
    const own = await pool.submit(work.fail, ['own']).catch((error: unknown) => error)
    expect(own).toBeInstanceOf(Error)
    expect(own).toMatchObject({
      name: 'PaymentError',
      message: 'no money',
      code: 402,
      details: { amount: 10 },
      cause: { name: 'RangeError', message: 'below zero' },
    })
    expect((own as Error).stack).toMatch(/no money\n +at (Module\.)?fail .*work\.ts:\d+/)
    expect((own as Error).cause).toBeInstanceOf(RangeError)
    const type = pool.submit(work.fail, ['type'])
    await expect(type).rejects.toBeInstanceOf(TypeError)
    await expect(pool.submit(work.fail, ['a string'])).rejects.toBe('a string')
    await pool.close()
  })

  it('keeps a name that is no class of errors', async () => {
    await using pool = new WorkerPool({ size: 1 })
    const odd = await pool.submit(work.fail, ['named like a method']).catch((error: unknown) => error)
    expect(odd).toBeInstanceOf(Error)
    expect(odd).toMatchObject({ name: 'toString', message: 'odd' })
  })

  it('goes through a long queue of calls that cannot be copied', async () => {
    await using pool = new WorkerPool({ size: 1 })
    const state = flag()
    const running = pool.submit(work.block, [state])
    const others = Array.from({ length: 10_000 }, () => pool.submit(work.add, [1, (() => {}) as never]))
    const outcomes = Promise.allSettled(others)
    await blocked(state)
    unblock(state)
    await expect(running).resolves.toBe(2)
    expect(new Set((await outcomes).map(({ status }) => status))).toEqual(new Set(['rejected']))
    await expect(pool.submit(work.add, [1, 2])).resolves.toBe(3)
  })

  it('tells what cannot be copied, to or from the thread, and goes on', async () => {
    const pool = new WorkerPool({ size: 1 })
    await expect(pool.submit(work.add, [1, (() => {}) as never])).rejects.toThrow('could not be cloned')
    await expect(pool.submit(work.unclonable, [])).rejects.toMatchObject({ name: 'DataCloneError' })
    await expect(pool.submit(work.add, [1, 2])).resolves.toBe(3)
    await pool.close()
  })

  it('runs no plain function, whose variables another thread has not', async () => {
    await using pool = new WorkerPool({ size: 1 })
    await expect(pool.submit(() => 1, [])).rejects.toThrow('name them with workerModule()')
  })

  it('moves what is listed for transfer', async () => {
    const pool = new WorkerPool({ size: 1 })
    const bytes = new Uint8Array(1_000)
    await expect(pool.submit(work.size, [bytes], { transfer: [bytes.buffer] })).resolves.toBe(1_000)
    expect(bytes.byteLength).toBe(0)
    await pool.close()
  })

  it('rejects the call during which a thread ended, and replaces the thread', async () => {
    const pool = new WorkerPool({ size: 1 })
    const ended = pool.submit(work.exit, [7])
    const next = pool.submit(work.add, [1, 2])
    await expect(ended).rejects.toMatchObject({
      name: 'WorkerDiedError',
      message: 'Worker ended with status 7 while it ran exit',
      exitCode: 7,
    })
    await expect(next).resolves.toBe(3)
    await pool.close()
  })

  it('gives the error that ended a thread as the cause', async () => {
    const pool = new WorkerPool({ size: 1 })
    await expect(pool.submit(work.crash, [])).rejects.toMatchObject({
      name: 'WorkerDiedError',
      cause: { message: 'out of turn' },
    })
    await expect(pool.submit(work.add, [1, 2])).resolves.toBe(3)
    await pool.close()
  })

  it('drops a waiting call, and ends the thread of a running one, when the signal is aborted', async () => {
    const pool = new WorkerPool({ size: 1 })
    const state = flag()
    const [early, late] = [new AbortController(), new AbortController()]
    const running = pool.submit(work.block.with({ signal: late.signal }), [state])
    const waiting = pool.submit(work.add, [1, 2], { signal: early.signal })
    await blocked(state)
    early.abort(new Error('not wanted'))
    await expect(waiting).rejects.toThrow('not wanted')
    expect([pool.running, pool.waiting]).toEqual([1, 0])
    late.abort(new Error('takes too long'))
    await expect(running).rejects.toThrow('takes too long')
    await expect(pool.submit(work.add, [1, 2])).resolves.toBe(3)
    await expect(pool.submit(work.add, [1, 2], { signal: late.signal })).rejects.toThrow('takes too long')
    await pool.close()
  })

  it('gives nothing more to a thread that it ends, even if its answer was on the way', async () => {
    await using pool = new WorkerPool({ size: 1 })
    const state = flag()
    const controller = new AbortController()
    const running = pool.submit(work.block, [state], { signal: controller.signal })
    const waiting = pool.submit(work.add, [1, 2])
    await blocked(state)
    unblock(state)
    // This thread stands still until the other one has answered.
    Atomics.wait(flag(), 0, 0, 200)
    controller.abort(new Error('not wanted'))
    await expect(running).rejects.toThrow('not wanted')
    await expect(waiting).resolves.toBe(3)
  })

  it('finishes what it has when it is closed, and takes nothing more', async () => {
    const pool = new WorkerPool({ size: 1 })
    const jobs = [pool.submit(work.add, [1, 2]), pool.submit(work.addLater, [3, 4])]
    const closed = pool.close()
    await expect(pool.submit(work.add, [5, 6])).rejects.toMatchObject({ name: 'ExecutorClosedError' })
    await expect(Promise.all(jobs)).resolves.toEqual([3, 7])
    await closed
    expect(pool.running).toBe(0)
    await pool.close()
    await new WorkerPool().close()
  })
})

describe('DummyExecutor', () => {
  it('B-conc-005 runs synchronously in submit', async () => {
    const executor: Executor = new DummyExecutor()
    const ran: string[] = []
    const result = executor.submit((text: string) => ran.push(text), ['now'])
    expect(ran).toEqual(['now'])
    await expect(result).resolves.toBe(1)
    await executor.close()
  })

  it('gives errors as rejections, and respects signals', async () => {
    const failing = dummyExecutor.submit(() => {
      throw new Error('at once')
    }, [])
    await expect(failing).rejects.toThrow('at once')
    const signal = AbortSignal.abort(new Error('not wanted'))
    await expect(dummyExecutor.submit(() => 1, [], { signal })).rejects.toThrow('not wanted')
    await expect(dummyExecutor.submit(work.add.with({ signal }), [1, 2])).rejects.toThrow('not wanted')
    // @ts-expect-error -- no function
    await expect(dummyExecutor.submit(work.notAFunction, [])).rejects.toThrow('exports no function')
  })
})

describe('workerModule', () => {
  it('refuses a relative address, and is no promise', () => {
    expect(() => workerModule('./work.js')).toThrow(TypeError)
    expect(Reflect.get(work, 'then')).toBeUndefined()
    expect(work.add).toBe(work.add)
  })
})
