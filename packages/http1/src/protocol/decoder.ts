import { ByteQueue } from '@tornado-ts/bytes'
import { HTTPHeaders, HTTPInputError } from '@tornado-ts/httputil'
import { ChunkScanner } from './chunk-scanner.ts'
import { resolveRequestFraming, resolveResponseFraming } from './framing.ts'
import { HeadScanner } from './head-scanner.ts'
import {
  readRequestLine,
  readStatusLine,
  RequestHead,
  ResponseHead,
  type HTTPVersion,
  type RequestFraming,
} from './message-head.ts'
import type { FieldBlock } from './field-block.ts'

/** A piece of a body, without transfer coding. */
export interface BodyData {
  readonly kind: 'data'
  readonly data: Buffer
}

/** The end of a message, with the trailer fields of a chunked one that had any. */
export interface MessageEnd {
  readonly kind: 'end'
  readonly trailers: HTTPHeaders | null
}

/** What a decoder answers. */
export type HTTP1Event = RequestHead | ResponseHead | BodyData | MessageEnd

/** Role and limits of an {@link HTTP1Decoder}. */
export interface HTTP1DecoderOptions {
  /** Whose messages are decoded: a server decodes requests. */
  role: 'server' | 'client'
  /** Largest first line plus fields; also of trailers. In bytes. @default 65_536 (64 KiB) */
  maxHeaderSize?: number
  /** Most header fields, and most trailer fields. @default 100 */
  maxFieldCount?: number
  /** Largest body, without transfer coding. In bytes. @default 104_857_600 (100 MiB) */
  maxBodySize?: number
  /** Most bytes of chunk extensions in a message. @default 16_384 (16 KiB) */
  maxChunkExtensionSize?: number
  /** Largest piece of a body that is answered at once. In bytes. @default 65_536 (64 KiB) */
  chunkSize?: number
}

/**
 * Turns received bytes into the parts of HTTP/1.1 messages (RFC 9112). Call `receive`, then `next` until it answers `null`.
 *
 * For each message: one head, any number of data pieces, one end. (A client gets no end after an informational response:
 * another head follows.) Reads no clock and does no I/O. A head that lies whole in one chunk is scanned in place.
 */
export class HTTP1Decoder {
  /** Largest body of the current message; whoever gets a head may change it before the next call of `next`. */
  maxBodySize: number

  readonly #role: 'server' | 'client'
  readonly #maxHeaderSize: number
  readonly #defaultMaxBodySize: number
  readonly #chunkSize: number
  readonly #head: HeadScanner
  readonly #chunks: ChunkScanner

  /** The chunk being decoded, from `#at` on; the rest of what was received waits in `#waiting`. */
  #bytes: Buffer = emptyBuffer
  #at = 0
  #waiting: ByteQueue | null = null
  /** The beginning of a head that came in several chunks. */
  #partial: Buffer | null = null
  #partialSize = 0
  /** The last request's fields and what they said: most clients repeat theirs with every request. */
  #last: RememberedFields | null = null

  #state = betweenMessages
  /** Bytes of the body, or of its current chunk, that are still to come. */
  #remaining = 0
  #bodySize = 0
  #requestMethod = 'GET'
  #ended = false

  constructor({
    role,
    maxHeaderSize = 65_536,
    maxFieldCount = 100,
    maxBodySize = 104_857_600,
    maxChunkExtensionSize = 16_384,
    chunkSize = 65_536,
  }: HTTP1DecoderOptions) {
    this.#role = role
    this.#maxHeaderSize = maxHeaderSize
    this.#defaultMaxBodySize = maxBodySize
    this.maxBodySize = maxBodySize
    this.#chunkSize = chunkSize
    this.#head = new HeadScanner(maxFieldCount)
    this.#chunks = new ChunkScanner(maxChunkExtensionSize)
    this.#beginMessage()
  }

