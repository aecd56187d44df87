import { memoryPair } from '@tornado-ts/iostream/memory'
import { describe, expect, it } from 'vitest'
import { close, recording } from '../test/handlers.ts'
import { closeStatus, RawPeer } from '../test/raw-peer.ts'
import { serve } from '../test/serve.ts'
import { resolveConnectionParams } from './connection-params.ts'
import { WebSocketConnection, type WebSocketDelegate } from './index.ts'

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
