import { ByteQueue } from '@tornado-ts/bytes'
import { WebSocketProtocolError } from '../errors.ts'
import { latin1Text, utf8Text } from './buffer-text.ts'
import { applyMask, isAscii, joinBytes } from './mask.ts'
import { finBit, maskBit, maxControlSize, opcode, opcodeBits, reservedBits, rsv1Bit } from './opcode.ts'
import { decodeUtf8, Utf8Validator } from './utf8-validator.ts'

/** What a {@link MessageDecoder} accepts. Connections with the same rules share one. */
export interface DecoderRules {
  /** Frames of clients are masked, those of servers are not (RFC 6455 §5.1). */
  readonly expectMask: boolean
  /** Most bytes of a message, as it is on the wire. */
  readonly maxMessageSize: number
  /** Whether messages may be compressed. */
  readonly allowCompressed: boolean
}

/** A whole message, or a control frame. */
export interface Received {
  /** `opcode.text`, `binary`, `close`, `ping` or `pong`. */
  readonly opcode: number
  /** Text only for an uncompressed text message. */
  readonly data: string | Buffer
  /** The data is still to be inflated, and text to be validated after it. */
  readonly compressed: boolean
}

/** A frame whose payload has not all come, or that belongs to a message of several. */
interface Frame {
  readonly opcode: number
  readonly fin: boolean
  readonly key: number
  readonly size: number
  /** Bytes of the payload that have come. */
  done: number
  /** Of a control frame; a message gathers its own. */
  readonly payload: ByteQueue | null
}

/** A message that is not complete. */
interface Message {
  readonly opcode: number
  readonly compressed: boolean
  readonly payload: ByteQueue
  /** Of uncompressed text. */
  readonly validator: Utf8Validator | null
}

/**
 * Turns received bytes into messages and control frames. Call {@link receive}, then {@link next} until it answers `null`.
 *
 * It unmasks in place: a chunk belongs to the decoder from then on. It keeps nothing between messages. What breaks the
 * rules is thrown at the first byte that shows it, and before anything is kept for it; the decoder must then be dropped.
 */
export class MessageDecoder {
  readonly #rules: DecoderRules
  #chunk: Buffer | null = null
  #at = 0
  /** Chunks behind that one. */
  #waiting: ByteQueue | null = null
  /** The beginning of a head. */
  #rest: Buffer | null = null
  #frame: Frame | null = null
  #message: Message | null = null

  constructor(rules: DecoderRules) {
    this.#rules = rules
  }

