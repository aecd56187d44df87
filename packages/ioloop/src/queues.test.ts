import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from './loop/fake-clock.ts'
import { IOLoop } from './loop/io-loop.ts'
import { type ItemStore, LifoQueue, PriorityQueue, Queue, QueueEmpty, QueueFull } from './queues.ts'
import { moment, sleep } from './promises/sleep.ts'

let clock: FakeClock

beforeEach(() => {
  clock = new FakeClock()
})

afterEach(() => IOLoop.current().close())

function fill<T>(queue: Queue<T>, items: readonly NoInfer<T>[]): void {
  for (const item of items) queue.putNowait(item)
}

function drain<T>(queue: Queue<T>): T[] {
  const items: T[] = []
  while (!queue.empty()) items.push(queue.getNowait())
  return items
}

describe('size', () => {
  it('B-queue-001 refuses a maxsize that is null, no number, or negative', () => {
    expect(() => new Queue(null as never)).toThrow(TypeError)
    expect(() => new Queue('1' as never)).toThrow(TypeError)
    expect(() => new Queue(Number.NaN)).toThrow(TypeError)
    expect(() => new Queue(-1)).toThrow(RangeError)
    expect(new Queue().maxsize).toBe(0)
    expect(new Queue(3).maxsize).toBe(3)
  })

  it('B-queue-001 takes a fraction as room for one more', () => {
    const queue = new Queue<number>(1.3)
    fill(queue, [1, 2])
    expect(queue.full()).toBe(true)
  })

  it('B-queue-004 counts no waiting putters, and is never full without a limit', () => {
    const queue = new Queue<number>(2)
    expect([queue.qsize(), queue.empty(), queue.full()]).toEqual([0, true, false])
    fill(queue, [1, 2])
    void queue.put(3)
    expect([queue.qsize(), queue.empty(), queue.full()]).toEqual([2, false, true])
    const endless = new Queue<number>()
    fill(
      endless,
      Array.from({ length: 5_000 }, (_, i) => i),
    )
    expect(endless.full()).toBe(false)
  })
})

describe('get', () => {
  it('B-queue-002 waits for an item, first come, first served; getNowait throws', async () => {
    const queue = new Queue<number>()
    expect(() => queue.getNowait()).toThrow(QueueEmpty)
    const got = Promise.all([queue.get(), queue.get(), queue.get()])
    fill(queue, [1, 2, 3])
    await expect(got).resolves.toEqual([1, 2, 3])
    expect(queue.empty()).toBe(true)
  })

  it('B-queue-002 gives up after its time-out, and loses no item by it', async () => {
    const queue = new Queue<number>()
    const late = expect(queue.get({ timeoutMs: 10 })).rejects.toMatchObject({ name: 'TimeoutError' })
    const zero = expect(queue.get({ timeoutMs: 0 })).rejects.toThrow('Timeout')
    const patient = queue.get({ timeoutMs: 100 })
    await clock.advance(10)
    await Promise.all([late, zero])
    queue.putNowait(1)
    await expect(patient).resolves.toBe(1)
    queue.putNowait(2)
    await expect(queue.get({ timeoutMs: 0 })).resolves.toBe(2)
    expect(clock.pending).toBe(0)
  })

  it('ends when its signal is aborted, taking nothing', async () => {
    const queue = new Queue<number>()
    const controller = new AbortController()
    const got = expect(queue.get({ signal: controller.signal })).rejects.toThrow('gone')
    controller.abort(new Error('gone'))
    await got
    queue.putNowait(1)
    await expect(queue.get({ signal: controller.signal })).rejects.toThrow('gone')
    expect(queue.qsize()).toBe(1)
  })
})

describe('put', () => {
  it('B-queue-002 waits for room, first come, first served; putNowait throws', async () => {
    const queue = new Queue<string>(1)
    const history: string[] = []
    await queue.put('a')
    expect(() => {
      queue.putNowait('x')
    }).toThrow(QueueFull)
    for (const item of ['b', 'c']) void queue.put(item).then(() => history.push(`${item} is in`))
    await moment
    expect(history).toEqual([])
    await expect(queue.get()).resolves.toBe('a')
    await moment
    expect(history).toEqual(['b is in'])
    expect(drain(queue)).toEqual(['b', 'c'])
  })

  it('B-queue-003 hands an item straight to one who waits', async () => {
    const queue = new Queue<number>(1)
    const got = queue.get()
    await queue.put(1)
    await queue.put(2)
    expect(queue.qsize()).toBe(1)
    await expect(got).resolves.toBe(1)
  })

  it('B-queue-003 never lets the item of a timed-out or aborted putter in', async () => {
    const queue = new Queue<string>(1)
    const controller = new AbortController()
    await queue.put('a')
    const late = expect(queue.put('late', { timeoutMs: 10 })).rejects.toMatchObject({ name: 'TimeoutError' })
    const aborted = expect(queue.put('aborted', { signal: controller.signal })).rejects.toThrow('gone')
    const patient = queue.put('b', { timeoutMs: 100 })
    await clock.advance(10)
    controller.abort(new Error('gone'))
    await Promise.all([late, aborted])
    expect(drain(queue)).toEqual(['a', 'b'])
    await patient
    await expect(queue.put('aborted', { signal: controller.signal })).rejects.toThrow('gone')
    expect(queue.empty()).toBe(true)
  })
})

