import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { PosterCallbacks } from '../../fixtures/poster-callbacks.ts'
import { sourceCondition } from '../../fixtures/source-condition.ts'
import { Event } from '../locks/event.ts'
import { IOLoop } from './io-loop.ts'
import { type LoopHandle, RemoteLoop } from './loop-handle.ts'

let loop: IOLoop
let received: Map<number, number[]>
let posted: Int32Array
let running: Promise<unknown>[]

const callbacks: PosterCallbacks = {
  record(worker, index) {
    const indexes = received.get(worker)
    if (indexes === undefined) received.set(worker, [index])
    else indexes.push(index)
  },
}

beforeEach(() => {
  loop = IOLoop.current()
  received = new Map()
  posted = new Int32Array(new SharedArrayBuffer(4))
  running = []
})

afterEach(() => loop.close())

function startWorker(worker: number, posts: number, end: string): Worker {
  const handle = loop.handle(callbacks)
  const thread = new Worker(new URL('../../fixtures/poster.ts', import.meta.url), {
    workerData: { handle, posts, worker, end, posted },
    transferList: [handle],
    execArgv: sourceCondition,
  })
  running.push(once(thread, 'exit'))
  return thread
}

const count = (): number => [...received.values()].reduce((sum, indexes) => sum + indexes.length, 0)

async function settle(): Promise<void> {
  while (count() < (posted[0] ?? 0)) await new Promise((resolve) => setImmediate(resolve))
}

it.each(['return', 'close', 'exit'])(
  'B-loop-012 runs 100,000 calls of 4 threads, each in its order, none lost when the threads %s',
  async (end) => {
    for (let worker = 0; worker < 4; worker++) startWorker(worker, 25_000, end)
    await Promise.all(running)
    await settle()
    expect(posted[0]).toBe(100_000)
    expect(received.size).toBe(4)
    for (const indexes of received.values()) {
      expect(indexes).toHaveLength(25_000)
      expect(indexes.every((index, position) => index === position)).toBe(true)
    }
  },
)

it('keeps calls through a stop and a start of the loop', async () => {
  loop.callLater(1, () => {
    loop.stop()
  })
  for (let worker = 0; worker < 2; worker++) startWorker(worker, 5_000, 'exit')
  await loop.start()
  await Promise.all(running)
  await settle()
  expect(count()).toBe(10_000)
})

it('B-loop-012 runs within close() what was posted before, and ignores what comes later', async () => {
  const worker = startWorker(0, 20_000, 'run on')
  const done = new Event()
  worker.once('message', () => {
    done.set()
  })
  // While this thread is here, the calls are posted but cannot run.
  while (Atomics.load(posted, 0) < 20_000);
  const closing = loop.close()
  expect(count()).toBe(20_000)
  await closing
  await done.wait()
  worker.postMessage('post again')
  await once(worker, 'message')
  await worker.terminate()
  expect(count()).toBe(20_000)
  expect(() => loop.handle({})).toThrow('IOLoop is closed')
})

it('logs what a callback throws, calls of no callback, and arguments that cannot be read', async () => {
  using expected = expectLog(appLog, /Exception in callback fail|Loop handle has no callback/)
  const { promise, resolve } = Promise.withResolvers<string>()
  const handle: LoopHandle<{ fail(): void; missing(): void; toString(): string; last(text: string): void }> =
    loop.handle({
      fail() {
        throw new Error('in a callback')
      },
      missing: resolve as () => void,
      last: resolve,
    })
  using remote = new RemoteLoop(handle)
  remote.addCallback('fail')
  // @ts-expect-error -- for callers without types
  remote.addCallback('nowhere')
  remote.addCallback('toString')
  remote.addCallback('last', 'done')
  await expect(promise).resolves.toBe('done')
  expect(expected.records.map(({ message }) => message)).toEqual([
    'Exception in callback fail',
    'Loop handle has no callback nowhere',
    'Loop handle has no callback toString',
  ])
  expect(() => {
    // @ts-expect-error -- functions cannot be copied
    remote.addCallback('last', () => {})
  }).toThrow('could not be cloned')
})

it('knows the types of the callbacks on the other side', () => {
  using remote = new RemoteLoop(loop.handle(callbacks))
  expect(() => {
    // @ts-expect-error -- a number is missing
    remote.addCallback('record', 1)
  }).not.toThrow()
  remote.close()
})
