import { bufferView } from '../buffer-view.ts'
import { HTTPInputError } from '../errors.ts'
import { type PartHead, parsePartHead } from './part-head.ts'
import { PartHeadReader } from './part-head-reader.ts'

/** What a {@link MultipartDecoder} makes of the bytes. */
export type MultipartEvent =
  /** A part begins. */
  | { readonly type: 'part'; readonly head: PartHead }
  /** Some of its content, never empty: a view of a received chunk where that is possible. */
  | { readonly type: 'data'; readonly chunk: Uint8Array }
  /** The part is complete. */
  | { readonly type: 'partEnd' }
  /** The final boundary has come; what follows it is ignored. */
  | { readonly type: 'end' }

/** Limits of a {@link MultipartDecoder}. */
export interface MultipartLimits {
  /** Most parts; beyond it the body is refused. @default 100 */
  maxParts?: number
  /** Largest head of a part in bytes, without the empty line; beyond it the body is refused. @default 10_240 (10 KiB) */
  maxPartHeaderSize?: number
  /** Largest content of a part in bytes; beyond it the body is refused with status 413. @default Infinity */
  maxPartSize?: number
  /** Most bytes in all, with heads and boundaries; beyond it the body is refused with status 413. @default Infinity */
  maxTotalSize?: number
}

export const defaultMaxParts = 100
export const defaultMaxPartHeaderSize = 10_240

/** RFC 2046 §5.1.1: 1 to 70 characters, no space at the end. Of the characters we ask only that they are no controls. */
const validBoundary = /^[ -~]{0,69}[!-~]$/
const crlfLength = 2
/** Blanks between a boundary and its line end; with more it is no boundary, so that few bytes need holding back. */
const maxPadding = 64

type State = 'preamble' | 'head' | 'content' | 'partEnd' | 'last' | 'epilogue'

/** What follows the boundary text: another part, the end, neither (then it was data), or too few bytes to tell. */
type Delimiter = 'part' | 'final' | 'none' | 'incomplete'

/**
 * Cuts a `multipart/form-data` body into parts. Call `receive`, then `next` until it answers `null`; at the end of the body
 * `finish`.
 *
 * The time is linear in the bytes however they are split, because only the first byte of the delimiter (CRLF, `--`, boundary)
 * is a CR: a delimiter cut in two can only begin at the last CR of a chunk, and when it then turns out to be none the search
 * goes on without looking back.
 *
 * @see RFC 2046 §5.1.1, RFC 7578
 */
export class MultipartDecoder {
  readonly #delimiter: Buffer
  readonly #maxParts: number
  readonly #maxPreambleSize: number
  readonly #headReader: PartHeadReader
  readonly #maxPartSize: number
  readonly #maxTotalSize: number

  #state: State = 'preamble'
  readonly #waiting: Uint8Array[] = []
  #chunk: Buffer = Buffer.alloc(0)
  #position = 0
  /** How much of the delimiter has come without the rest. */
  #matched = crlfLength
  /** How much of `#matched` is no data: a boundary at the start of the body or right after a head has no CRLF of its own. */
  #implied = crlfLength
  /** What came after a whole delimiter, while that is not enough to tell what it is. */
  #padding = ''
  #afterPart: 'head' | 'last' = 'head'
  #parts = 0
  #partSize = 0
  #preambleSize = 0
  #totalSize = 0

  /** @throws {HTTPInputError} On a boundary that RFC 2046 does not allow. */
  constructor(
    boundary: string,
    {
      maxParts = defaultMaxParts,
      maxPartHeaderSize = defaultMaxPartHeaderSize,
      maxPartSize = Infinity,
      maxTotalSize = Infinity,
    }: MultipartLimits = {},
  ) {
    if (!validBoundary.test(boundary)) throw new HTTPInputError('Invalid multipart boundary')
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
    this.#maxParts = maxParts
    // No reason to ignore more before the first boundary than a head may have.
    this.#maxPreambleSize = maxPartHeaderSize
    this.#headReader = new PartHeadReader(maxPartHeaderSize)
    this.#maxPartSize = maxPartSize
    this.#maxTotalSize = maxTotalSize
  }

  /**
   * Takes the next bytes of the body. They are kept until `next` has answered `null`, and views of them are given out.
   *
   * @throws {HTTPInputError} With status 413, beyond `maxTotalSize`.
   */
  receive(chunk: Uint8Array): void {
    this.#totalSize += chunk.length
    if (this.#totalSize > this.#maxTotalSize) {
      throw new HTTPInputError(`Multipart body is larger than ${this.#maxTotalSize} bytes`, { status: 413 })
    }
    if (chunk.length > 0) this.#waiting.push(chunk)
  }

  /** @throws {HTTPInputError} On a malformed body or one beyond the limits; the decoder must then be dropped. */
  next(): MultipartEvent | null {
    for (;;) {
      if (this.#state === 'partEnd') {
        this.#state = this.#afterPart
        return { type: 'partEnd' }
      }
      if (this.#state === 'last') {
        this.#state = 'epilogue'
        return { type: 'end' }
      }
      if (this.#position === this.#chunk.length && !this.#takeChunk()) return null
      if (this.#state === 'epilogue') {
        this.#position = this.#chunk.length
        continue
      }
      const event = this.#state === 'head' ? this.#readHead() : this.#readContent()
      if (event !== null) return event
    }
  }

  /** @throws {HTTPInputError} When the final boundary has not come. */
  finish(): void {
    if (this.#state !== 'epilogue' && this.#state !== 'last') {
      throw new HTTPInputError('Multipart body has no final boundary')
    }
  }

  #takeChunk(): boolean {
    const chunk = this.#waiting.shift()
    if (chunk === undefined) return false
    this.#chunk = bufferView(chunk)
    this.#position = 0
    return true
  }

