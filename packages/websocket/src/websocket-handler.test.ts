import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { Echo, frame, recording } from '../test/handlers.ts'
import { closeStatus, RawPeer } from '../test/raw-peer.ts'
import { serve } from '../test/serve.ts'
import { WebSocketClosedError, WebSocketHandler } from './index.ts'

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
    const { Handler, events, opened, closed } = recording()
    const { port } = await serve([['/ws', Handler]])
    const peer = await RawPeer.open(port)
    peer.sendFrame(0x89, 'one')
    expect(await peer.readFrame()).toEqual({ first: 0x8a, payload: Buffer.from('one') })
    const handler = await opened
    handler.onPing = () => void handler.writeMessage('behind the pong')
    peer.sendFrame(0x89, 'again')
    expect(await peer.readFrame()).toEqual({ first: 0x8a, payload: Buffer.from('again') })
    expect((await peer.readFrame())?.payload.toString()).toBe('behind the pong')
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
