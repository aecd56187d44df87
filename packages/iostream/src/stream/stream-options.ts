/** Limits of a stream's buffers. */
export interface StreamOptions {
  /**
   * Most bytes kept for reads to come. A peer that sends more is made to wait; a read that needs more fails with
   * `StreamBufferFullError` and closes the stream. In bytes. @default 104_857_600 (100 MiB)
   */
  maxBufferSize?: number
  /**
   * Most bytes waiting to be sent. A write that would pass it throws `StreamBufferFullError` and adds nothing.
   * In bytes. @default 104_857_600 (100 MiB)
   */
  maxWriteBufferSize?: number
  /**
   * Most bytes handed over in one piece, to a receiver or an iteration; at most half of `maxBufferSize`. Pieces are
   * never larger than the platform's reads, which are 64 KiB. In bytes. @default 65_536 (64 KiB)
   */
  readChunkSize?: number
}

/** {@link StreamOptions} with their defaults. A server makes one and all of its streams share it. */
export class StreamLimits {
  readonly maxBufferSize: number
  readonly maxWriteBufferSize: number
  readonly readChunkSize: number

  /** @throws {RangeError} When a limit is not above zero. */
  constructor(options: StreamOptions) {
    const {
      maxBufferSize = defaultBufferSize,
      maxWriteBufferSize = defaultBufferSize,
      readChunkSize = platformReadSize,
    } = options
    this.maxBufferSize = checkLimit('maxBufferSize', maxBufferSize)
    this.maxWriteBufferSize = checkLimit('maxWriteBufferSize', maxWriteBufferSize)
    const largestPiece = Math.max(1, Math.floor(maxBufferSize / 2))
    this.readChunkSize = Math.min(checkLimit('readChunkSize', readChunkSize), largestPiece, platformReadSize)
  }

  static of(options: StreamOptions | StreamLimits): StreamLimits {
    return options instanceof StreamLimits ? options : new StreamLimits(options)
  }
}

/** The most that one read of libuv brings. */
export const platformReadSize: number = 64 * 1024
const defaultBufferSize = 100 * 1024 * 1024

function checkLimit(name: string, value: number): number {
  if (value > 0) return value
  throw new RangeError(`Cannot limit a stream with ${name} ${value}: expected a number above 0`)
}
