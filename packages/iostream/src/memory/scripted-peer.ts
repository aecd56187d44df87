import { BaseIOStream } from '../stream/base-io-stream.ts'
import { MemoryTransport } from './memory-transport.ts'
import type { StreamOptions } from '../stream/stream-options.ts'

/**
 * The other end of a stream under test: records what is written to it, and sends bytes cut as the test wants them.
 *
 * @example
 * const { stream, peer } = ScriptedPeer.connect()
 * const line = stream.readUntil('\n')
 * await peer.send('hello\n', { pieceSize: 1 })
 * await stream.write('bye\n')
 * expect(await peer.receivedUntil('\n')).toBe('bye\n')
 */
export class ScriptedPeer {
  readonly #transport: MemoryTransport
  readonly #writes: Buffer[] = []
  readonly #ended: Promise<void>
  readonly #closed: Promise<void>
  #onReceived: (() => void) | null = null
  #finished = false

  private constructor(transport: MemoryTransport, ofStream: MemoryTransport) {
    this.#transport = transport
    transport.on('data', (chunk: Buffer) => {
      this.#writes.push(chunk)
      this.#onReceived?.()
    })
    transport.on('error', () => {})
    this.#ended = new Promise((resolve) => transport.once('end', resolve))
    this.#closed = new Promise((resolve) => ofStream.once('close', resolve))
    const finish = (): void => {
      this.#finished = true
      this.#onReceived?.()
    }
    transport.once('end', finish)
    transport.once('close', finish)
  }

  /** A stream and the peer at its other end. */
  static connect(options?: StreamOptions): { stream: BaseIOStream; peer: ScriptedPeer } {
    const [transport, end] = MemoryTransport.pair()
    return { stream: new BaseIOStream(transport, options), peer: new ScriptedPeer(end, transport) }
  }

  /** What the stream has sent, one buffer for each write that reached the platform; a vectored write is one. */
  get writes(): readonly Buffer[] {
    return this.#writes
  }

  /** All that the stream has sent. */
  get received(): Buffer {
    return Buffer.concat(this.#writes)
  }

  /** All that the stream has sent, as latin1 text. */
  get receivedText(): string {
    return this.received.toString('latin1')
  }

  /**
   * Resolves with all that the stream has sent, as latin1 text, once `text` is in it, or there are that many bytes.
   *
   * @throws {Error} (rejection) When the stream ends before.
   */
  async receivedUntil(wanted: string | number): Promise<string> {
    for (;;) {
      const text = this.receivedText
      if (typeof wanted === 'number' ? text.length >= wanted : text.includes(wanted)) return text
      if (this.#finished) {
        throw new Error(`Stream ended without ${JSON.stringify(wanted)} after ${JSON.stringify(text)}`)
      }
      await new Promise<void>((resolve) => (this.#onReceived = resolve))
    }
  }

  /** Forgets what was received so far. */
  clear(): void {
    this.#writes.length = 0
  }

  /**
   * Sends bytes, or latin1 text; an array is sent piece by piece. With `pieceSize` every piece is cut further. Each piece
   * arrives on a turn of the loop of its own.
   *
   * Resolves when the last piece has arrived, or the stream is gone. A paused stream has room for little more than
   * `maxBufferSize`: do not wait for what is more.
   */
  async send(
    data: string | Uint8Array | readonly (string | Uint8Array)[],
    { pieceSize = Infinity }: { pieceSize?: number } = {},
  ): Promise<void> {
    const wholes = typeof data === 'string' || data instanceof Uint8Array ? [data] : data
    for (const whole of wholes) {
      const bytes = typeof whole === 'string' ? Buffer.from(whole, 'latin1') : whole
      for (let start = 0; start < bytes.length; start += pieceSize) {
        await this.#sendPiece(bytes.subarray(start, start + pieceSize))
      }
    }
  }

  /** Stops taking what the stream sends, once the few KiB that a socket would hold are full. */
  pause(): void {
    this.#transport.pause()
  }

  /** Takes what the stream sends again. */
  resume(): void {
    this.#transport.resume()
  }

  /** Ends this side; the stream may go on sending. */
  end(): void {
    this.#transport.end()
  }

  /** Closes this end. The stream sees the end of the data; what it still sends fails with `EPIPE`. */
  close(): void {
    this.#transport.destroy()
  }

  /** Breaks the connection: the stream fails with `ECONNRESET`. */
  reset(): void {
    this.#transport.reset()
  }

  /** Resolves when the stream has ended its side and all that it sent was received. */
  get ended(): Promise<void> {
    return this.#ended
  }

  /** Resolves when the stream has closed its end. */
  get closed(): Promise<void> {
    return this.#closed
  }

  #sendPiece(piece: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#transport.write(piece, () => {
        // The data event of the last piece comes before whoever waits for the sending goes on.
        later(resolve)
      })
    })
  }
}

const later: typeof setImmediate = setImmediate
