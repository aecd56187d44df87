import { appLog, genLog } from '@tornado-ts/log'
import { memoryPair } from '@tornado-ts/iostream/memory'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import type { WebSocketHandlerClass } from '../test/handler-class.ts'
import { closeStatus, RawPeer } from '../test/raw-peer.ts'
import { serve } from '../test/serve.ts'
import { resolveConnectionParams } from './connection-params.ts'
import {
  WebSocketClosedError,
  WebSocketConnection,
  WebSocketHandler,
  type WebSocketDelegate,
} from './index.ts'

/** A handler whose calls are kept, in order, and whose instance can be had. */
function recording(): {
  Handler: WebSocketHandlerClass
  events: unknown[][]
  opened: Promise<WebSocketHandler>
  closed: Promise<[number | null, string | null]>
} {
  const events: unknown[][] = []
  const opened = Promise.withResolvers<WebSocketHandler>()
  const closed = Promise.withResolvers<[number | null, string | null]>()
  class Handler extends WebSocketHandler {
    override open(): void {
      opened.resolve(this)
    }
    override onMessage(message: string | Buffer): void {
      events.push(['message', message])
    }
    override onPing(data: Buffer): void {
      events.push(['ping', data.toString()])
    }
    override onPong(data: Buffer): void {
      events.push(['pong', data.toString()])
    }
    override onClose(code: number | null, reason: string | null): void {
      events.push(['close', code, reason])
      closed.resolve([this.closeCode, this.closeReason])
    }
  }
  return { Handler, events, opened: opened.promise, closed: closed.promise }
}

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    void this.writeMessage(message)
  }
}

