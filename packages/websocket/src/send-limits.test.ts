import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { afterEach, expect, it } from 'vitest'
import { RawPeer } from '../test/raw-peer.ts'
import { serve } from '../test/serve.ts'
import { PreparedMessage, setSendLimits, WebSocketHandler } from './index.ts'
import { sendBudget } from './send-limits.ts'

const size = 60_000
const count = 4

afterEach(() => setSendLimits({ maxQueuedSize: 256 * 1024 * 1024 }))

/** Handlers whose peers do not read, each with a message that waits. */
async function stalled(
  policy: 'wait' | 'dropOldest' | 'close',
): Promise<{ handlers: WebSocketHandler[]; over: Promise<unknown>; leave: () => void }> {
  const handlers: WebSocketHandler[] = []
  const closed: Promise<void>[] = []
  class Handler extends WebSocketHandler {
    readonly #closed = Promise.withResolvers<void>()
    override open(): void {
      handlers.push(this)
      closed.push(this.#closed.promise)
    }
    override onClose(): void {
      this.#closed.resolve()
    }
  }
  const { port } = await serve([['/ws', Handler]], { websocketSlowReaderPolicy: policy })
  const peers: RawPeer[] = []
  for (let index = 0; index < count; index++) {
    const peer = await RawPeer.open(port)
    peer.socket.pause()
    peers.push(peer)
  }
  for (const handler of handlers) {
    const before = sendBudget.queuedSize
    // What the operating system takes at last, it may take a few turns later.
    for (let turns = 0; turns < 5; turns = sendBudget.queuedSize === before ? 0 : turns + 1) {
      if (sendBudget.queuedSize === before) void handler.writeMessage(Buffer.alloc(size))
      await new Promise(setImmediate)
    }
  }
  const leave = (): void => {
    for (const peer of peers) peer.socket.destroy()
  }
  return { handlers, over: Promise.all(closed), leave }
}

it('CVE-2021-21419 (reader-that-does-not-read) wait: what waits in the whole process is held to its limit, and given back when the peers are gone', async () => {
  using logged = expectLog(genLog, /slow WebSocket/)
  const { handlers, over, leave } = await stalled('wait')
  const limit = 10 * size
  setSendLimits({ maxQueuedSize: limit })
  const outcomes: Promise<string>[] = []
  for (let round = 0; round < 10; round++) {
    for (const handler of handlers) {
      outcomes.push(
        handler.writeMessage(Buffer.alloc(size)).then(
          () => 'sent',
          (error: Error) => error.name,
        ),
      )
      expect(sendBudget.queuedSize).toBeLessThan(limit + 2 * size)
    }
  }
  // One line, however many peers are slow.
  expect(logged.matched).toBe(1)
  leave()
  await over
  const names = await Promise.all(outcomes)
  expect(names.filter((name) => name === 'WebSocketQueueFullError').length).toBeGreaterThan(30)
  expect(sendBudget.queuedSize).toBe(0)
})

it('dropOldest: each drops its own, and the last one stays', async () => {
  const { handlers, over, leave } = await stalled('dropOldest')
  const limit = 10 * size
  setSendLimits({ maxQueuedSize: limit })
  for (let round = 0; round < 10; round++) {
    for (const handler of handlers) void handler.writeMessage(Buffer.alloc(size))
    expect(sendBudget.queuedSize).toBeLessThan(limit + 2 * size)
  }
  leave()
  await over
  expect(sendBudget.queuedSize).toBe(0)
})

it('close: who has something waiting is given up', async () => {
  const { handlers, over } = await stalled('close')
  setSendLimits({ maxQueuedSize: size })
  for (const handler of handlers) void handler.writeMessage(Buffer.alloc(size))
  expect(handlers.map(({ wsConnection }) => wsConnection)).toEqual(handlers.map(() => null))
  await over
  expect(handlers.map(({ closeCode }) => closeCode)).toEqual(handlers.map(() => 1008))
})

it('a message that waits in many queues counts once, with a little for each place', async () => {
  const { handlers, over, leave } = await stalled('wait')
  const before = sendBudget.queuedSize
  for (let index = 0; index < 10; index++) {
    const message = new PreparedMessage(Buffer.alloc(size, index))
    for (const handler of handlers) void handler.writeMessage(message)
  }
  expect(sendBudget.queuedSize - before).toBe(10 * (size + count * 64))
  leave()
  await over
  expect(sendBudget.queuedSize).toBe(0)
})

it('a limit is above zero', () => {
  for (const maxQueuedSize of [0, -1, NaN]) expect(() => setSendLimits({ maxQueuedSize })).toThrow(RangeError)
  setSendLimits({})
  expect(sendBudget.maxQueuedSize).toBe(256 * 1024 * 1024)
})
