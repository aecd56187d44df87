import {
  HTTPInputError,
  type HTTPHeaders,
  type HTTPMessageDelegate,
  type RequestStartLine,
  type ResponseStartLine,
} from '@tornado-ts/httputil'
import type { Transform } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import { ZstdFrames } from './zstd-frames.ts'

/** What a {@link DecompressingDelegate} goes by. */
export interface DecompressingDelegateOptions {
  /** Most bytes of the body once it is decompressed. Asked for at each piece, since a delegate may change it. */
  maxBodySize(): number
  /** Largest piece handed on. In bytes. */
  chunkSize: number
  /**
   * Told once when the body cannot be decompressed or grows too large, or when the delegate failed; may be after
   * {@link HTTPMessageDelegate.finish}. The delegate gets no more of the message.
   */
  onFailure(error: unknown): void
}

/**
 * Hands on a message with its body decompressed: `gzip` (any number of members), `deflate`, `br` and `zstd` (up to
 * 10,000 frames).
 *
 * `Content-Encoding` becomes `X-Consumed-Content-Encoding`. A body in any other coding, or in several, is handed on as it
 * is. Decompressed bytes are not made faster than the delegate takes them. Tornado: http1connection._GzipMessageDelegate.
 */
export class DecompressingDelegate implements HTTPMessageDelegate {
  readonly #delegate: HTTPMessageDelegate
  readonly #options: DecompressingDelegateOptions
  #coding: string | null = null
  #decompressor: Transform | null = null
  #frames: ZstdFrames | null = null
  #trailers: HTTPHeaders | null = null
  #size = 0
  /** The delegate has heard the last of the message. */
  #over = false
  #closed = false

  constructor(delegate: HTTPMessageDelegate, options: DecompressingDelegateOptions) {
    this.#delegate = delegate
    this.#options = options
  }

  headersReceived(
    startLine: RequestStartLine | ResponseStartLine,
    headers: HTTPHeaders,
  ): void | Promise<void> {
    const coding = headers.get('Content-Encoding')
    if (coding !== undefined && codings.has(coding.toLowerCase())) {
      this.#coding = coding.toLowerCase()
      headers.delete('Content-Encoding')
      headers.set('X-Consumed-Content-Encoding', coding)
    }
    return this.#delegate.headersReceived(startLine, headers)
  }

  dataReceived(chunk: Buffer): void | Promise<void> {
    if (this.#coding === null) return this.#delegate.dataReceived(chunk)
    if (this.#over) return undefined
    this.#decompressor ??= this.#start(this.#coding, chunk)
    const decompressor = this.#decompressor
    // An error reaches whoever reads; here it only means that there is nothing more to wait for.
    return new Promise((resolve) => this.#write(decompressor, chunk, () => resolve()))
  }

  trailersReceived(trailers: HTTPHeaders): void {
    if (this.#decompressor === null) this.#delegate.trailersReceived?.(trailers)
    // The end of the body may still be in the making.
    else this.#trailers = trailers
  }

  finish(): void {
    if (this.#frames?.complete === false)
      this.#decompressor!.destroy(new Error('The last frame is broken off'))
    else if (this.#decompressor !== null) this.#decompressor.end()
    else {
      this.#over = true
      this.#delegate.finish()
    }
  }

  onConnectionClose(): void {
    this.#closed = true
    if (this.#over) return
    this.#over = true
    this.#decompressor?.destroy()
    this.#delegate.onConnectionClose()
  }

  #start(coding: string, firstChunk: Buffer): Transform {
    if (coding === 'zstd') this.#frames = new ZstdFrames()
    const decompressor = createDecompressor(coding, firstChunk, this.#options.chunkSize)
    this.#handOn(decompressor).catch((error: unknown) => {
      if (this.#closed) return
      this.#options.onFailure(error)
      this.onConnectionClose()
    })
    return decompressor
  }

  #write(decompressor: Transform, chunk: Buffer, done: () => void): void {
    if (this.#frames === null) {
      decompressor.write(chunk, done)
      return
    }
    try {
      const frames = this.#frames.split(chunk)
      for (const frame of frames.slice(0, -1)) decompressor.write(frame)
      decompressor.write(frames.at(-1)!, done)
    } catch (error) {
      decompressor.destroy(error as Error)
      done()
    }
  }

  async #handOn(decompressor: Transform): Promise<void> {
    const { chunkSize, maxBodySize } = this.#options
    for await (const decompressed of readPieces(decompressor)) {
      this.#size += decompressed.length
      if (this.#size > maxBodySize())
        throw new HTTPInputError('Decompressed body is too large', { status: 413 })
      for (let start = 0; start < decompressed.length && !this.#over; start += chunkSize) {
        await this.#delegate.dataReceived(decompressed.subarray(start, start + chunkSize))
      }
    }
    if (this.#over) return
    this.#over = true
    if (this.#trailers !== null) this.#delegate.trailersReceived?.(this.#trailers)
    this.#delegate.finish()
  }
}

async function* readPieces(decompressor: Transform): AsyncGenerator<Buffer, void, undefined> {
  const pieces: AsyncIterator<Buffer> = decompressor[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await pieces.next().catch((error: Error) => {
        throw new HTTPInputError('Cannot decompress the body', { cause: error })
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    decompressor.destroy()
  }
}

const codings: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd'])

function createDecompressor(coding: string, firstChunk: Buffer, largestPiece: number): Transform {
  const chunkSize = Math.max(64, largestPiece)
  // Not in the platform's types: what follows the end would be ignored otherwise.
  const strict = { chunkSize, rejectGarbageAfterEnd: true }
  switch (coding) {
    case 'deflate':
      // RFC 9110 §8.4.1.2: some send the bare stream, without the head of zlib.
      return (firstChunk[0]! & 0x0f) === 0x08 ? createInflate(strict) : createInflateRaw(strict)
    case 'br':
      return createBrotliDecompress(strict)
    case 'zstd':
      // RFC 9659 §3: a window of 8 MiB, so that no body makes its receiver hold more.
      return createZstdDecompress({ ...strict, params: { [constants.ZSTD_d_windowLogMax]: 23 } })
    default:
      // Here the option would reject further members; what is none is rejected anyway.
      return createGunzip({ chunkSize })
  }
}