describe.each([
  ['Queue', () => new Queue<number>()],
  ['PriorityQueue', () => new PriorityQueue<number>()],
  ['LifoQueue', () => new LifoQueue<number>()],
])('join of %s', (_, create) => {
  it('B-queue-005 refuses taskDone more often than items came in', () => {
    const queue = create()
    expect(() => {
      queue.taskDone()
    }).toThrow(new RangeError('taskDone() called too many times'))
    queue.putNowait(1)
    queue.taskDone()
    expect(() => {
      queue.taskDone()
    }).toThrow(RangeError)
  })

  it('B-queue-005 resolves at once for a fresh queue, else when all work is done', async () => {
    const queue = create()
    await queue.join()
    fill(queue, [1, 2])
    let joined = false
    void queue.join().then(() => (joined = true))
    drain(queue)
    queue.taskDone()
    await moment
    expect(joined).toBe(false)
    queue.taskDone()
    await moment
    expect(joined).toBe(true)
    await queue.join()
  })

  it('B-queue-005 gives up after its time-out', async () => {
    const queue = create()
    queue.putNowait(1)
    const late = expect(queue.join({ timeoutMs: 10 })).rejects.toMatchObject({ name: 'TimeoutError' })
    await clock.advance(10)
    await late
  })

  it('B-queue-006 counts an item from when it enters, not while its put waits', async () => {
    const queue = new Queue<number>(1)
    queue.putNowait(1)
    void queue.put(2)
    expect(String(queue)).toContain('tasks=1')
    queue.taskDone()
    await queue.join()
    queue.getNowait()
    expect(String(queue)).toContain('tasks=1')
    const direct = create()
    void direct.get()
    direct.putNowait(1)
    expect(String(direct)).toContain('tasks=1')
  })
})

it('B-queue-007 iterates for ever', async () => {
  const queue = new Queue<number>()
  const seen: number[] = []
  void (async () => {
    for await (const item of queue) {
      seen.push(item)
      queue.taskDone()
    }
  })()
  fill(queue, [1, 2])
  await queue.join()
  await queue.put(3)
  await queue.join()
  expect(seen).toEqual([1, 2, 3])
})

it('B-queue-007 stops iterating when the loop is left', async () => {
  const queue = new Queue<number>()
  fill(queue, [1, 2, 3])
  for await (const item of queue) if (item === 2) break
  expect(drain(queue)).toEqual([3])
})

