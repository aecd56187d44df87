import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'

/** What a context is made with. */
export interface ContextOptions {
  readonly kind: 'deflate' | 'inflate'
  readonly windowBits: number
  readonly level: number
  readonly memLevel: number
}

/** Outcome of one message: its bytes, or what went wrong. */
export type ContextCallback = (error: Error | null, bytes: Buffer | null) => void

/** More came out of a message than it may have. */
export class InflatedTooBigError extends Error {
  override readonly name = 'InflatedTooBigError'
}

/** One direction's zlib state. It takes one message at a time; zlib works on a thread of the pool. */
export class ZlibContext {
  readonly #stream: DeflateRaw | InflateRaw
  #chunks: Buffer[] = []
  #size = 0
  #maxSize = Infinity
  #done: ContextCallback | null = null
  #usable = true
  #fedSize = 0

  constructor({ kind, windowBits, level, memLevel }: ContextOptions) {
    // Each write comes out whole: one trip to the pool, where a write and a flush would be two.
    const flush = constants.Z_SYNC_FLUSH
    this.#stream =
      kind === 'deflate'
        ? createDeflateRaw({ level, memLevel, windowBits, flush, chunkSize })
        : createInflateRaw({ windowBits, flush, chunkSize })
    this.#stream.on('data', (chunk: Buffer) => this.#received(chunk))
    this.#stream.on('error', (error: Error) => this.#ended(error))
  }

  /** Whether it can take another message. */
  get usable(): boolean {
    return this.#usable
  }

  /** Begins a message; `done` is called once, later. */
  run(input: Buffer, maxSize: number, done: ContextCallback): void {
    this.#done = done
    this.#maxSize = maxSize
    this.#fedSize += input.length
    this.#stream.write(input, (error) => this.#ended(error ?? null))
  }

  /** Forgets the messages before. */
  reset(): void {
    this.#stream.reset()
  }

  close(): void {
    this.#usable = false
    this.#done = null
    this.#stream.destroy()
  }

  #received(chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > this.#maxSize) {
      const done = this.#done
      this.close()
      this.#chunks = []
      done?.(new InflatedTooBigError('message too big after decompression'), null)
    } else this.#chunks.push(chunk)
  }

  #ended(error: Error | null): void {
    // A peer may mark a block as the last of all (RFC 7692 §7.2.3.4): what follows is not taken, and the state is spent.
    if (error !== null || this.#stream.bytesWritten < this.#fedSize) this.#usable = false
    let late: Buffer | null
    while (this.#done !== null && (late = this.#stream.read() as Buffer | null) !== null) this.#received(late)
    const done = this.#done
    const chunks = this.#chunks
    this.#done = null
    this.#chunks = []
    this.#size = 0
    if (done === null) return
    if (error !== null) done(error, null)
    else done(null, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
  }
}

/** What zlib keeps for a context, by its own documentation, and the buffer of its output. In bytes. */
export function contextSize({ kind, windowBits, memLevel }: ContextOptions): number {
  const state =
    kind === 'deflate' ? (1 << (windowBits + 2)) + (1 << (memLevel + 9)) : (1 << windowBits) + 10_240
  return state + chunkSize
}

const chunkSize = 8 * 1024
