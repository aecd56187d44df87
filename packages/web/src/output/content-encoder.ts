import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'

/** Knows how to send bodies with a content coding. */
export interface ContentEncoder {
  /** The coding as `Accept-Encoding` and `Content-Encoding` name it, in lower case. */
  readonly coding: string
  /** A whole body, encoded. */
  encode(body: Uint8Array): Uint8Array | Promise<Uint8Array>
  /** Begins a body that is sent in pieces. */
  open(options: OpenEncoderOptions): StreamEncoder
}

/** What is known of a body that is about to be sent in pieces. */
export interface OpenEncoderOptions {
  /** The stream may stay open for hours with little to send, as one of events: memory counts more than size. */
  readonly longLived: boolean
}

/** Encodes one body piece by piece. */
export interface StreamEncoder {
  /**
   * The next piece, encoded so that the client can decode all of it when it arrives. The end of the coding goes with the last,
   * which may be empty. It is called again only when its promise is settled.
   */
  encode(chunk: Uint8Array, finishing: boolean): Uint8Array | Promise<Uint8Array>
  /** Gives free what the encoder holds, at the end of the body or before. What is under way then rejects. */
  close(): void
}

/** Options of the encoders in the box. */
export interface EncoderOptions {
  /** How hard to try, in the coding's own measure. Larger takes longer. @default 6 for gzip and deflate, 4 for br, 3 for zstd */
  level?: number
  /** Largest whole body, in bytes, that is encoded on the spot; larger ones are handed to a thread. @default 32_768 */
  maxSyncSize?: number
}

/** gzip, which every client has. RFC 1952. */
export function gzipEncoder({ level = 6, ...options }: EncoderOptions = {}): ContentEncoder {
  return new ZlibEncoder('gzip', options, {
    now: (body) => zlib.gzipSync(body, { level }),
    later: (body, done) => zlib.gzip(body, { level }, done),
    open: ({ longLived }) => zlib.createGzip(longLived ? { level, ...smallWindow } : { level }),
    flush: zlib.constants.Z_SYNC_FLUSH,
  })
}

/** deflate, as RFC 9110 means it: with a zlib head. Some clients meant it without; offer it only where you must. */
export function deflateEncoder({ level = 6, ...options }: EncoderOptions = {}): ContentEncoder {
  return new ZlibEncoder('deflate', options, {
    now: (body) => zlib.deflateSync(body, { level }),
    later: (body, done) => zlib.deflate(body, { level }, done),
    open: ({ longLived }) => zlib.createDeflate(longLived ? { level, ...smallWindow } : { level }),
    flush: zlib.constants.Z_SYNC_FLUSH,
  })
}

/** Brotli, which browsers take over TLS and most of them on localhost. RFC 7932. */
export function brotliEncoder({ level = 4, ...options }: EncoderOptions = {}): ContentEncoder {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT, BROTLI_PARAM_LGWIN } = zlib.constants
  const forBody = (body: Uint8Array): { params: Record<number, number> } => ({
    params: { [BROTLI_PARAM_QUALITY]: level, [BROTLI_PARAM_SIZE_HINT]: body.byteLength },
  })
  return new ZlibEncoder('br', options, {
    now: (body) => zlib.brotliCompressSync(body, forBody(body)),
    later: (body, done) => zlib.brotliCompress(body, forBody(body), done),
    open: ({ longLived }) =>
      zlib.createBrotliCompress({
        params: { [BROTLI_PARAM_QUALITY]: longLived ? 1 : level, [BROTLI_PARAM_LGWIN]: longLived ? 12 : 19 },
        ...(longLived ? { chunkSize: 1024 } : {}),
      }),
    flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  })
}

/**
 * Zstandard, the cheapest for what it saves. RFC 8878; windows stay within the 8 MiB of RFC 9659.
 *
 * @throws {Error} Where the runtime's zlib does not know it. Every supported version of Node does.
 */
export function zstdEncoder({ level = 3, ...options }: EncoderOptions = {}): ContentEncoder {
  if (!hasZstd) throw new Error('This runtime has no Zstandard')
  const { ZSTD_c_compressionLevel, ZSTD_c_windowLog } = zlib.constants
  // Levels from 17 on would have larger windows than clients must take.
  const windowLog = level > 16 ? { [ZSTD_c_windowLog]: 23 } : {}
  const params = { [ZSTD_c_compressionLevel]: level, ...windowLog }
  return new ZlibEncoder('zstd', options, {
    now: (body) => zlib.zstdCompressSync(body, { params }),
    later: (body, done) => zlib.zstdCompress(body, { params }, done),
    open: ({ longLived }) =>
      zlib.createZstdCompress({
        params: longLived ? { [ZSTD_c_compressionLevel]: 1, [ZSTD_c_windowLog]: 12 } : params,
        ...(longLived ? { chunkSize: 1024 } : {}),
      }),
    flush: zlib.constants.ZSTD_e_flush,
  })
}

/** zstd where the runtime has it, br and gzip: the cheapest first, as measured on 20 KiB of JSON. */
export function defaultEncoders(): ContentEncoder[] {
  return [...(hasZstd ? [zstdEncoder()] : []), brotliEncoder(), gzipEncoder()]
}

const hasZstd = typeof zlib.zstdCompressSync === 'function'

interface ZlibFunctions {
  readonly now: (body: Uint8Array) => Uint8Array
  readonly later: (body: Uint8Array, done: (error: Error | null, encoded: Uint8Array) => void) => void
  readonly open: (options: OpenEncoderOptions) => ZlibStream
  /** What makes all that was written decodable. */
  readonly flush: number
}

type ZlibStream = Transform & { flush(kind: number, callback: () => void): void }

class ZlibEncoder implements ContentEncoder {
  readonly coding: string
  readonly #maxSyncSize: number
  readonly #functions: ZlibFunctions

  constructor(coding: string, { maxSyncSize = 32_768 }: EncoderOptions, functions: ZlibFunctions) {
    this.coding = coding
    this.#maxSyncSize = maxSyncSize
    this.#functions = functions
  }

  encode(body: Uint8Array): Uint8Array | Promise<Uint8Array> {
    if (body.byteLength <= this.#maxSyncSize) return this.#functions.now(body)
    return new Promise((resolve, reject) => {
      this.#functions.later(body, (error, encoded) => (error === null ? resolve(encoded) : reject(error)))
    })
  }

  open(options: OpenEncoderOptions): StreamEncoder {
    return new ZlibStreamEncoder(this.#functions.open(options), this.#functions.flush)
  }
}

class ZlibStreamEncoder implements StreamEncoder {
  readonly #stream: ZlibStream
  readonly #flush: number
  #made: Buffer[] = []
  #reject: ((error: Error) => void) | null = null

  constructor(stream: ZlibStream, flush: number) {
    this.#stream = stream
    this.#flush = flush
    stream.on('data', (made: Buffer) => this.#made.push(made))
    stream.on('error', (error) => this.#reject?.(error))
  }

  encode(chunk: Uint8Array, finishing: boolean): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      const done = (): void => {
        this.#reject = null
        resolve(Buffer.concat(this.#made.splice(0)))
      }
      if (finishing) this.#stream.once('end', done).end(chunk)
      else {
        this.#stream.write(chunk)
        this.#stream.flush(this.#flush, done)
      }
    })
  }

  close(): void {
    this.#stream.destroy()
    this.#reject?.(new Error('The encoder is closed'))
    this.#reject = null
  }
}

/** A window of 2 KiB and as little else: most streams of events are idle most of the time. */
const smallWindow = { windowBits: 11, memLevel: 4, chunkSize: 1024 } as const