  /** Received bytes; they must not change until they are decoded. */
  receive(chunk: Buffer): void {
    if (this.#at === this.#bytes.length && (this.#waiting === null || this.#waiting.length === 0)) {
      this.#bytes = chunk
      this.#at = 0
      return
    }
    this.#waiting ??= new ByteQueue()
    this.#waiting.push(chunk)
  }

  /**
   * The peer will send no more. `next` then completes a body that lasts until the close, and throws an `HTTPInputError`
   * when a message is broken off.
   */
  receiveEnd(): void {
    this.#ended = true
  }

  /** Gives up what is only kept to decode the next request sooner. */
  forget(): void {
    this.#last = null
    if (this.#at === this.#bytes.length) {
      this.#bytes = emptyBuffer
      this.#at = 0
    }
  }

  /** What the next response answers: HEAD and CONNECT decide about its body. Clients only. */
  expectResponse(requestMethod: string): void {
    this.#requestMethod = requestMethod
  }

  /** Bytes received and not decoded yet. */
  get bufferedSize(): number {
    return this.#bytes.length - this.#at + (this.#waiting === null ? 0 : this.#waiting.length)
  }

  /** Whether no byte of a further message has been decoded. */
  get betweenMessages(): boolean {
    return this.#state === betweenMessages && !this.#head.begun
  }

  /** Whether the head of a message has begun and is not complete. */
  get inHead(): boolean {
    return this.#state === betweenMessages && !this.betweenMessages
  }

  /** Whether a part of the message's body, or what ends it, is still to come. */
  get bodyPending(): boolean {
    return this.#state !== betweenMessages && this.#state !== messageEnd
  }