describe('messages', () => {
  it('B-ws-040 text comes as a string and bytes as a Buffer; the next waits until the promise settles', async () => {
    const events: unknown[] = []
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const second = Promise.withResolvers<void>()
    class Slow extends WebSocketHandler {
      override async onMessage(message: string | Buffer): Promise<void> {
        events.push(message)
        if (events.length === 2) second.resolve()
        await gates[events.length - 1]!.promise
      }
    }
    const { port } = await serve([['/ws', Slow]])
    const peer = await RawPeer.open(port)
    peer.send(Buffer.concat([frame(0x81, 'text'), frame(0x82, Buffer.from([1, 2]))]))
    peer.sendFrame(0x89, 'behind')
    const other = await RawPeer.open(port)
    other.socket.destroy()
    expect(events).toEqual(['text'])
    gates[0]!.resolve()
    await second.promise
    expect(events).toEqual(['text', Buffer.from([1, 2])])
    gates[1]!.resolve()
    expect((await peer.readFrame())?.payload.toString()).toBe('behind')
  })

  it('B-ws-040 a peer that sends on while a message is handled is made to wait', async () => {
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    let count = 0
    class Slow extends WebSocketHandler {
      override async onMessage(): Promise<void> {
        count++
        begun.resolve()
        await gate.promise
      }
      override onClose(): void {
        over.resolve(count)
      }
    }
    const over = Promise.withResolvers<number>()
    const { port } = await serve([['/ws', Slow]])
    const peer = await RawPeer.open(port)
    const message = frame(0x82, Buffer.alloc(100_000))
    peer.send(message)
    await begun.promise
    let sent = 1
    while (peer.socket.writableLength < 1_000_000 && sent < 2000) {
      peer.send(message)
      sent++
      await new Promise(setImmediate)
    }
    // What the system has no room for stays with the peer: the server has stopped reading.
    expect(peer.socket.writableLength).toBeGreaterThan(0)
    expect(count).toBe(1)
    gate.resolve()
    peer.sendFrame(0x88, '')
    expect(await over.promise).toBe(sent)
  })

  it('B-ws-035 frames are whole, unmasked, and as short as can be', async () => {
    const { port } = await serve([['/ws', Echo]])
    const peer = await RawPeer.open(port)
    const heads: [size: number, head: string][] = [
      [0, '8100'],
      [125, '817d'],
      [126, '817e007e'],
      [65_535, '817effff'],
      [65_536, '817f0000000000010000'],
    ]
    for (const [size, head] of heads) {
      peer.sendFrame(0x81, 'x'.repeat(size))
      const received = await peer.read(head.length / 2 + size)
      expect(received.subarray(0, head.length / 2).toString('hex')).toBe(head)
      expect(received.subarray(head.length / 2).toString()).toBe('x'.repeat(size))
    }
  })

  it('B-ws-038 the flag decides the opcode; objects are JSON; other types are TypeErrors', async () => {
    const { Handler, opened } = recording()
    const { port } = await serve([['/ws', Handler]])
    const peer = await RawPeer.open(port)
    const handler = await opened
    void handler.writeMessage('text')
    void handler.writeMessage('text', true)
    void handler.writeMessage(Buffer.from('bytes'))
    void handler.writeMessage(new Uint8Array([0x61]), false)
    void handler.writeMessage({ a: '</' })
    void handler.writeMessage('ünïcode', true)
    void handler.writeMessage(Buffer.alloc(70_000, 1))
    const received = []
    for (let index = 0; index < 7; index++) received.push(await peer.readFrame())
    expect(received.map((each) => each!.first)).toEqual([0x81, 0x82, 0x82, 0x81, 0x81, 0x82, 0x82])
    expect(received.slice(0, 6).map((each) => each!.payload.toString())).toEqual([
      'text',
      'text',
      'bytes',
      'a',
      '{"a": "<\\/"}'.replaceAll(' ', ''),
      'ünïcode',
    ])
    for (const wrong of [5, null, undefined, true, ['a'], new Map(), () => {}])
      expect(() => handler.writeMessage(wrong as never)).toThrow(TypeError)
  })

  it('B-ws-039 B-ws-049 after close writing rejects with WebSocketClosedError', async () => {
    const { Handler, opened, closed } = recording()
    const { port } = await serve([['/ws', Handler]])
    const peer = await RawPeer.open(port)
    const handler = await opened
    expect(handler.getWebsocketProtocol()).not.toBeNull()
    handler.close()
    expect(handler.wsConnection).toBeNull()
    await expect(handler.writeMessage('x')).rejects.toThrow(WebSocketClosedError)
    expect(() => handler.ping()).toThrow(WebSocketClosedError)
    handler.close()
    peer.sendFrame(0x88, '')
    await closed
    await expect(handler.writeMessage('x')).rejects.toMatchObject({ name: 'WebSocketClosedError' })
    expect((await peer.readFrame())?.first).toBe(0x88)
    expect(await peer.readFrame()).toBeNull()
  })

  it('B-ws-039 a write that waits rejects when the connection is lost', async () => {
    const { Handler, opened } = recording()
    const { port } = await serve([['/ws', Handler]])
    const peer = await RawPeer.open(port)
    peer.socket.pause()
    const handler = await opened
    let pending = handler.writeMessage(Buffer.alloc(60_000))
    for (let index = 0; index < 200; index++) pending = handler.writeMessage(Buffer.alloc(60_000))
    peer.socket.destroy()
    await expect(pending).rejects.toThrow(WebSocketClosedError)
  })

  it('B-ws-041 B-ws-042 an error in a handler is logged and closes with 1011; onClose is called', async () => {
    const failures: [keyof WebSocketHandler, number][] = [
      ['onMessage', 0x81],
      ['onPing', 0x89],
      ['onPong', 0x8a],
    ]
    for (const isAsync of [false, true]) {
      for (const [name, first] of isAsync ? failures.slice(0, 1) : failures) {
        const { Handler, closed } = recording()
        class Failing extends Handler {}
        Object.assign(Failing.prototype, {
          [name]: isAsync
            ? async () => {
                await Promise.resolve()
                throw new Error('failed')
              }
            : () => {
                throw new Error('failed')
              },
        })
        const { port } = await serve([['/ws', Failing]])
        using logged = expectLog(appLog, /Uncaught exception/)
        const peer = await RawPeer.open(port)
        peer.sendFrame(first, 'x')
        let received = await peer.readFrame()
        if (received?.first === 0x8a) received = await peer.readFrame()
        expect(closeStatus(received)).toEqual({ code: 1011, reason: '' })
        expect(await closed).toEqual([1011, null])
        expect(logged.matched).toBe(1)
      }
    }
  })

  it('B-ws-043 setNodelay reaches the socket', async () => {
    const { Handler, opened } = recording()
    const { port } = await serve([['/ws', Handler]])
    await RawPeer.open(port)
    const handler = await opened
    const { stream } = handler.wsConnection!
    const values: boolean[] = []
    stream.setNodelay = (value) => void values.push(value)
    handler.setNodelay(true)
    expect(values).toEqual([true])
  })
})

