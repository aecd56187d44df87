import { appLog, genLog } from '@tornado-ts/log'
import { StreamBufferFullError, StreamClosedError, UnsatisfiableReadError } from '../errors.ts'
import {
  ReadBytes,
  ReadInto,
  ReadPiece,
  ReadUntil,
  ReadUntilClose,
  ReadUntilRegex,
  type PendingRead,
} from './pending-read.ts'
import { PendingWrites } from './pending-writes.ts'
import type { ReadOptions, SearchReadOptions, SizedReadOptions } from './read-options.ts'
import { byteLength, toBytes, toDelimiter, viewBytes, type StreamData } from './stream-data.ts'
import type { StreamReader } from './stream-reader.ts'
import { TransportStream } from './transport-stream.ts'

/**
 * A two-way stream of bytes with two faces.
 *
 * For people: {@link readUntil}, {@link readBytes} and their kin, {@link write}, and async iteration, each a promise.
 * For protocol code: a {@link StreamReceiver} that is handed each chunk by a direct call, {@link send}, {@link pause}
 * and {@link resume}. A stream has one face at a time: once a receiver is set, reads throw.
 *
 * When the peer has ended its side and all that it sent was read, the stream closes at the end of that turn of the
 * loop, after what was written until then has been sent. With a receiver, closing is the receiver's to do.
 *
 * It works over any `Duplex` of the platform; {@link IOStream} and {@link PipeIOStream} bring their own.
 *
 * Tornado: iostream.BaseIOStream.
 */
export class BaseIOStream extends TransportStream {
  #writes: PendingWrites | null = null

  /**
   * Sends text, bytes, or an array of them in one vectored write.
   *
   * The promise resolves when the operating system has taken them and rejects with `StreamClosedError` when the stream
   * closes first; a rejection that nobody awaits is silent. The caller must not change the bytes before that.
   * Writes may overlap; they are sent in order.
   *
   * @throws {StreamClosedError} At once on a closed stream, and after {@link endWriting}.
   * @throws {StreamBufferFullError} At once beyond `maxWriteBufferSize`; nothing was taken.
   */
  write(data: StreamData | readonly StreamData[]): Promise<void> {
    const { transport } = this
    if (this.closed() || transport.writableEnded) throw new StreamClosedError(this.error)
    this.#writes ??= new PendingWrites()
    const { finished } = this.#writes
    if (typeof data === 'string' || ArrayBuffer.isView(data)) {
      this.checkWriteRoom(byteLength(data))
      transport.write(toBytes(data), finished)
    } else {
      this.checkWriteRoom(data.reduce((sum, part) => sum + byteLength(part), 0))
      transport.cork()
      for (let i = 0; i < data.length - 1; i++) transport.write(toBytes(data[i]!))
      transport.write(toBytes(data.at(-1) ?? ''), finished)
      transport.uncork()
    }
    const isTaken = transport.writableLength === 0 && transport.errored === null && !transport.destroyed
    return isTaken ? this.#writes.addDone() : this.#writes.add()
  }

  /**
   * Reads exactly `size` bytes, or with `partial` at least one and at most `size`, as soon as there are any.
   *
   * @throws {StreamClosedError} (rejection) When the stream ends before there are enough.
   */
  readBytes(size: number, { partial = false, signal }: SizedReadOptions = {}): Promise<Buffer> {
    if (!Number.isInteger(size) || size < 0) throw new RangeError(`Cannot read ${size} bytes`)
    return this.#startRead(new ReadBytes(size, partial), signal)
  }

  /**
   * Fills the bytes of `target`, or with `partial` as many as there are, and answers how many were read.
   *
   * The target must not be touched before that. When the read fails, the bytes it had stay in the stream.
   *
   * @throws {StreamClosedError} (rejection) When the stream ends before there are enough.
   */
  readInto(
    target: NodeJS.ArrayBufferView,
    { partial = false, signal }: SizedReadOptions = {},
  ): Promise<number> {
    return this.#startRead(new ReadInto(viewBytes(target), partial), signal)
  }

  /**
   * Reads through the first `delimiter`.
   *
   * With `maxSize` the delimiter must end within that many bytes, else the stream is closed and the read rejects with a
   * `StreamClosedError` whose `realError` is an `UnsatisfiableReadError`.
   *
   * @throws {RangeError} At once, when `maxSize` is no number from 0 on.
   */
  readUntil(
    delimiter: string | Uint8Array,
    { maxSize = Infinity, signal }: SearchReadOptions = {},
  ): Promise<Buffer> {
    return this.#startRead(new ReadUntil(toDelimiter(delimiter), checkMaxSize(maxSize)), signal)
  }

