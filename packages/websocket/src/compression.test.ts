import { describe, expect, it, onTestFinished } from 'vitest'
import { constants, createDeflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib'
import { closeStatus, handshakeHead, RawPeer } from '../test/raw-peer.ts'
import type { WebSocketHandlerClass } from '../test/handler-class.ts'
import { serve } from '../test/serve.ts'
import { compressionBudget } from './deflate/compression-limits.ts'
import { resolveCompression } from './deflate/compression-options.ts'
import {
  PreparedMessage,
  setCompressionLimits,
  websocketConnect,
  WebSocketHandler,
  type CompressionOptions,
} from './index.ts'
import { parseExtensions } from './protocol/extensions.ts'
import { acceptDeflate } from './protocol/permessage-deflate.ts'

function echoing(options: CompressionOptions | null): WebSocketHandlerClass {
  return class extends WebSocketHandler {
    override getCompressionOptions(): CompressionOptions | null {
      return options
    }
    override onMessage(message: string | Buffer): void {
      void this.writeMessage(message)
    }
  }
}

const compressAll = { threshold: 0 }
const tail = Buffer.from([0, 0, 0xff, 0xff])

/** As a client with an empty window compresses. */
function compress(text: string | Buffer): Buffer {
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
}

function inflate(payload: Buffer): string {
  return inflateRawSync(Buffer.concat([payload, tail]), { finishFlush: constants.Z_SYNC_FLUSH }).toString()
}

/** The extension field of the answer to an offer, or `null`. */
async function agree(port: number, offer: string): Promise<string | null> {
  const peer = await RawPeer.connect(port)
  peer.send(handshakeHead('/ws', { 'Sec-WebSocket-Extensions': offer }))
  const head = await peer.readHead()
  expect(head).toMatch(/^HTTP\/1\.1 101 /)
  peer.socket.destroy()
  return /Sec-Websocket-Extensions: (.*)\r\n/.exec(head)?.[1] ?? null
}

describe('the agreement', () => {
  it('B-ws-019 is made only when the handler has options and the client offers; the first offer that fits is taken', async () => {
    const off = await serve([['/ws', echoing(null)]])
    expect(await agree(off.port, 'permessage-deflate')).toBeNull()
    const { port } = await serve([['/ws', echoing({})]])
    expect(await agree(port, 'x-unknown')).toBeNull()
    expect(
      await agree(port, 'x-unknown; a=1, permessage-deflate, permessage-deflate; server_no_context_takeover'),
    ).toBe('permessage-deflate')
    expect(
      await agree(port, 'permessage-deflate; unknown=1, permessage-deflate; client_no_context_takeover'),
    ).toBe('permessage-deflate; client_no_context_takeover')
  })

  it('B-ws-020 options: level 6 and memLevel 8 unless said otherwise; windows and takeover can be chosen, unknown keys are ignored', async () => {
    expect(resolveCompression({})).toMatchObject({ level: 6, memLevel: 8, threshold: 256 })
    expect(resolveCompression({ maxWbits: 3 } as never)).toMatchObject({ level: 6 })
    for (const wrong of [
      { compressionLevel: 10 },
      { memLevel: 0 },
      { serverMaxWindowBits: 8 },
      { threshold: -1 },
    ])
      expect(() => resolveCompression(wrong)).toThrow(RangeError)
    const { port } = await serve([
      ['/ws', echoing({ serverNoContextTakeover: true, serverMaxWindowBits: 10, clientMaxWindowBits: 11 })],
    ])
    expect(await agree(port, 'permessage-deflate; client_max_window_bits')).toBe(
      'permessage-deflate; client_max_window_bits=11; server_max_window_bits=10; server_no_context_takeover',
    )
    expect(await agree(port, 'permessage-deflate')).toBe(
      'permessage-deflate; server_max_window_bits=10; server_no_context_takeover',
    )
  })

  it('B-ws-021 B-ws-022 B-ws-023 parameters are honoured and echoed, sorted by name, with a value or without', async () => {
    const { port } = await serve([['/ws', echoing({})]])
    expect(
      await agree(
        port,
        'permessage-deflate; server_no_context_takeover; server_max_window_bits="12"; client_no_context_takeover; client_max_window_bits=9',
      ),
    ).toBe(
      'permessage-deflate; client_max_window_bits=9; client_no_context_takeover; server_max_window_bits=12; server_no_context_takeover',
    )
    expect(await agree(port, 'permessage-deflate; client_max_window_bits')).toBe('permessage-deflate')
  })

  it('CVE-2017-14919 GHSA-5v72-xg48-5rpm offers that are not valid are declined, and nothing crashes (z-decline-*, hs-ext-junk-*)', async () => {
    const { port } = await serve([['/ws', echoing({})]])
    for (const offer of [
      'permessage-deflate; server_max_window_bits=8',
      'permessage-deflate; server_max_window_bits=7',
      'permessage-deflate; server_max_window_bits=16',
      'permessage-deflate; server_max_window_bits=99',
      'permessage-deflate; server_max_window_bits=010',
      'permessage-deflate; server_max_window_bits',
      'permessage-deflate; server_max_window_bits=',
      'permessage-deflate; client_max_window_bits=16',
      'permessage-deflate; server_no_context_takeover=1',
      'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
      'permessage-deflate; unknown',
      'constructor',
      '__proto__; toString=1',
      'permessage-deflate; __proto__=1',
      ';;;',
      ',,,',
      '=',
      '"',
      'permessage-deflate; a="',
    ])
      expect(await agree(port, offer), offer).toBeNull()
  })

  it('CVE-2020-7662 CVE-2020-7663 parsing is linear', () => {
    // Quadratic work over these would outlast the test's time.
    expect(parseExtensions(`a; b="${'\\a'.repeat(400_000)}`)).toBeNull()
    expect(parseExtensions(`a${' '.repeat(800_000)}b`)).toBeNull()
    expect(parseExtensions('a; b=1, '.repeat(100_000))).toHaveLength(100_000)
  })

  it('a window of 8 bits for the client is fine: it only is inflated', () => {
    const wishes = resolveCompression({})
    const offers = parseExtensions('permessage-deflate; client_max_window_bits=8')!
    expect(acceptDeflate(offers, wishes)?.agreement.peerWindowBits).toBe(8)
  })
})

describe('messages', () => {
  it('B-ws-024 windows are kept between messages, unless agreed otherwise', async () => {
    for (const noContextTakeover of [false, true]) {
      const { port } = await serve([
        ['/ws', echoing({ ...compressAll, serverNoContextTakeover: noContextTakeover })],
      ])
      const peer = await RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
      const text = 'abcdefghijklmnopqrstuvwxyz 0123456789'
      peer.sendFrame(0x81, text)
      const first = (await peer.readFrame())!
      peer.sendFrame(0x81, text)
      const second = (await peer.readFrame())!
      expect(inflate(first.payload)).toBe(text)
      if (noContextTakeover) expect(second.payload).toEqual(first.payload)
      else expect(second.payload.length).toBeLessThan(first.payload.length / 2)
    }
  })

  it('B-ws-024 the window of the peer is kept as well', async () => {
    const { port } = await serve([['/ws', echoing({})]])
    const peer = await RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    const deflate = createDeflateRaw()
    onTestFinished(() => deflate.close())
    const compressNext = async (text: string): Promise<Buffer> => {
      deflate.write(text)
      await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve))
      return (deflate.read() as Buffer).subarray(0, -4)
    }
    const text = 'abcdefghijklmnopqrstuvwxyz 0123456789'
    const [first, second] = [await compressNext(text), await compressNext(text)]
    expect(second.length).toBeLessThan(first.length / 2)
    for (const payload of [first, second]) {
      peer.sendFrame(0xc1, payload)
      expect((await peer.readFrame())?.payload.toString()).toBe(text)
    }
  })

  it('B-ws-025 messages are compressed with RSV1 and without the tail; small ones are not', async () => {
    const { port } = await serve([['/ws', echoing({ threshold: 100 })]])
    const peer = await RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    peer.sendFrame(0x81, 'small')
    expect(await peer.readFrame()).toEqual({ first: 0x81, payload: Buffer.from('small') })
    peer.sendFrame(0x81, 'large '.repeat(100))
    const large = (await peer.readFrame())!
    expect(large.first).toBe(0xc1)
    expect(large.payload.length).toBeLessThan(40)
    expect(large.payload.subarray(-4)).not.toEqual(tail)
    expect(inflate(large.payload)).toBe('large '.repeat(100))
  })

  it('B-ws-026 messages that are not compressed are accepted, and compressed ones in fragments', async () => {
    const { port } = await serve([['/ws', echoing({})]])
    const peer = await RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    peer.sendFrame(0x81, 'plain')
    expect((await peer.readFrame())?.payload.toString()).toBe('plain')
    const bytes = compress('compressed')
    peer.sendFrame(0x41, bytes.subarray(0, 3))
    peer.sendFrame(0x00, bytes.subarray(3, 5))
    peer.sendFrame(0x80, bytes.subarray(5))
    expect((await peer.readFrame())?.payload.toString()).toBe('compressed')
  })

  it('B-ws-028 B-ws-029 control frames between compressed fragments do no harm; RSV1 on them is an error', async () => {
    const { port } = await serve([['/ws', echoing({})]])
    const peer = await RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    const bytes = compress('compressed')
    peer.sendFrame(0x41, bytes.subarray(0, 3))
    peer.sendFrame(0x89, 'ping')
    expect((await peer.readFrame())?.payload.toString()).toBe('ping')
    peer.sendFrame(0x80, bytes.subarray(3))
    expect((await peer.readFrame())?.payload.toString()).toBe('compressed')
    peer.sendFrame(0xc9, compress('ping'))
    expect(closeStatus(await peer.readFrame())?.code).toBe(1002)
    const other = await RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    other.sendFrame(0x41, bytes.subarray(0, 3))
    other.sendFrame(0xc0, bytes.subarray(3))
    expect(closeStatus(await other.readFrame())?.code).toBe(1002)
  })

  it('CVE-2018-1000518 B-ws-027 a bomb closes with 1009 while it is inflated (z-bomb-*)', async () => {
    const { port } = await serve([['/ws', echoing({})]], { websocketMaxMessageSize: 100_000 })
    const bomb = compress(Buffer.alloc(50_000_000))
    expect(bomb.length).toBeLessThan(100_000)
    const peer = await RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    peer.sendFrame(0xc1, bomb)
    expect(closeStatus(await peer.readFrame())).toEqual({
      code: 1009,
      reason: 'message too big after decompression',
    })
    expect(await peer.readFrame()).toBeNull()
  })

  it('what cannot be inflated, or is no text then, closes with 1007', async () => {
    const { port } = await serve([['/ws', echoing({})]])
    for (const payload of [Buffer.from('ffffffff', 'hex'), compress(Buffer.from([0xff, 0xfe]))]) {
      const peer = await RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
      peer.sendFrame(0xc1, payload)
      expect(closeStatus(await peer.readFrame())?.code).toBe(1007)
    }
  })

  it('a block that says it is the last is taken, and another message after it (RFC 7692 §7.2.3.4)', async () => {
    for (const options of [{}, { clientNoContextTakeover: true }]) {
      const { port } = await serve([['/ws', echoing(options)]])
      const peer = await RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
      for (let index = 0; index < 3; index++) {
        peer.sendFrame(0xc1, Buffer.from('f348cdc9c90700', 'hex'))
        expect((await peer.readFrame())?.payload.toString()).toBe('Hello')
        peer.sendFrame(0xc1, Buffer.concat([deflateRawSync('Hello final'), Buffer.from([0])]))
        expect((await peer.readFrame())?.payload.toString()).toBe('Hello final')
      }
    }
  })

  it('order is kept among compressed, small and prepared messages, and all of them inflate', async () => {
    for (const options of [
      compressAll,
      { threshold: 30 },
      { ...compressAll, serverNoContextTakeover: true },
    ]) {
      const prepared = new PreparedMessage('prepared '.repeat(20))
      class Sending extends echoing(options) {
        override onMessage(): void {
          for (let index = 0; index < 20; index++) {
            void this.writeMessage(`number ${index} `.repeat((index % 3) * 10 + 1))
            void this.writeMessage(prepared)
          }
          void this.writeMessage('end')
        }
      }
      const { url } = await serve([['/ws', Sending]])
      const connection = await websocketConnect(`${url}/ws`, { compressionOptions: {} })
      expect(connection.isCompressed).toBe(true)
      void connection.writeMessage('go')
      for (let index = 0; index < 20; index++) {
        expect(await connection.readMessage()).toBe(`number ${index} `.repeat((index % 3) * 10 + 1))
        expect(await connection.readMessage()).toBe('prepared '.repeat(20))
      }
      expect(await connection.readMessage()).toBe('end')
      await connection[Symbol.asyncDispose]()
    }
  })
})