describe('pings', () => {
  it('B-ws-036 a ping is answered by an equal pong, then onPing is called; pongs call onPong', async () => {
    const { Handler, events, closed } = recording()
    const { port } = await serve([['/ws', Handler]])
    const peer = await RawPeer.open(port)
    peer.sendFrame(0x89, 'one')
    expect(await peer.readFrame()).toEqual({ first: 0x8a, payload: Buffer.from('one') })
    peer.sendFrame(0x8a, 'two')
    peer.sendFrame(0x88, '')
    await closed
    expect(events.slice(0, 2)).toEqual([
      ['ping', 'one'],
      ['pong', 'two'],
    ])
  })

  it('B-ws-037 CVE-2016-10518 pings take text and bytes up to 125, and exactly those', async () => {
    const { Handler, opened } = recording()
    const { port } = await serve([['/ws', Handler]])
    const peer = await RawPeer.open(port)
    const handler = await opened
    handler.ping()
    handler.ping('é')
    handler.ping(new Uint8Array(new Uint8Array([0, 1, 2, 3]).buffer, 1, 2))
    handler.ping('x'.repeat(125))
    const payloads = []
    for (let index = 0; index < 4; index++) payloads.push((await peer.readFrame())!.payload)
    expect(payloads.slice(0, 3)).toEqual([Buffer.alloc(0), Buffer.from('é'), Buffer.from([1, 2])])
    expect(() => handler.ping('x'.repeat(126))).toThrow(RangeError)
    expect(() => handler.ping('é'.repeat(63))).toThrow(RangeError)
    expect(() => handler.ping(5 as never)).toThrow(TypeError)
    expect(() => handler.ping(new Uint16Array(2) as never)).toThrow(TypeError)
  })
})