describe('order', () => {
  it('B-queue-008 gives the smallest first, the newest first, or the oldest', () => {
    const [fifo, priority, lifo] = [new Queue<number>(), new PriorityQueue<number>(), new LifoQueue<number>()]
    for (const queue of [fifo, priority, lifo]) fill(queue, [1, 3, 2])
    expect([drain(fifo), drain(priority), drain(lifo)]).toEqual([
      [1, 3, 2],
      [1, 2, 3],
      [2, 3, 1],
    ])
  })

  it('B-queue-008 orders pairs by priority, and equals by their turn', () => {
    const queue = new PriorityQueue<[number, string]>()
    fill(queue, [
      [1, 'medium'],
      [0, 'urgent'],
      [10, 'low'],
      [0, 'urgent'],
      [1, 'also medium'],
    ])
    expect(drain(queue).map(([priority, name]) => `${priority} ${name}`)).toEqual([
      '0 urgent',
      '0 urgent',
      '1 also medium',
      '1 medium',
      '10 low',
    ])
    const jobs = new PriorityQueue<{ at: number; name: string }>(0, { compare: (a, b) => a.at - b.at })
    fill(jobs, [
      { at: 2, name: 'a' },
      { at: 1, name: 'b' },
      { at: 1, name: 'c' },
      { at: 1, name: 'd' },
    ])
    expect(drain(jobs).map(({ name }) => name)).toEqual(['b', 'c', 'd', 'a'])
  })

  it('B-queue-008 holds for many items put and taken in turns', () => {
    const queue = new PriorityQueue<number>()
    let seed = 1
    const model: number[] = []
    for (let i = 0; i < 2_000; i++) {
      seed = (seed * 48_271) % 2_147_483_647
      if (seed % 3 === 0 && model.length > 0) expect(queue.getNowait()).toBe(model.shift())
      else {
        queue.putNowait(seed % 500)
        model.push(seed % 500)
        model.sort((a, b) => a - b)
      }
    }
    expect(drain(queue)).toEqual(model)
  })

  it('orders text, dates and large integers by value, and refuses what has no order', () => {
    const drained = (items: readonly unknown[]): unknown[] => {
      const queue = new PriorityQueue<unknown>()
      fill(queue, items)
      return drain(queue)
    }
    expect(drained(['b', 'a'])).toEqual(['a', 'b'])
    expect(drained([new Date(2), new Date(1)])).toEqual([new Date(1), new Date(2)])
    expect(drained([2n, 1])).toEqual([1, 2n])
    expect(drained([[1, 2], [1], [0, 9]])).toEqual([[0, 9], [1], [1, 2]])
    for (const pair of [
      [1, 'a'],
      [{}, {}],
      [null, 1],
      [Number.NaN, 1],
      [
        [1, {}],
        [1, {}],
      ],
    ]) {
      expect(() => drained(pair)).toThrow(TypeError)
    }
  })

  it('tells the producer of an item without order, and goes on', async () => {
    const queue = new PriorityQueue<unknown>(2)
    fill(queue, [1, 2])
    const bad = expect(queue.put('text')).rejects.toThrow(TypeError)
    const good = queue.put(3)
    expect(queue.getNowait()).toBe(1)
    await Promise.all([bad, good])
    expect(queue.getNowait()).toBe(2)
    await expect(queue.put({})).rejects.toThrow(TypeError)
    expect(drain(queue)).toEqual([3])
  })

  it('takes a store of your own', () => {
    class Newest implements ItemStore<number> {
      #item: number | null = null

      get size(): number {
        return this.#item === null ? 0 : 1
      }

      put(item: number): void {
        this.#item = item
      }

      take(): number {
        const item = this.#item ?? 0
        this.#item = null
        return item
      }

      *[Symbol.iterator](): Iterator<number> {
        if (this.#item !== null) yield this.#item
      }
    }
    const queue = new Queue<number>(0, { store: new Newest() })
    fill(queue, [1, 2, 3])
    expect(String(queue)).toBe('<Queue maxsize=0 queue=[ 3 ] tasks=3>')
    expect(drain(queue)).toEqual([3])
  })
})

it('B-queue-009 shows its state as text', () => {
  const queue = new Queue<number>(1)
  expect(String(queue)).toBe('<Queue maxsize=1>')
  void queue.get()
  expect(String(queue)).toBe('<Queue maxsize=1 getters[1]>')
  fill(queue, [1, 2])
  void queue.put(3)
  expect(inspect(queue)).toBe('<Queue maxsize=1 queue=[ 2 ] putters[1] tasks=2>')
  expect(String(new LifoQueue())).toBe('<LifoQueue maxsize=0>')
  const priority = new PriorityQueue<number>()
  fill(priority, [2, 1])
  expect(String(priority)).toBe('<PriorityQueue maxsize=0 queue=[ 1, 2 ] tasks=2>')
})

it('passes everything from a producer to a consumer', async () => {
  const queue = new Queue<number>(3)
  const history: number[] = []
  void (async () => {
    for await (const item of queue) {
      history.push(item)
      await sleep(item % 3)
      queue.taskDone()
    }
  })()
  const produced = (async () => {
    for (let item = 0; item < 100; item++) await queue.put(item)
    await queue.join()
  })()
  await clock.advance(1_000)
  await produced
  expect(history).toEqual(Array.from({ length: 100 }, (_, index) => index))
})

it('lets go of the items it gave, and stays quick with many', () => {
  const queue = new Queue<number>()
  let put = 0
  let got = 0
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 3_000; i++) queue.putNowait(put++)
    const taken = Array.from({ length: 2_900 }, () => queue.getNowait())
    expect(taken).toEqual(taken.map(() => got++))
  }
  expect(drain(queue)).toEqual(Array.from({ length: put - got }, (_, index) => got + index))
})
