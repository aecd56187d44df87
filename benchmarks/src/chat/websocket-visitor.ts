import { connect } from 'node:net'
import { randomBytes } from 'node:crypto'
import { findLoadMessages } from './load-text.ts'
import { sharedBuffer, type Link, type Visitor } from './visitor.ts'

/** Listens on a WebSocket. Resolves after its first message. */
export function connectWebSocket({ port, room, head, heard, lost }: Link): Promise<Visitor> {
  const onread = {
    buffer: sharedBuffer,
    callback(size: number): boolean {
      received(sharedBuffer.subarray(0, size))
      return true
    },
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
  socket.write(
    `GET /a/message/socket?room=${room}&cursor=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}Upgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  )
  const say = (text: string): void => {
    socket.write(maskedText(JSON.stringify({ nonce: randomBytes(8).toString('hex'), text })))
  }
  const { promise, resolve, reject } = Promise.withResolvers<Visitor>()
  let rest: Buffer = Buffer.alloc(0)
  let isOpen = false
  const received = (chunk: Buffer): void => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (!isOpen) {
      const end = rest.indexOf('\r\n\r\n')
      if (end >= 0 && !rest.toString('latin1', 0, 12).endsWith('101')) {
        reject(new Error(`No WebSocket: ${rest.toString('latin1', 0, 200)}`))
        return
      }
      isOpen = end >= 0
      if (isOpen) rest = rest.subarray(end + 4)
    }
    for (let frame = isOpen ? takeFrame(rest) : null; frame !== null; frame = takeFrame(rest)) {
      rest = rest.subarray(frame.size)
      if (frame.opcode === 9) socket.write(Buffer.of(0x8a, 0x80, 0, 0, 0, 0))
      if (frame.opcode !== 1) continue
      for (const message of findLoadMessages(frame.text)) heard(message)
      resolve({ say })
    }
    // The next chunk is read into the same place.
    if (rest.length > 0) rest = Buffer.from(rest)
  }
  socket.on('error', reject)
  socket.on('close', lost)
  return promise
}

function takeFrame(bytes: Buffer): { opcode: number; text: string; size: number } | null {
  if (bytes.length < 2) return null
  const short = bytes[1]! & 0x7f
  const start = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < start) return null
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < start + length) return null
  const text = bytes.toString('utf8', start, start + length)
  return { opcode: bytes[0]! & 0x0f, text, size: start + length }
}

/** A frame of less than 64 KiB whose mask is zero. */
function maskedText(text: string): Buffer {
  const payload = Buffer.from(text)
  const head =
    payload.length < 126
      ? [0x81, 0x80 | payload.length]
      : [0x81, 0xfe, payload.length >> 8, payload.length & 0xff]
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload])
}
