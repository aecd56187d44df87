import { splits } from '@tornado-ts/iostream/memory'
import { describe, expect, it } from 'vitest'
import { recording } from '../test/handlers.ts'
import { closeStatus, RawPeer } from '../test/raw-peer.ts'
import { serve } from '../test/serve.ts'
import { WebSocketHandler, WebSocketProtocolError } from './index.ts'
import { encodeFrame, encodeMaskedFrame } from './protocol/frame-encoder.ts'
import { MessageDecoder, type DecoderRules } from './protocol/message-decoder.ts'

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    void this.writeMessage(message)
  }
}

/** What the server does with bytes: its frames up to a close frame, and that. */
async function converse(
  bytes: Uint8Array[],
  settings = {},
): Promise<{ messages: string[]; close: ReturnType<typeof closeStatus> }> {
  const { port } = await serve([['/ws', Echo]], settings)
  const peer = await RawPeer.open(port)
  peer.send(Buffer.concat(bytes))
  const messages: string[] = []
  for (;;) {
    const frame = await peer.readFrame()
    if (frame === null) return { messages, close: null }
    if (frame.first === 0x88) {
      expect(await peer.readFrame()).toBeNull()
      return { messages, close: closeStatus(frame) }
    }
    messages.push(frame.payload.toString())
  }
}

const masked = (first: number, payload: string | Uint8Array): Buffer =>
  encodeMaskedFrame(first, payload, 0x12345678)
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const bye = masked(0x88, '')

describe('frames that break the rules', () => {
  it('B-ws-030 unmasked frames from a client close with 1002 (mask-*)', async () => {
    expect((await converse([encodeFrame(0x81, Buffer.from('Hello'))])).close?.code).toBe(1002)
    expect((await converse([encodeFrame(0x89, Buffer.alloc(0))])).close?.code).toBe(1002)
  })

  it('B-ws-031 each violation ends in a close frame, and then the connection (rsv-4-text)', async () => {
    const cases: [name: string, bytes: Buffer[], code: number][] = [
      ['RSV1 without an extension', [masked(0xc1, 'x')], 1002],
      ['RSV2', [masked(0xa1, 'x')], 1002],
      ['RSV3', [masked(0x91, 'x')], 1002],
      ['control frame of 126 bytes', [hex('89 fe 00 7e 00 00 00 00')], 1002],
      ['fragmented ping', [masked(0x09, 'x')], 1002],
      ['fragmented close', [masked(0x08, '')], 1002],
      ['continuation of nothing', [masked(0x80, 'x')], 1002],
      ['message inside a message', [masked(0x01, 'a'), masked(0x81, 'b')], 1002],
      ...[3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf].map((code): [string, Buffer[], number] => [
        `opcode ${code}`,
        [masked(0x80 | code, '')],
        1002,
      ]),
      ['text that is not UTF-8', [masked(0x81, hex('ff'))], 1007],
      ['length not in its shortest form', [hex('81 fe 00 05 00 00 00 00')], 1002],
      ['half a close code', [masked(0x88, hex('03'))], 1002],
      ['a close code that nobody may send', [masked(0x88, hex('03 ed'))], 1002],
    ]
    for (const [name, bytes, code] of cases) {
      const { messages, close } = await converse([masked(0x81, 'before'), ...bytes, masked(0x81, 'after')])
      expect(messages, name).toEqual(['before'])
      expect(close?.code, name).toBe(code)
    }
  })

  it('B-ws-034 control frames between fragments are handled at once, and do not count (ping-between-fragments)', async () => {
    const frames = [
      masked(0x01, 'Hel'),
      masked(0x89, 'p'.repeat(100)),
      masked(0x00, 'lo '),
      masked(0x8a, ''),
      masked(0x80, 'world'),
      bye,
    ]
    const { messages } = await converse(frames, { websocketMaxMessageSize: 11 })
    expect(messages).toEqual(['p'.repeat(100), 'Hello world'])
  })

  it('B-ws-033 onClose is told 1009', async () => {
    const { Handler, closed } = recording()
    const { port } = await serve([['/ws', Handler]], { websocketMaxMessageSize: 100 })
    const peer = await RawPeer.open(port)
    peer.send(hex('81 e5'))
    expect(closeStatus(await peer.readFrame())?.code).toBe(1009)
    expect((await closed)[0]).toBe(1009)
  })

  it('CVE-2020-27813 CVE-2016-10542 B-ws-033 sizes beyond the limit close at the head, before a byte of payload (len-*, limit-*)', async () => {
    const settings = { websocketMaxMessageSize: 100 }
    const tooBig = { code: 1009, reason: 'message too big' }
    expect((await converse([masked(0x81, 'x'.repeat(100)), bye], settings)).messages).toEqual([
      'x'.repeat(100),
    ])
    expect((await converse([hex('81 e5')], settings)).close).toEqual(tooBig)
    expect((await converse([masked(0x01, 'x'.repeat(60)), hex('80 a9')], settings)).close).toEqual(tooBig)
    // 10 MiB unless told otherwise.
    expect((await converse([hex('82 ff 00000000 00a00001')])).close).toEqual(tooBig)
    expect((await converse([masked(0x82, Buffer.alloc(10_485_760)), bye])).messages[0]).toHaveLength(
      10_485_760,
    )
    for (const length of ['00000000 80000000', '00000001 00000000', '7fffffff ffffffff'])
      expect((await converse([hex(`82 ff ${length}`)])).close).toEqual(tooBig)
    for (const length of ['80000000 00000000', 'ffffffff ffffffff'])
      expect((await converse([hex(`82 ff ${length}`)])).close?.code).toBe(1002)
  })

  it('many small fragments are one message, and cost no more (frag-100000-empty, frag-200000-one-byte)', async () => {
    const empty = Buffer.concat([
      masked(0x01, ''),
      ...Array.from({ length: 100_000 }, () => masked(0x00, '')),
      masked(0x80, 'end'),
    ])
    expect((await converse([empty, bye])).messages).toEqual(['end'])
    const single = masked(0x00, 'x')
    const bytes = Buffer.concat([
      masked(0x01, ''),
      ...Array.from({ length: 200_000 }, () => single),
      masked(0x80, ''),
      bye,
    ])
    expect((await converse([bytes])).messages).toEqual(['x'.repeat(200_000)])
  })
})

