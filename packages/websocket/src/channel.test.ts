import { expect, it, vi } from 'vitest'
import { RawPeer } from '../test/raw-peer.ts'
import { serve } from '../test/serve.ts'
import { Channel, PreparedMessage, websocketConnect, WebSocketHandler, type Sendable } from './index.ts'
import * as encoder from './protocol/frame-encoder.ts'

it('sends what is published to all who have subscribed, encoded once', async () => {
  const channel = new Channel<Member>()
  class Member extends WebSocketHandler {
    override open(): void {
      channel.subscribe(this)
      channel.subscribe(this)
    }
    override async onMessage(message: string | Buffer): Promise<void> {
      expect(await channel.publish(message, { except: this })).toEqual({ count: channel.size - 1 })
    }
  }
  const { port, url } = await serve([['/ws', Member]])
  const peers = [await RawPeer.open(port), await RawPeer.open(port), await RawPeer.open(port)]
  const connection = await websocketConnect(`${url}/ws`)
  expect(channel.size).toBe(4)
  expect([...channel].every((member) => channel.has(member))).toBe(true)
  void connection.writeMessage('hello everyone')
  for (const peer of peers) expect((await peer.readFrame())?.payload.toString()).toBe('hello everyone')
  for (const message of ['text', 'ünï', Buffer.from([1, 2]), { kind: 'tick' }]) {
    const prepared = new PreparedMessage(message)
    expect(prepared.frame).toBe(prepared.frame)
    await channel.publish(prepared)
    const expected = Buffer.isBuffer(message)
      ? message
      : typeof message === 'string'
        ? message
        : '{"kind":"tick"}'
    expect(await connection.readMessage()).toEqual(expected)
    for (const peer of peers) expect((await peer.readFrame())?.payload).toEqual(Buffer.from(expected))
  }
  await connection[Symbol.asyncDispose]()
})

it('drops those who are gone, whatever made them go', async () => {
  const channel = new Channel<Member>()
  const gone = Promise.withResolvers<void>()
  class Member extends WebSocketHandler {
    override open(): void {
      channel.subscribe(this)
    }
    override onClose(): void {
      if (channel.size === 0) gone.resolve()
      // The signal fires before onClose.
      expect(channel.has(this)).toBe(false)
    }
  }
  const { port } = await serve([['/ws', Member]])
  const peers = [await RawPeer.open(port), await RawPeer.open(port), await RawPeer.open(port)]
  expect(channel.size).toBe(3)
  peers[0]!.sendFrame(0x88, '')
  peers[1]!.socket.destroy()
  peers[2]!.sendFrame(0xff, 'wrong')
  await gone.promise
  expect(await channel.publish('nobody')).toEqual({ count: 0 })
})

it('a subscriber that is gone already is not taken, one that has closed is dropped when it is sent to, one that fails otherwise stays', async () => {
  const channel = new Channel()
  const aborted = { writeMessage: async () => {}, signal: AbortSignal.abort() }
  channel.subscribe(aborted)
  expect(channel.size).toBe(0)
  const failing = (name: string): { writeMessage(): Promise<void>; signal: AbortSignal } => ({
    writeMessage: () => Promise.reject(Object.assign(new Error('failed'), { name })),
    signal: new AbortController().signal,
  })
  const closed = failing('WebSocketClosedError')
  const slow = failing('WebSocketQueueFullError')
  channel.subscribe(closed)
  channel.subscribe(slow)
  await channel.publish('x')
  await Promise.resolve()
  expect([...channel]).toEqual([slow])
  expect(channel.unsubscribe(slow)).toBe(true)
  expect(channel.unsubscribe(slow)).toBe(false)
  await expect(channel.publish(5 as never)).rejects.toThrow(TypeError)
})

it('an overridden writeMessage is called, and one that throws keeps the message from nobody', async () => {
  const channel = new Channel<Member>()
  class Member extends WebSocketHandler {
    override open(): void {
      channel.subscribe(this)
    }
    override writeMessage(message: Sendable | PreparedMessage, binary?: boolean): Promise<void> {
      const data = message instanceof PreparedMessage ? message.data : message
      return super.writeMessage(`said: ${String(data)}`, binary)
    }
  }
  class Early extends Member {
    override prepare(): void {
      channel.subscribe(this)
    }
    override open(): void {}
  }
  const { port } = await serve([
    ['/ws', Member],
    ['/early', Early],
  ])
  const throwing = Object.assign(new Error('not open'), { name: 'WebSocketClosedError' })
  const early = {
    writeMessage: () => {
      throw throwing
    },
    signal: new AbortController().signal,
  }
  channel.subscribe(early as unknown as Member)
  const peers = [await RawPeer.open(port), await RawPeer.open(port, '/early')]
  expect(await channel.publish('hello')).toEqual({ count: 3 })
  for (const peer of peers) expect((await peer.readFrame())?.payload.toString()).toBe('said: hello')
  expect(channel.has(early as unknown as Member)).toBe(false)
  expect(channel.size).toBe(2)
})

it('sockets that never read hold no more than their limits, and share what is published', async () => {
  const channel = new Channel<Member>()
  class Member extends WebSocketHandler {
    override open(): void {
      channel.subscribe(this)
    }
  }
  const limit = 100_000
  const { port } = await serve([['/ws', Member]], {
    websocketMaxQueuedSize: limit,
    websocketSlowReaderPolicy: 'dropOldest',
  })
  const count = 100
  for (let index = 0; index < count; index++) {
    const peer = await RawPeer.open(port)
    peer.socket.pause()
  }
  const before = process.memoryUsage()
  const size = 60_000
  for (let round = 0; round < 200; round++) {
    await channel.publish(Buffer.alloc(size, round))
    if (round % 20 === 0) await new Promise(setImmediate)
  }
  for (const member of channel) expect(member.bufferedAmount).toBeLessThan(limit + 3 * size)
  const { arrayBuffers } = process.memoryUsage()
  // 1.2 GB were published; all members together hold a few messages, not a few each.
  expect(arrayBuffers - before.arrayBuffers).toBeLessThan(100 * 1_000_000)
})

it('a text that is not ASCII is encoded to bytes once', () => {
  const spy = vi.spyOn(Buffer.prototype, 'write')
  const prepared = new PreparedMessage('ünï')
  for (let index = 0; index < 10; index++)
    expect(prepared.frame).toEqual(encoder.encodeFrame(0x81, Buffer.from('ünï')))
  expect(spy).toHaveBeenCalledTimes(1)
  spy.mockRestore()
})
