import { jsonEncode } from '@tornado-ts/escape'
import type { MessageCompression } from './deflate/message-compression.ts'
import { MessageCodec } from './deflate/message-codec.ts'
import { encodeFrame, encodeHeadText, encodeTextFrame } from './protocol/frame-encoder.ts'
import { finBit, opcode, rsv1Bit } from './protocol/opcode.ts'

/** What can be sent as a message: text, bytes, or an object that becomes JSON text. */
export type Sendable = string | Uint8Array | Readonly<Record<string, unknown>> | object

/**
 * A message that is encoded once and sent to many: pass it to `writeMessage` of each connection.
 *
 * @example
 * const message = new PreparedMessage({ kind: 'tick' })
 * for (const socket of sockets) void socket.writeMessage(message)
 */
export class PreparedMessage {
  /** Text or bytes, as it was given; an object's JSON. */
  readonly data: string | Uint8Array
  readonly binary: boolean
  /** In how many queues it waits. @internal */
  waiting = 0
  #frame: string | Buffer | null = null
  #payload: Buffer | null = null
  #compressed: Map<string, Promise<Buffer>> | null = null

  /** @throws {TypeError} For what cannot be a message. */
  constructor(message: Sendable, binary?: boolean) {
    this.data = toData(message)
    this.binary = binary ?? typeof this.data !== 'string'
  }

  /** The payload in bytes. */
  get payload(): Buffer {
    this.#payload ??= toBuffer(this.data)
    return this.#payload
  }

  /** The unmasked frame that servers send; as text of one character a byte where it is ASCII, which costs a write less. */
  get frame(): string | Buffer {
    this.#frame ??= this.#encode()
    return this.#frame
  }

  /** The frame with its payload compressed as connections of these options have it, from an empty window. @internal */
  compressedFrame({ options }: MessageCompression): Promise<Buffer> {
    this.#compressed ??= new Map()
    const key = `${options.windowBits} ${options.level} ${options.memLevel}`
    let frame = this.#compressed.get(key)
    if (frame === undefined)
      this.#compressed.set(key, (frame = this.#compress(new MessageCodec(options, false))))
    return frame
  }

  #encode(): string | Buffer {
    const first = finBit | (this.binary ? opcode.binary : opcode.text)
    if (typeof this.data !== 'string') return encodeFrame(first, this.data)
    const size = Buffer.byteLength(this.data)
    if (size !== this.data.length || size > maxTextSize) return encodeTextFrame(first, this.data, size)
    return encodeHeadText(first, size) + this.data
  }

  #compress(codec: MessageCodec): Promise<Buffer> {
    const first = finBit | rsv1Bit | (this.binary ? opcode.binary : opcode.text)
    return new Promise((resolve, reject) => {
      codec.compress(this.payload, (error, bytes) => {
        if (bytes === null) reject(error!)
        else resolve(encodeFrame(first, bytes))
      })
    })
  }
}

/** Beyond it the platform copies text for each write. */
const maxTextSize = 8_192

/** What is sent of a message. @throws {TypeError} */
export function toData(message: Sendable): string | Uint8Array {
  if (typeof message === 'string' || message instanceof Uint8Array) return message
  if (typeof message === 'object' && message !== null && !Array.isArray(message)) {
    const prototype: unknown = Object.getPrototypeOf(message)
    if (prototype === Object.prototype || prototype === null || 'toJSON' in message)
      return jsonEncode(message)
  }
  const hint = Array.isArray(message) ? ': wrap the array in an object' : ''
  throw new TypeError(`A message is text, bytes or a plain object${hint}`)
}

/** Bytes of what is to be sent, without a copy where there are bytes. */
export function toBuffer(data: string | Uint8Array): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