  /**
   * Reads through the end of the first match of `pattern`, which sees bytes as latin1 and may match anywhere.
   * `maxSize` as in {@link readUntil}.
   */
  readUntilRegex(pattern: RegExp, { maxSize = Infinity, signal }: SearchReadOptions = {}): Promise<Buffer> {
    return this.#startRead(new ReadUntilRegex(pattern, checkMaxSize(maxSize)), signal)
  }

  /** Reads all bytes until the peer ends its side or the stream closes; on a closed stream, what is left. */
  readUntilClose({ signal }: ReadOptions = {}): Promise<Buffer> {
    return this.#startRead(new ReadUntilClose(), signal)
  }

  /**
   * Yields the bytes in pieces as they arrive, until the peer ends its side. Leaving the loop early does not close.
   *
   * @throws {StreamClosedError} When an error closes the stream.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const piece = await this.#startRead(new ReadPiece(this.readChunkSize))
      if (piece.length > 0) yield piece
      else if (this.error !== null) throw new StreamClosedError(this.error)
      else return
    }
  }

  /** Whether nothing is pending or buffered, in either direction. */
  protected get isIdle(): boolean {
    if (this.reading() || this.hasReceiver || this.writing()) return false
    return !this.ended && this.transport.readableLength === 0 && !this.isBuffered
  }

  protected override bytesCame(reader: StreamReader): void {
    this.#serveRead(reader, false)
  }

  protected override inputEnded(): void {
    if (this.reading()) this.#serveLastRead()
    this.#closeIfSpent()
  }

  protected override settleWaiting(): void {
    if (this.reading()) this.#serveLastRead()
    this.#writes?.rejectAll(() => new StreamClosedError(this.error))
  }

  #startRead<Result>(read: PendingRead<Result>, signal?: AbortSignal): Promise<Result> {
    if (this.hasReceiver) throw new Error('Cannot read from a stream that has a receiver')
    if (this.reading()) throw new Error('Already reading')
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
    const reader = this.makeReader()
    const result = reader.begin(read)
    this.#serveRead(reader, false)
    if (reader.isWaiting) {
      if (this.ended || this.closed()) this.#serveLastRead()
      else if (signal !== undefined) reader.giveUpOn(signal)
    }
    if (!this.closed()) this.#resumeIfRoom()
    if (this.ended) this.#closeIfSpent()
    return result
  }

  #serveRead(reader: StreamReader, late: boolean): void {
    try {
      reader.serve(late)
      if (reader.isWaiting) reader.searchLater(() => this.#serveRead(reader, true))
    } catch (error) {
      this.#failRead(error as Error)
    }
  }

  #serveLastRead(): void {
    try {
      if (this.reader!.serveLast()) return
      if (!this.closed()) this.#closeWhenSent()
      // Closing has rejected it, unless there is something to send first.
      if (this.reading()) this.reader!.fail(new StreamClosedError(this.error))
    } catch (error) {
      this.#failRead(error as Error)
    }
  }

  #failRead(error: Error): void {
    if (error instanceof UnsatisfiableReadError) {
      genLog.info(`Unsatisfiable read, closing connection: ${error.message}`)
    } else if (error instanceof StreamBufferFullError) genLog.error('Reached maximum read buffer size')
    else appLog.error('Error in a read of a stream', error)
    this.reader!.fail(new StreamClosedError(error))
    this.close(error)
  }

  #resumeIfRoom(): void {
    if (this.reader === null || this.reader.hasRoom) this.resume()
  }

  /** Nothing more can come; what the reader of the last bytes answers in this turn of the loop is still sent. */
  #closeIfSpent(): void {
    if (!this.#isSpent) return
    setImmediate(() => {
      if (this.#isSpent) this.#closeWhenSent()
    })
  }

  get #isSpent(): boolean {
    return this.ended && !this.closed() && !this.hasReceiver && !this.reading() && !this.isBuffered
  }

  #closeWhenSent(): void {
    if (this.transport.writableLength === 0) this.close()
    else this.transport.end()
  }
}

/** What compares with nothing, such as `NaN`, would be no limit at all. */
function checkMaxSize(maxSize: number): number {
  if (maxSize >= 0) return maxSize
  throw new RangeError(`Cannot read up to ${maxSize} bytes`)
}