  /** Reads the preamble or a part's content, up to the next delimiter or the end of the chunk. */
  #readContent(): MultipartEvent | null {
    if (this.#matched > 0) return this.#resumeDelimiter()
    const chunk = this.#chunk
    const delimiter = this.#delimiter
    const start = this.#position
    let from = start
    for (;;) {
      const at = chunk.indexOf(delimiter, from)
      if (at === -1) {
        const end = this.#beginOfDelimiter(Math.max(from, chunk.length - delimiter.length + 1))
        this.#matched = chunk.length - end
        this.#position = chunk.length
        return this.#content(chunk.subarray(start, end))
      }
      this.#position = at + delimiter.length
      const kind = this.#readDelimiterEnd()
      if (kind === 'none') {
        this.#padding = ''
        from = at + delimiter.length
        continue
      }
      const event = this.#content(chunk.subarray(start, at))
      if (kind === 'incomplete') this.#matched = delimiter.length
      else this.#endPart(kind)
      return event
    }
  }

  /** Goes on with a delimiter that the last chunk ended inside. */
  #resumeDelimiter(): MultipartEvent | null {
    const chunk = this.#chunk
    const delimiter = this.#delimiter
    while (this.#matched < delimiter.length && this.#position < chunk.length) {
      if (chunk[this.#position] !== delimiter[this.#matched]) return this.#giveBackDelimiter()
      this.#matched++
      this.#position++
    }
    if (this.#matched < delimiter.length || this.#position === chunk.length) return null
    const kind = this.#readDelimiterEnd()
    if (kind === 'incomplete') return null
    if (kind === 'none') return this.#giveBackDelimiter()
    this.#matched = 0
    this.#implied = 0
    this.#endPart(kind)
    return null
  }

  /** What was held back as a delimiter is data after all. */
  #giveBackDelimiter(): MultipartEvent | null {
    const delimiter = this.#delimiter.subarray(this.#implied, this.#matched)
    const held = Buffer.concat([delimiter, Buffer.from(this.#padding, 'latin1')])
    this.#matched = 0
    this.#implied = 0
    this.#padding = ''
    return this.#content(held)
  }

  /** The index, at or after `from`, of the CR with which the chunk ends in the beginning of a delimiter; else its length. */
  #beginOfDelimiter(from: number): number {
    const chunk = this.#chunk
    let at = chunk.length - 1
    while (at >= from && chunk[at] !== 0x0d) at--
    if (at < from) return chunk.length
    const length = chunk.length - at
    return chunk.compare(this.#delimiter, 0, length, at) === 0 ? at : chunk.length
  }

  /**
   * Reads on after the boundary text: `--` is the end, blanks and CRLF another part. A byte that fits neither is not taken.
   */
  #readDelimiterEnd(): Delimiter {
    const chunk = this.#chunk
    while (this.#position < chunk.length) {
      const byte = chunk[this.#position]
      const first = this.#padding === ''
      if (byte === 0x2d) {
        if (!first && this.#padding !== '-') return 'none'
        this.#position++
        if (!first) return 'final'
        this.#padding = '-'
      } else if (this.#padding === '-') {
        return 'none'
      } else if (byte === 0x0a) {
        if (!this.#padding.endsWith('\r')) return 'none'
        this.#position++
        return 'part'
      } else if (byte === 0x0d || byte === 0x20 || byte === 0x09) {
        if (this.#padding.endsWith('\r') || this.#padding.length > maxPadding) return 'none'
        this.#padding += String.fromCharCode(byte)
        this.#position++
      } else {
        return 'none'
      }
    }
    return 'incomplete'
  }

  #endPart(kind: 'part' | 'final'): void {
    this.#padding = ''
    const next = kind === 'part' ? 'head' : 'last'
    if (kind === 'part' && ++this.#parts > this.#maxParts) {
      throw new HTTPInputError(`Multipart body has more than ${this.#maxParts} parts`)
    }
    if (this.#state === 'preamble') {
      this.#state = next
    } else {
      this.#state = 'partEnd'
      this.#afterPart = next
    }
  }

  #content(chunk: Buffer): MultipartEvent | null {
    if (chunk.length === 0) return null
    if (this.#state === 'preamble') {
      // RFC 2046 has it ignored, but nothing sends one with forms.
      this.#preambleSize += chunk.length
      if (this.#preambleSize > this.#maxPreambleSize) {
        throw new HTTPInputError('Multipart body does not begin with its boundary')
      }
      return null
    }
    this.#partSize += chunk.length
    if (this.#partSize > this.#maxPartSize) {
      throw new HTTPInputError(`Multipart part is larger than ${this.#maxPartSize} bytes`, { status: 413 })
    }
    return { type: 'data', chunk }
  }

  #readHead(): MultipartEvent | null {
    const found = this.#headReader.read(this.#chunk, this.#position)
    if (found === null) {
      this.#position = this.#chunk.length
      return null
    }
    this.#position = found.contentStart
    this.#state = 'content'
    this.#matched = crlfLength
    this.#implied = crlfLength
    this.#partSize = 0
    return { type: 'part', head: parsePartHead(found.head) }
  }
}
