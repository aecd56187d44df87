import { latin1Text } from './buffer-text.ts'
import { applyMask } from './mask.ts'
import { finBit, maskBit } from './opcode.ts'

/** Bytes of a frame's head, without a masking key. */
export function headSize(payloadSize: number): number {
  return payloadSize < 126 ? 2 : payloadSize < 65_536 ? 4 : 10
}

/** The head of an unmasked frame as text, one character a byte: it goes in front of a payload that is ASCII. */
export function encodeHeadText(firstByte: number, payloadSize: number): string {
  if (payloadSize < 126) {
    if (firstByte === finalText) return (shortTextHeads[payloadSize] ??= shortHead(firstByte, payloadSize))
    return shortHead(firstByte, payloadSize)
  }
  const head = Buffer.allocUnsafe(headSize(payloadSize))
  writeHead(head, firstByte, payloadSize)
  return latin1Text(head, 0, head.length)
}

/** An unmasked frame. */
export function encodeFrame(firstByte: number, payload: Uint8Array): Buffer {
  const size = headSize(payload.length)
  const frame = Buffer.allocUnsafe(size + payload.length)
  writeHead(frame, firstByte, payload.length)
  frame.set(payload, size)
  return frame
}

/** An unmasked frame of text, whose size in UTF-8 is given. */
export function encodeTextFrame(firstByte: number, text: string, textSize: number): Buffer {
  const size = headSize(textSize)
  const frame = Buffer.allocUnsafe(size + textSize)
  writeHead(frame, firstByte, textSize)
  frame.write(text, size)
  return frame
}

/** A masked frame. The payload is left as it is. `key` as in {@link applyMask}. */
export function encodeMaskedFrame(firstByte: number, payload: Uint8Array | string, key: number): Buffer {
  const payloadSize = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length
  const size = headSize(payloadSize)
  const frame = Buffer.allocUnsafe(size + 4 + payloadSize)
  writeHead(frame, firstByte, payloadSize)
  frame[1] = frame[1]! | maskBit
  frame.writeInt32LE(key | 0, size)
  if (typeof payload === 'string') frame.write(payload, size + 4)
  else frame.set(payload, size + 4)
  applyMask(frame, size + 4, frame.length, key, 0)
  return frame
}

/** Writes the head of an unmasked frame, its length as short as can be (RFC 6455 §5.2). */
export function writeHead(target: Buffer, firstByte: number, payloadSize: number): void {
  target[0] = firstByte
  if (payloadSize < 126) target[1] = payloadSize
  else if (payloadSize < 65_536) {
    target[1] = 126
    target.writeUInt16BE(payloadSize, 2)
  } else {
    target[1] = 127
    target.writeUInt32BE(Math.floor(payloadSize / 2 ** 32), 2)
    target.writeUInt32BE(payloadSize >>> 0, 6)
  }
}

function shortHead(firstByte: number, payloadSize: number): string {
  return String.fromCharCode(firstByte, payloadSize)
}

const finalText = finBit | 0x1
const shortTextHeads: string[] = []
