import { WebSocketHandler } from '../src/index.ts'
import type { WebSocketHandlerClass } from './handler-class.ts'

/** A handler whose calls are kept, in order, and whose instance can be had. */
export function recording(): {
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

export class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    void this.writeMessage(message)
  }
}

export function frame(first: number, payload: Uint8Array | string): Buffer {
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

export function close(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return Buffer.concat([payload, Buffer.from(reason)])
}