describe('UTF-8', () => {
  const server: DecoderRules = { expectMask: true, maxMessageSize: 1000, allowCompressed: false }

  it('B-ws-032 invalid text fails at its first wrong byte, across fragments (utf8-*)', () => {
    const wrong: [text: string, at: number][] = [
      ['80', 1],
      ['c0', 1],
      ['c1', 1],
      ['f5', 1],
      ['ff', 1],
      ['c3 28', 2],
      ['e0 9f', 2],
      ['ed a0', 2],
      ['e2 28', 2],
      ['e2 82 28', 3],
      ['f0 8f', 2],
      ['f4 90', 2],
      ['f0 9f 98 41', 4],
      ['41 ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65', 14],
    ]
    for (const [text, at] of wrong) {
      const bytes = hex(text)
      for (const fragmented of [false, true]) {
        const decoder = new MessageDecoder(server)
        const head = masked(fragmented ? 0x01 : 0x81, Buffer.alloc(60)).subarray(0, 6)
        const message = masked(0x81, Buffer.concat([bytes, Buffer.alloc(60 - bytes.length)])).subarray(6)
        if (fragmented) {
          // One byte a fragment.
          let fedAt = 0
          const feed = (): void => {
            for (const byte of bytes) {
              fedAt++
              decoder.receive(masked(fedAt === 1 ? 0x01 : 0x00, Uint8Array.of(byte)))
              while (decoder.next() !== null);
            }
          }
          expect(feed).toThrow(WebSocketProtocolError)
          expect(fedAt).toBe(at)
          continue
        }
        decoder.receive(Buffer.from(head))
        expect(decoder.next()).toBeNull()
        for (let index = 0; index < at - 1; index++) {
          decoder.receive(Buffer.from(message.subarray(index, index + 1)))
          expect(decoder.next()).toBeNull()
        }
        decoder.receive(Buffer.from(message.subarray(at - 1, at)))
        expect(() => decoder.next(), text).toThrow(expect.objectContaining({ closeCode: 1007 }))
      }
    }
  })

  it('text that ends inside a character fails at its end', () => {
    for (const text of ['c3', 'e2 82', 'f0 9f 98']) {
      for (const pieces of splits(masked(0x81, hex(text)))) {
        const decoder = new MessageDecoder(server)
        expect(() => {
          for (const piece of pieces) {
            decoder.receive(Buffer.from(piece))
            while (decoder.next() !== null);
          }
        }).toThrow(expect.objectContaining({ closeCode: 1007 }))
      }
    }
  })

  it('every kind of text comes through, however it is split', () => {
    for (const text of [
      '',
      'plain',
      'é',
      '€',
      '😀',
      '\u0000\u007f\u0080\u07ff\u0800\ud7ff\ue000\ufffd\uffff',
      'κόσμε 😀 x'.repeat(9),
    ]) {
      for (const pieces of splits(masked(0x81, text))) {
        const decoder = new MessageDecoder(server)
        let received = null
        for (const piece of pieces) {
          decoder.receive(Buffer.from(piece))
          received ??= decoder.next()
        }
        expect(received).toEqual({ opcode: 1, data: text, compressed: false })
        expect(decoder.bufferedSize).toBe(0)
      }
    }
  })
})