describe('closing', () => {
  it('B-ws-044 codes and reasons as they are given', async () => {
    const cases: [number | undefined, string | undefined, ReturnType<typeof closeStatus>][] = [
      [undefined, undefined, { code: null, reason: '' }],
      [undefined, 'bye', { code: 1000, reason: 'bye' }],
      [1001, undefined, { code: 1001, reason: '' }],
      [4999, 'é'.repeat(61), { code: 4999, reason: 'é'.repeat(61) }],
    ]
    for (const [code, reason, expected] of cases) {
      const { Handler, opened } = recording()
      const { port } = await serve([['/ws', Handler]])
      const peer = await RawPeer.open(port)
      const handler = await opened
      expect(() => handler.close(1000, 'é'.repeat(62))).toThrow(RangeError)
      for (const wrong of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, NaN])
        expect(() => handler.close(wrong)).toThrow(RangeError)
      handler.close(code, reason)
      expect(closeStatus(await peer.readFrame())).toEqual(expected)
    }
  })

  it('B-ws-045 a peer that does not answer the close frame is cut off, after 5 s', async () => {
    expect(resolveConnectionParams('server', false, {}).closeTimeoutMs).toBe(5_000)
    const [ours, theirs] = memoryPair()
    const closed = Promise.withResolvers<unknown[]>()
    const delegate: WebSocketDelegate = {
      onWsMessage() {},
      onPing() {},
      onPong() {},
      onWsConnectionClose: (...status) => closed.resolve(status),
      logException() {},
    }
    const params = resolveConnectionParams('server', false, { closeTimeoutMs: 20 })
    const connection = new WebSocketConnection(ours, delegate, params)
    connection.start(() => {})
    connection.close(1000)
    expect(await theirs.readBytes(4)).toEqual(Buffer.from([0x88, 2, 0x03, 0xe8]))
    expect(await closed.promise).toEqual([null, null])
    expect(ours.closed()).toBe(true)
  })

  it('B-ws-046 code and reason of the peer are kept, and the code alone is echoed', async () => {
    for (const [payload, echoed, kept] of [
      [close(1000, 'bye'), { code: 1000, reason: '' }, [1000, 'bye']],
      [close(4000, ''), { code: 4000, reason: '' }, [4000, null]],
      [Buffer.alloc(0), { code: null, reason: '' }, [null, null]],
    ] as const) {
      const { Handler, closed } = recording()
      const { port } = await serve([['/ws', Handler]])
      const peer = await RawPeer.open(port)
      peer.sendFrame(0x88, payload)
      expect(closeStatus(await peer.readFrame())).toEqual(echoed)
      expect(await peer.readFrame()).toBeNull()
      expect(await closed).toEqual(kept)
    }
  })

  it('B-ws-047 a reason that is not UTF-8 closes with 1007, and onClose is called', async () => {
    const { Handler, closed } = recording()
    const { port } = await serve([['/ws', Handler]])
    const peer = await RawPeer.open(port)
    peer.sendFrame(0x88, Buffer.from([0x03, 0xe8, 0xff]))
    expect(closeStatus(await peer.readFrame())?.code).toBe(1007)
    expect((await closed)[0]).toBe(1007)
  })

  it('B-ws-048 onClose is called once, with null when the connection is lost, and the signal fires', async () => {
    for (const leave of [
      (peer: RawPeer) => peer.socket.destroy(),
      (peer: RawPeer) => peer.socket.end(),
      (peer: RawPeer) => peer.socket.resetAndDestroy(),
    ]) {
      const { Handler, events, opened, closed } = recording()
      const { port } = await serve([['/ws', Handler]])
      const peer = await RawPeer.open(port)
      const { signal } = await opened
      expect(signal.aborted).toBe(false)
      leave(peer)
      expect(await closed).toEqual([null, null])
      expect(signal.aborted).toBe(true)
      await new Promise(setImmediate)
      expect(events).toEqual([['close', null, null]])
    }
  })

  it('B-ws-048 onClose is not called when the handshake failed', async () => {
    const { Handler, events } = recording()
    const { port } = await serve([['/ws', Handler]])
    await expect(RawPeer.open(port, '/ws', { Upgrade: null })).rejects.toThrow(/400/)
    await RawPeer.open(port)
    expect(events).toEqual([])
  })

  it('a server that closes says 1001 to every socket and waits for their answers', async () => {
    const { Handler, closed } = recording()
    const { port, server } = await serve([['/ws', Handler]])
    const peers = [await RawPeer.open(port), await RawPeer.open(port)]
    const done = server.close({ graceMs: 5_000 })
    for (const peer of peers) {
      expect(closeStatus(await peer.readFrame())?.code).toBe(1001)
      peer.sendFrame(0x88, close(1001, ''))
      expect(await peer.readFrame()).toBeNull()
      peer.socket.end()
    }
    await done
    expect(await closed).toEqual([1001, null])
  })

  it('sockets that do not answer a closing server are cut at the end of the grace', async () => {
    const { Handler, closed } = recording()
    const { port, server } = await serve([['/ws', Handler]])
    await RawPeer.open(port)
    await server.close({ graceMs: 50 })
    expect(await closed).toEqual([null, null])
  })
})