  /** Bytes that have come and are not decoded yet. */
  get bufferedSize(): number {
    const chunk = this.#chunk === null ? 0 : this.#chunk.length - this.#at
    return chunk + (this.#waiting?.length ?? 0) + (this.#rest?.length ?? 0)
  }

  /** Whether a message has begun that is not complete. */
  get inMessage(): boolean {
    return this.#message !== null
  }

  receive(chunk: Buffer): void {
    if (chunk.length === 0) return
    if (this.#chunk !== null) {
      this.#waiting ??= new ByteQueue()
      this.#waiting.push(chunk)
    } else if (this.#rest === null) {
      this.#chunk = chunk
      this.#at = 0
    } else {
      this.#chunk = Buffer.concat([this.#rest, chunk])
      this.#rest = null
      this.#at = 0
    }
  }

  /** @throws {WebSocketProtocolError} With the code that the peer is to be told. */
  next(): Received | null {
    for (;;) {
      const chunk = this.#chunk
      if (chunk === null) return null
      const received = this.#frame === null ? this.#readFrame(chunk) : this.#readPayload(chunk, this.#frame)
      if (received !== null) return received
    }
  }

  /** Answers `null` when there is nothing to deliver yet. */
  #readFrame(chunk: Buffer): Received | null {
    const start = this.#at
    const available = chunk.length - start
    const first = chunk[start]!
    if (first !== finalText || this.#message !== null) this.#checkFirst(first)
    if (available < 2) return this.#keepRest(chunk)
    const second = chunk[start + 1]!
    const masked = second >= maskBit
    if (masked !== this.#rules.expectMask) {
      throw new WebSocketProtocolError(1002, masked ? 'Masked frame from a server' : 'Frame without a mask')
    }
    const code = first & opcodeBits
    let size = second & 0x7f
    if (code >= opcode.close && size > maxControlSize) {
      throw new WebSocketProtocolError(1002, 'Control frame beyond 125 bytes')
    }
    let payloadAt = start + 2
    if (size >= 126) {
      const lengthSize = size === 126 ? 2 : 8
      if (available < 2 + lengthSize) {
        this.#checkLengthStart(chunk, payloadAt, lengthSize)
        return this.#keepRest(chunk)
      }
      size = readLength(chunk, payloadAt, lengthSize)
      payloadAt += lengthSize
    }
    if (code < opcode.close) {
      const soFar = this.#message === null ? 0 : this.#message.payload.length
      if (size > this.#rules.maxMessageSize - soFar) throw new WebSocketProtocolError(1009, 'message too big')
    }
    let key = 0
    if (masked) {
      if (chunk.length < payloadAt + 4) return this.#keepRest(chunk)
      key =
        chunk[payloadAt]! |
        (chunk[payloadAt + 1]! << 8) |
        (chunk[payloadAt + 2]! << 16) |
        (chunk[payloadAt + 3]! << 24)
      payloadAt += 4
    }
    const end = payloadAt + size
    if (end > chunk.length || first < finBit || code === opcode.continuation) {
      this.#beginFrame(first, code, size, key)
      this.#advance(chunk, payloadAt)
      return size === 0 ? this.#frameEnded(this.#frame!) : null
    }
    // A message of one frame that is all here: what nearly every frame is.
    this.#advance(chunk, end)
    const seen = masked ? applyMask(chunk, payloadAt, end, key, 0) : 0
    const compressed = (first & rsv1Bit) !== 0
    if (code !== opcode.text || compressed) {
      return { opcode: code, data: slice(chunk, payloadAt, end), compressed }
    }
    const ascii = isAscii(masked ? seen : joinBytes(chunk, payloadAt, end))
    return {
      opcode: code,
      data: ascii ? latin1Text(chunk, payloadAt, end) : toText(chunk, payloadAt, end),
      compressed,
    }
  }

  #checkFirst(first: number): void {
    const code = first & opcodeBits
    const reserved = first & reservedBits
    if (reserved !== 0) {
      const isCompressed = reserved === rsv1Bit && (code === opcode.text || code === opcode.binary)
      if (!isCompressed || !this.#rules.allowCompressed) {
        throw new WebSocketProtocolError(1002, 'Reserved bit set')
      }
    }
    if (code >= opcode.close) {
      if (code > opcode.pong) throw new WebSocketProtocolError(1002, `Unknown opcode ${code}`)
      if (first < finBit) throw new WebSocketProtocolError(1002, 'Fragmented control frame')
    } else if (code === opcode.continuation) {
      if (this.#message === null) throw new WebSocketProtocolError(1002, 'Continuation of no message')
    } else if (code > opcode.binary) throw new WebSocketProtocolError(1002, `Unknown opcode ${code}`)
    else if (this.#message !== null) throw new WebSocketProtocolError(1002, 'Message begins inside another')
  }

  /** What the first bytes of a length say already, so that nobody can keep a connection waiting for the others. */
  #checkLengthStart(chunk: Buffer, at: number, lengthSize: number): void {
    if (lengthSize === 8 && at < chunk.length && chunk[at]! >= 0x80) throw lengthError()
  }

  #beginFrame(first: number, code: number, size: number, key: number): void {
    const isControl = code >= opcode.close
    if (!isControl && this.#message === null) {
      const compressed = (first & rsv1Bit) !== 0
      const validator = code === opcode.text && !compressed ? new Utf8Validator() : null
      this.#message = { opcode: code, compressed, payload: new ByteQueue(), validator }
    }
    const payload = isControl ? new ByteQueue() : null
    this.#frame = { opcode: code, fin: first >= finBit, key, size, done: 0, payload }
  }

  #readPayload(chunk: Buffer, frame: Frame): Received | null {
    const start = this.#at
    const end = Math.min(chunk.length, start + frame.size - frame.done)
    this.#advance(chunk, end)
    if (this.#rules.expectMask) applyMask(chunk, start, end, frame.key, frame.done)
    frame.done += end - start
    if (frame.payload !== null) frame.payload.push(chunk.subarray(start, end))
    else {
      const { validator, payload } = this.#message!
      if (validator !== null && !validator.accept(chunk, start, end)) throw invalidText()
      payload.push(chunk.subarray(start, end))
    }
    return frame.done === frame.size ? this.#frameEnded(frame) : null
  }

  #frameEnded({ opcode: code, fin, payload }: Frame): Received | null {
    this.#frame = null
    if (payload !== null) return { opcode: code, data: payload.takeAll(), compressed: false }
    if (!fin) return null
    const message = this.#message!
    this.#message = null
    if (message.validator?.complete === false) throw invalidText()
    const data = message.payload.takeAll()
    const isText = message.validator !== null
    return {
      opcode: message.opcode,
      data: isText ? utf8Text(data, 0, data.length) : data,
      compressed: message.compressed,
    }
  }

  /** Goes on behind what was read of the chunk, or with the next. */
  #advance(chunk: Buffer, at: number): void {
    if (at < chunk.length) this.#at = at
    else {
      this.#at = 0
      this.#chunk = this.#takeWaiting()
    }
  }

  #takeWaiting(): Buffer | null {
    if (this.#waiting === null) return null
    const chunk = this.#waiting.takeChunk()
    if (this.#waiting.length === 0) this.#waiting = null
    return chunk
  }

  /** A head is cut: it goes in front of the bytes to come. */
  #keepRest(chunk: Buffer): null {
    const rest = chunk.subarray(this.#at)
    const waiting = this.#takeWaiting()
    this.#at = 0
    if (waiting === null) {
      // A copy, for the chunk may be large.
      this.#rest = Buffer.from(rest)
      this.#chunk = null
    } else this.#chunk = Buffer.concat([rest, waiting])
    return null
  }
}

const finalText = finBit | opcode.text

function readLength(chunk: Buffer, at: number, lengthSize: number): number {
  if (lengthSize === 2) {
    const size = (chunk[at]! << 8) | chunk[at + 1]!
    if (size < 126) throw lengthError()
    return size
  }
  if (chunk[at]! >= 0x80) throw lengthError()
  const size = chunk.readUInt32BE(at) * 2 ** 32 + chunk.readUInt32BE(at + 4)
  if (size < 65_536) throw lengthError()
  return size
}

function lengthError(): WebSocketProtocolError {
  return new WebSocketProtocolError(1002, 'Payload length is not in its shortest form, or beyond 63 bits')
}

function invalidText(): WebSocketProtocolError {
  return new WebSocketProtocolError(1007, 'Text is not UTF-8')
}

function toText(chunk: Buffer, start: number, end: number): string {
  const text = decodeUtf8(chunk, start, end)
  if (text === null) throw invalidText()
  return text
}

/** A part of a chunk; a small part of a large one is copied, so that it does not keep the whole. */
function slice(chunk: Buffer, start: number, end: number): Buffer {
  const part = chunk.subarray(start, end)
  return part.length * 4 >= chunk.length || chunk.length < 1024 ? part : Buffer.from(part)
}