describe('ceilings of the process', () => {
  it('beyond the memory, connections agree to keep no windows; what they had comes back', async () => {
    const before = compressionBudget.memorySize
    setCompressionLimits({ maxMemorySize: before + 400_000 })
    onTestFinished(() => setCompressionLimits({ maxMemorySize: 256 * 1024 * 1024 }))
    const { port } = await serve([['/ws', echoing({})]])
    const peer = await RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' })
    expect(compressionBudget.memorySize).toBeGreaterThan(before + 250_000)
    expect(await agree(port, 'permessage-deflate')).toBe(
      'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
    )
    peer.sendFrame(0x88, '')
    await peer.readAll()
    expect(compressionBudget.memorySize).toBe(before)
    expect(await agree(port, 'permessage-deflate')).toBe('permessage-deflate')
  })

  it('jobs wait their turn, and those of a connection that is gone are dropped', async () => {
    setCompressionLimits({ maxConcurrentJobs: 1 })
    onTestFinished(() => setCompressionLimits({ maxConcurrentJobs: 8 }))
    const { url, port } = await serve([['/ws', echoing(compressAll)]])
    const leaving = await Promise.all(
      Array.from({ length: 10 }, () =>
        RawPeer.open(port, '/ws', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }),
      ),
    )
    for (const peer of leaving) {
      peer.sendFrame(0xc2, compress(Buffer.alloc(500_000, 7)))
      peer.socket.destroySoon()
    }
    const connections = await Promise.all(
      Array.from({ length: 5 }, () => websocketConnect(`${url}/ws`, { compressionOptions: compressAll })),
    )
    for (const [index, connection] of connections.entries()) void connection.writeMessage(`message ${index}`)
    const answers = await Promise.all(connections.map(async (connection) => await connection.readMessage()))
    expect(answers).toEqual(connections.map((_, index) => `message ${index}`))
    for (const connection of connections) connection.close()
    expect(() => setCompressionLimits({ maxConcurrentJobs: 0 })).toThrow(RangeError)
  })
})
