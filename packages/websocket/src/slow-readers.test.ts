import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { recording } from '../test/handlers.ts'
import { closeStatus, RawPeer } from '../test/raw-peer.ts'
import { serve } from '../test/serve.ts'

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
