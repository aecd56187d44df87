import { parseMediaType } from '../fields/content-type.ts'
import { HTTPInputError } from '../errors.ts'
import { MultipartDecoder, type MultipartEvent, type MultipartLimits } from '../protocol/multipart-decoder.ts'
import type { PartHead } from '../protocol/part-head.ts'
import { saveTo } from './save-to.ts'
import { spool, type SpooledFile, type SpoolOptions } from './spool.ts'
import { decodeUtf8Bytes } from '../utf8.ts'

/** Limits and cancelling of {@link parseMultipartStream}. */
export interface MultipartStreamOptions extends MultipartLimits {
  /** Largest content of a part in bytes; beyond it the body is refused with status 413. @default maxTotalSize */
  maxPartSize?: number
  /** Most bytes in all, beyond which the body is refused with status 413. @default 104_857_600 (100 MiB) */
  maxTotalSize?: number
  /** Ends a wait for bytes; the iteration then throws the signal's reason. */
  signal?: AbortSignal
  /** Called with each file that {@link MultipartPart.spool} has made, for who wants to dispose of them all. @default nothing */
  onSpooled?: (file: SpooledFile) => void
}

/** Options of {@link MultipartPart.bytes} and {@link MultipartPart.text}. */
export interface ReadPartOptions {
  /** Most bytes to keep in memory; beyond it the body is refused with status 413. @default 1_048_576 (1 MiB) */
  maxSize?: number
}

/**
 * Cuts a `multipart/form-data` body into its parts while it arrives. Parts come in order; what nobody reads of one is skipped
 * when the next is asked for. No more than a chunk is held, and none is asked of `source` before it is needed.
 *
 * ```ts
 * for await (const part of parseMultipartStream(contentType, body)) {
 *   if (part.filename === null) fields.set(part.name, await part.text())
 *   else await pipeline(part, createWriteStream(newPath()))
 * }
 * ```
 *
 * Leaving the loop, or an error, ends `source` by its iterator's `return`.
 *
 * @param contentType The body's `Content-Type`, for its boundary.
 * @param source The body: a request's, a `ReadableStream`, a file. {@link ByteChannel} makes one of chunks handed to you.
 * @throws {HTTPInputError} On a malformed or truncated body, or one beyond the limits (413 where sizes are concerned).
 */
export async function* parseMultipartStream(
  contentType: string,
  source: AsyncIterable<Uint8Array>,
  {
    signal,
    maxTotalSize = 100 * 1024 * 1024,
    maxPartSize = maxTotalSize,
    onSpooled,
    ...limits
  }: MultipartStreamOptions = {},
): AsyncGenerator<MultipartPart, void, undefined> {
  const decoder = new MultipartDecoder(multipartBoundary(contentType), {
    ...limits,
    maxTotalSize,
    maxPartSize,
  })
  const events = new EventReader(decoder, source[Symbol.asyncIterator](), signal, onSpooled)
  try {
    for (;;) {
      const event = await events.next()
      if (event === null) return
      if (event.type !== 'part') continue
      events.partNumber++
      yield new MultipartPart(event.head, events)
    }
  } finally {
    await events.close()
  }
}

/** The boundary of a `multipart/form-data` body. @throws {HTTPInputError} On any other content type, and without a boundary. */
export function multipartBoundary(contentType: string): string {
  const mediaType = parseMediaType(contentType)
  if (mediaType?.type !== 'multipart/form-data')
    throw new HTTPInputError('Content type is not multipart/form-data')
  const boundary = mediaType.parameters.get('boundary')
  if (!boundary) throw new HTTPInputError('multipart/form-data without a boundary')
  return boundary
}

/** A part of a form while it arrives: its head, and its content as an iterable of chunks that can be read once. */
export class MultipartPart implements AsyncIterable<Uint8Array> {
  /** Name of the form field; never empty. */
  readonly name: string
  /** Name the client gave the file: data, not a path. `null` when the part has none, `''` for an input left empty. */
  readonly filename: string | null
  /** The part's `Content-Type`, or `null`. */
  readonly contentType: string | null
  /** All headers of the part by lower-case name; several values of a name are joined with `, `. */
  readonly headers: ReadonlyMap<string, string>

