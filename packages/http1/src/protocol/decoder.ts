import { ByteQueue } from '@tornado-ts/bytes'
import { HTTPHeaders, HTTPInputError } from '@tornado-ts/httputil'
import { ChunkScanner } from './chunk-scanner.ts'
import { resolveRequestFraming, resolveResponseFraming } from './framing.ts'
import { HeadScanner } from './head-scanner.ts'
import { RequestHead, ResponseHead } from './message-head.ts'
import { ReceivedHead } from './received-head.ts'

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
    const text = this.#scanHead()
    if (text === null) return null
    const scanner = this.#head
    this.maxBodySize = this.#defaultMaxBodySize
    this.#bodySize = 0
    if (this.#role === 'server') {
      const head = new RequestHead(text, scanner)
      resolveRequestFraming(head, scanner)
      this.#beginBody(head.framing)
      return head
    }
    const head = new ResponseHead(text, scanner)
    resolveResponseFraming(head, scanner, this.#requestMethod)
    if (head.informational) this.#beginMessage()
    else this.#beginBody(head.framing)
    return head
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

  /** The text of a head or of trailers once it is complete. */
  #scanHead(): string | null {
    const scanner = this.#head
    if (this.#partial === null) {
      const start = this.#at
      // Never beyond the limit: what is wrong first then does not depend on how the bytes came.
      const limit = Math.min(this.#bytes.length, start + this.#maxHeaderSize + 1)
      const end = this.#scanInPlace(start, limit)
      if (end === -1) {
        this.#checkHeadSize(this.#bytes.length - start)
        this.#keepPartial(this.#bytes.subarray(start))
        return null
      }
      this.#checkHeadSize(end - start)
      this.#at = end
      return this.#bytes.toString('latin1', start, end)
    }
    const scanned = this.#partialSize
    const start = this.#at
    this.#keepPartial(this.#bytes.subarray(start, start + this.#maxHeaderSize + 1))
    const limit = Math.min(this.#partialSize, this.#maxHeaderSize + 1)
    const end = scanner.scan(this.#partial, null, 0, scanned, limit)
    this.#checkHeadSize(end === -1 ? this.#partialSize : end)
    if (end === -1) return null
    const text = this.#partial.toString('latin1', 0, end)
    this.#at = start + end - scanned
    this.#partial = null
    this.#partialSize = 0
    return text
  }

  /** Scans the current chunk from `start` to `limit`; answers where the head ends in it, or -1. */
  #scanInPlace(start: number, limit: number): number {
    // Copied, the bytes lie where the scan can take them by words, which saves more than the copy costs. Only so many are
    // copied as a head has: behind it may lie the rest of a long pipeline, which is copied for each of its heads.
    const size = Math.min(limit - start, scratchSize)
    scratchBytes.set(
      start === 0 && size === this.#bytes.length ? this.#bytes : this.#bytes.subarray(start, start + size),
    )
    scratchBytes[size] = 0
    const end = this.#head.scan(scratchBytes, scratchWords, 0, 0, size)
    if (end !== -1) return start + end
    return start + size === limit ? -1 : this.#head.scan(this.#bytes, null, start, start + size, limit)
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
    const text = this.#scanHead()
    if (text === null) return undefined
    const positions = this.#head.takePositions()
    return positions.length === 0 ? null : HTTPHeaders.fromReceived(new ReceivedHead(text, positions))
  }
}

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