describe('slow readers', () => {
  it('wait: beyond the limit messages are refused, and those before are sent', async () => {
    const { Handler, opened } = recording()
    const { port } = await serve([['/ws', Handler]], { websocketMaxQueuedSize: 200_000 })
    const peer = await RawPeer.open(port)
    peer.socket.pause()
    const handler = await opened
    using _logged = expectLog(genLog, /slow WebSocket/)
    const outcomes: Promise<boolean>[] = []
    let sent = 0
    for (; sent < 1000 && handler.bufferedAmount < 250_000; sent++)
      void handler.writeMessage(String(sent).padEnd(50_000))
    for (let index = 0; index < 20; index++) {
      outcomes.push(
        handler.writeMessage(String(sent + index).padEnd(50_000)).then(
          () => true,
          (error) => error.name !== 'WebSocketQueueFullError',
        ),
      )
      expect(handler.bufferedAmount).toBeLessThan(500_000)
    }
    peer.socket.resume()
    const taken = (await Promise.all(outcomes)).filter(Boolean).length
    expect(taken).toBeLessThan(20)
    handler.close()
    let count = 0
    for (let received; (received = await peer.readFrame())?.first === 0x81; count++) {
      expect(Number(received!.payload.toString())).toBe(count)
    }
    expect(count).toBeGreaterThanOrEqual(taken)
  })

  it('dropOldest: what is sent last arrives', async () => {
    const { Handler, opened } = recording()
    const { port } = await serve([['/ws', Handler]], {
      websocketMaxQueuedSize: 200_000,
      websocketSlowReaderPolicy: 'dropOldest',
    })
    const peer = await RawPeer.open(port)
    peer.socket.pause()
    const handler = await opened
    for (let index = 0; index < 500; index++) {
      void handler.writeMessage(String(index).padEnd(50_000))
      expect(handler.bufferedAmount).toBeLessThan(20_000_000)
    }
    peer.socket.resume()
    handler.close()
    const numbers: number[] = []
    for (let received; (received = await peer.readFrame())?.first === 0x81;)
      numbers.push(Number(received!.payload.toString()))
    expect(numbers.length).toBeLessThan(500)
    expect(numbers.slice(-3)).toEqual([497, 498, 499])
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })

  it('close: the peer is given up with 1008', async () => {
    const { Handler, opened, closed } = recording()
    const { port } = await serve([['/ws', Handler]], {
      websocketMaxQueuedSize: 200_000,
      websocketSlowReaderPolicy: 'close',
    })
    const peer = await RawPeer.open(port)
    peer.socket.pause()
    const handler = await opened
    while (handler.wsConnection !== null) void handler.writeMessage('x'.repeat(50_000))
    expect(await closed).toEqual([1008, 'reader too slow'])
    peer.socket.resume()
    let last = await peer.readFrame()
    while (last?.first === 0x81) last = await peer.readFrame()
    expect(closeStatus(last)?.code).toBe(1008)
  })

  it('a flood of pings from a peer that does not read is answered by its last', async () => {
    const { Handler, opened } = recording()
    const { port } = await serve([['/ws', Handler]])
    const peer = await RawPeer.open(port)
    peer.socket.pause()
    const handler = await opened
    while (handler.bufferedAmount < 100_000) void handler.writeMessage('x'.repeat(100_000))
    const before = handler.bufferedAmount
    for (let index = 0; index < 20_000; index++) peer.sendFrame(0x89, `ping ${index}`.padEnd(100))
    peer.sendFrame(0x81, 'done')
    while (handler.bufferedAmount === before && peer.socket.writableLength > 0)
      await new Promise(setImmediate)
    expect(handler.bufferedAmount).toBeLessThan(before + 20_000)
  })
})

describe('the next message and what is sent', () => {
  it('answers to all messages of a segment leave together', async () => {
    const { Handler, opened } = recording()
    class Answering extends Handler {
      override async onMessage(message: string | Buffer): Promise<void> {
        await this.writeMessage(message)
      }
    }
    const { port } = await serve([['/ws', Answering]])
    const peer = await RawPeer.open(port)
    const { stream } = (await opened).wsConnection!
    let writes = 0
    const send = stream.send.bind(stream)
    stream.send = (...args) => {
      writes++
      return send(...args)
    }
    peer.send(Buffer.concat(Array.from({ length: 32 }, (_, index) => frame(0x81, `message ${index}`))))
    for (let index = 0; index < 32; index++)
      expect((await peer.readFrame())?.payload.toString()).toBe(`message ${index}`)
    expect(writes).toBe(1)
  })
})

function frame(first: number, payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload)
  const head = Buffer.alloc(bytes.length < 126 ? 6 : bytes.length < 65_536 ? 8 : 14)
  head[0] = first
  if (bytes.length < 126) head[1] = 0x80 | bytes.length
  else if (bytes.length < 65_536) {
    head[1] = 0xfe
    head.writeUInt16BE(bytes.length, 2)
  } else {
    head[1] = 0xff
    head.writeBigUInt64BE(BigInt(bytes.length), 2)
  }
  return Buffer.concat([head, bytes])
}

function close(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return Buffer.concat([payload, Buffer.from(reason)])
}