  readonly #events: EventReader
  readonly #number: number
  #read = false

  /** Made by {@link parseMultipartStream}. */
  constructor({ name, filename, contentType, headers }: PartHead, events: EventReader) {
    this.name = name
    this.filename = filename
    this.contentType = contentType
    this.headers = headers
    this.#events = events
    this.#number = events.partNumber
  }

  /** @throws {TypeError} When the next part was asked for, or the loop left, before this one was read. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    while (!this.#read) {
      if (this.#events.partNumber !== this.#number) {
        throw new TypeError('Cannot read a part after the next one was asked for or the loop was left')
      }
      const event = await this.#events.next()
      if (event?.type === 'data') yield event.chunk
      else this.#read = true
    }
  }

  /** The whole content. @throws {HTTPInputError} With status 413, beyond `maxSize`. */
  async bytes({ maxSize = 1024 * 1024 }: ReadPartOptions = {}): Promise<Uint8Array> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of this) {
      size += chunk.length
      if (size > maxSize) {
        throw new HTTPInputError(`Form field is larger than ${maxSize} bytes`, { status: 413 })
      }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  /** The whole content as text. @throws {HTTPInputError} When it is not UTF-8, or with status 413 beyond `maxSize`. */
  async text(options: ReadPartOptions = {}): Promise<string> {
    const text = decodeUtf8Bytes(await this.bytes(options))
    if (text === null) throw new HTTPInputError('Cannot decode form field as UTF-8')
    return text
  }

  /** The whole content, on disk if it is large. See {@link spool}. */
  async spool(options?: SpoolOptions): Promise<SpooledFile> {
    const file = await spool(this, options)
    this.#events.onSpooled?.(file)
    return file
  }

  /** Streams the whole content to a file, and answers its size in bytes. See {@link saveTo}. */
  saveTo(path: string): Promise<number> {
    return saveTo(this, path)
  }
}

/** Events of a decoder, fed from an iterator as far as is needed. */
class EventReader {
  /** Of the part that may be read. */
  partNumber = 0

  readonly #decoder: MultipartDecoder
  readonly #source: AsyncIterator<Uint8Array>
  readonly #signal: AbortSignal | undefined
  readonly onSpooled: ((file: SpooledFile) => void) | undefined
  #busy = false
  #ended = false

  constructor(
    decoder: MultipartDecoder,
    source: AsyncIterator<Uint8Array>,
    signal: AbortSignal | undefined,
    onSpooled: ((file: SpooledFile) => void) | undefined,
  ) {
    this.#decoder = decoder
    this.#source = source
    this.#signal = signal
    this.onSpooled = onSpooled
  }

  async next(): Promise<MultipartEvent | null> {
    if (this.#busy) throw new TypeError('Cannot read two parts of a form at once')
    this.#busy = true
    try {
      for (;;) {
        const event = this.#decoder.next()
        if (event !== null) return event
        if (this.#ended) return null
        const result = await this.#read()
        if (result.done === true) {
          this.#ended = true
          this.#decoder.finish()
        } else {
          this.#decoder.receive(result.value)
        }
      }
    } finally {
      this.#busy = false
    }
  }

  /** Ends the source, unless it has ended by itself. Not waited for, since a read that was aborted may still be pending. */
  async close(): Promise<void> {
    this.partNumber++
    if (this.#ended) return
    this.#ended = true
    const ending = this.#source.return?.()
    if (this.#signal?.aborted === true) ending?.catch(() => undefined)
    else await ending
  }

  async #read(): Promise<IteratorResult<Uint8Array>> {
    const signal = this.#signal
    if (signal === undefined) return this.#source.next()
    signal.throwIfAborted()
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([this.#source.next(), aborted])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}