  /** Takes the bytes that were not decoded: after an upgrade they belong to the next protocol. */
  remainder(): Buffer {
    const partial = this.#partial === null ? emptyBuffer : this.#partial.subarray(0, this.#partialSize)
    const rest = [partial, this.#bytes.subarray(this.#at), this.#waiting?.takeAll() ?? emptyBuffer]
    this.#bytes = emptyBuffer
    this.#at = 0
    this.#partial = null
    this.#partialSize = 0
    return Buffer.concat(rest)
  }

  /**
   * The next part, or `null` when more bytes are needed for it.
   *
   * @throws {HTTPInputError} When the bytes are no HTTP/1.1, or beyond a limit; the decoder must then be dropped.
   */
  next(): HTTP1Event | null {
    if (this.#state === messageEnd) return this.#endMessage(null)
    if (this.#state === beforeBody) {
      this.#checkBodySize(this.#remaining)
      this.#state = inBody
    }
    for (;;) {
      if (this.#at === this.#bytes.length && !this.#nextChunk()) return this.#ended ? this.#atEnd() : null
      switch (this.#state) {
        case betweenMessages: {
          const head = this.#readHead()
          if (head !== null) return head
          break
        }
        case untilClose:
          this.#remaining = this.#bytes.length - this.#at
          this.#checkBodySize(this.#remaining)
          return this.#readData()
        case inBody:
        case inChunk:
          return this.#readData()
        case chunkLine:
          this.#readChunkLine()
          break
        default: {
          const trailers = this.#readTrailers()
          if (trailers !== undefined) return this.#endMessage(trailers)
        }
      }
    }
  }

  #atEnd(): MessageEnd | null {
    if (this.#state === untilClose) return this.#endMessage(null)
    if (this.betweenMessages) return null
    throw new HTTPInputError('Connection closed before the message was complete')
  }

  #nextChunk(): boolean {
    if (this.#waiting === null || this.#waiting.length === 0) return false
    this.#bytes = this.#waiting.takeChunk()
    this.#at = 0
    return true
  }

  #beginMessage(): void {
    this.#state = betweenMessages
    this.#head.begin(this.#role === 'server' ? 'request' : 'response')
  }

  #endMessage(trailers: HTTPHeaders | null): MessageEnd {
    this.#beginMessage()
    return trailers === null ? plainEnd : { kind: 'end', trailers }
  }

  #readHead(): RequestHead | ResponseHead | null {
    const inPlace = this.#partial === null
    const start = this.#at
    const chunk = this.#bytes
    const fields = inPlace ? this.#scanInPlace(start) : this.#scanPartial()
    if (fields === null) return null
    // Fields that were repeated lie in an earlier chunk; the first line is always in this one.
    const bytes = inPlace ? chunk : fields.bytes
    const origin = inPlace ? start : fields.origin
    this.maxBodySize = this.#defaultMaxBodySize
    this.#bodySize = 0
    if (this.#role === 'server') {
      const line = readRequestLine(bytes, origin, this.#head)
      const head = new RequestHead(line, fields, this.#requestFraming(line.version, fields))
      this.#beginBody(head.framing)
      return head
    }
    const head = new ResponseHead(readStatusLine(bytes, origin, this.#head), fields)
    resolveResponseFraming(head, this.#requestMethod)
    if (head.informational) this.#beginMessage()
    else this.#beginBody(head.framing)
    return head
  }

  #requestFraming(version: HTTPVersion, fields: FieldBlock): RequestFraming {
    const last = this.#last
    if (last !== null && last.fields === fields && last.version === version) return last.framing
    const framing = resolveRequestFraming(version, fields)
    // Of a larger chunk the fields would keep alive more than themselves.
    this.#last = fields.bytes.length <= maxRememberedSize ? { fields, version, framing } : null
    return framing
  }

  #beginBody(framing: RequestHead['framing']): void {
    if (framing === 0) this.#state = messageEnd
    else if (framing === 'chunked') {
      this.#state = chunkLine
      this.#chunks.begin()
    } else if (framing === 'until-close') this.#state = untilClose
    else {
      this.#state = beforeBody
      this.#remaining = framing
    }
  }

  /** The fields of a head, or trailers, that begins at `start` in the current chunk; `null` when it goes on beyond it. */
  #scanInPlace(start: number): FieldBlock | null {
    const scanner = this.#head
    const bytes = this.#bytes
    // Never beyond the limit: what is wrong first then does not depend on how the bytes came.
    const limit = Math.min(bytes.length, start + this.#maxHeaderSize + 1)
    const fieldsAt = scanner.inFirstLine ? scanner.scanFirstLine(bytes, start, start, limit) : start
    const last = this.#last
    if (last !== null && fieldsAt > start && last.fields.standsIn(bytes, fieldsAt, limit)) {
      this.#at = fieldsAt + last.fields.size
      this.#checkHeadSize(this.#at - start)
      return last.fields
    }
    const end = fieldsAt === -1 ? -1 : this.#scanFieldsInPlace(start, fieldsAt, limit)
    if (end === -1) {
      this.#checkHeadSize(bytes.length - start)
      this.#keepPartial(bytes.subarray(start))
      return null
    }
    this.#checkHeadSize(end - start)
    this.#at = end
    return scanner.takeFields(bytes, start, end)
  }

  #scanFieldsInPlace(start: number, fieldsAt: number, limit: number): number {
    // Copied, the bytes lie where the scan can take them by words, which saves more than the copy costs. Only so many are
    // copied as a head has: behind it may lie the rest of a long pipeline, which is copied for each of its heads.
    const size = Math.min(limit - fieldsAt, scratchSize)
    scratchBytes.set(this.#bytes.subarray(fieldsAt, fieldsAt + size))
    scratchBytes[size] = 0
    const end = this.#head.scanFields(scratchBytes, scratchWords, start - fieldsAt, 0, size)
    if (end !== -1) return fieldsAt + end
    if (fieldsAt + size === limit) return -1
    return this.#head.scanFields(this.#bytes, null, start, fieldsAt + size, limit)
  }

  /** As {@link #scanInPlace}, for a head whose beginning came in earlier chunks. */
  #scanPartial(): FieldBlock | null {
    const scanned = this.#partialSize
    const start = this.#at
    this.#keepPartial(this.#bytes.subarray(start, start + this.#maxHeaderSize + 1))
    const bytes = this.#partial!
    const limit = Math.min(this.#partialSize, this.#maxHeaderSize + 1)
    const end = this.#head.scan(bytes, 0, scanned, limit)
    this.#checkHeadSize(end === -1 ? this.#partialSize : end)
    if (end === -1) return null
    this.#at = start + end - scanned
    this.#partial = null
    this.#partialSize = 0
    return this.#head.takeFields(bytes, 0, end)
  }

  /** Adds bytes to the partial head, which grows by doubling: single bytes must not cost a copy of it each. */
  #keepPartial(bytes: Buffer): void {
    const size = this.#partialSize + bytes.length
    if (this.#partial === null || size > this.#partial.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1024, size * 2))
      if (this.#partial !== null) grown.set(this.#partial.subarray(0, this.#partialSize))
      this.#partial = grown
    }
    this.#partial.set(bytes, this.#partialSize)
    this.#partialSize = size
    this.#at += bytes.length
  }

  #checkHeadSize(size: number): void {
    if (size <= this.#maxHeaderSize) return
    const status = this.#head.inFirstLine && this.#head.begun && this.#role === 'server' ? 414 : 431
    throw new HTTPInputError(`Head exceeds ${this.#maxHeaderSize} bytes`, { status })
  }

  /** A length is checked before its first byte is read, a chunk before its data. */
  #checkBodySize(more: number): void {
    if (this.#bodySize + more > this.maxBodySize) {
      throw new HTTPInputError(`Body exceeds ${this.maxBodySize} bytes`, { status: 413 })
    }
  }

  #readData(): BodyData {
    const size = Math.min(this.#remaining, this.#bytes.length - this.#at, this.#chunkSize)
    const data = this.#bytes.subarray(this.#at, this.#at + size)
    this.#at += size
    this.#remaining -= size
    this.#bodySize += size
    if (this.#remaining === 0) {
      if (this.#state === inBody) this.#state = messageEnd
      else if (this.#state === inChunk) {
        this.#state = chunkLine
        this.#chunks.chunkEnded()
      }
    }
    return { kind: 'data', data }
  }

  #readChunkLine(): void {
    const end = this.#chunks.scan(this.#bytes, this.#at, this.#bytes.length)
    this.#at = end === -1 ? this.#bytes.length : end
    if (end === -1) return
    this.#remaining = this.#chunks.size
    this.#checkBodySize(this.#remaining)
    if (this.#remaining > 0) this.#state = inChunk
    else {
      this.#state = inTrailers
      this.#head.begin('trailers')
    }
  }

  /** The trailers once they are complete, `null` when there are none; `undefined` when more bytes are needed. */
  #readTrailers(): HTTPHeaders | null | undefined {
    const fields = this.#partial === null ? this.#scanInPlace(this.#at) : this.#scanPartial()
    if (fields === null) return undefined
    return fields.fieldCount === 0 ? null : HTTPHeaders.fromReceived(fields)
  }
}

interface RememberedFields {
  readonly fields: FieldBlock
  readonly version: HTTPVersion
  readonly framing: RequestFraming
}

const maxRememberedSize = 4096
const emptyBuffer: Buffer = Buffer.alloc(0)

/** Shared by all decoders: a scan uses it from its beginning to its end and leaves nothing there. */
const scratchSize = 2048
const scratchBytes = new Uint8Array(scratchSize + 4)
const scratchWords = new Int32Array(scratchBytes.buffer)
const plainEnd: MessageEnd = { kind: 'end', trailers: null }

const betweenMessages = 0
const inBody = 1
const untilClose = 2
const chunkLine = 3
const inChunk = 4
const inTrailers = 5
const messageEnd = 6
const beforeBody = 7
