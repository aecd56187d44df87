import { IOLoop } from '@tornado-ts/ioloop'
import { appLog, genLog } from '@tornado-ts/log'
import type { Duplex } from 'node:stream'
import { StreamBufferFullError, StreamClosedError, UnsatisfiableReadError } from './errors.ts'
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
import { platformReadSize, StreamLimits, type StreamOptions } from './stream-options.ts'
import { StreamReader } from './stream-reader.ts'
import type { StreamReceiver } from './stream-receiver.ts'

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
export class BaseIOStream implements AsyncDisposable {
  /** What closed the stream, or `null`. Tornado: BaseIOStream.error. */
  error: Error | null = null

  static readonly #onData = function (this: unknown, chunk: Buffer): void {
    ;(this as OwnedTransport)[owner].#received(chunk)
  }
  static readonly #onDataInPieces = function (this: unknown, chunk: Buffer): void {
    ;(this as OwnedTransport)[owner].#receivedInPieces(chunk)
  }
  static readonly #onEnd = function (this: unknown): void {
    ;(this as OwnedTransport)[owner].#endReceived()
  }
  static readonly #onDrain = function (this: unknown): void {
    ;(this as OwnedTransport)[owner].#drained()
  }
  static readonly #onError = function (this: unknown, error: Error): void {
    ;(this as OwnedTransport)[owner].#failed(error)
  }
  static readonly #onClose = function (this: unknown): void {
    ;(this as OwnedTransport)[owner].#transportClosed()
  }

  // What each send looks at is together: who sends to thousands of streams in turn finds little of them in the caches.
  #transport: Duplex
  #closed = false
  #mayBeFull = false
  readonly #limits: StreamLimits
  #receiver: StreamReceiver | null = null
  /** Made on the first byte that no receiver takes: a server's streams never need one. */
  #reader: StreamReader | null = null
  #writes: PendingWrites | null = null
  #closeCallback: (() => void) | null = null
  #signal: AbortController | null = null
  #ended = false
  #paused = false

  constructor(transport: Duplex, options: StreamOptions | StreamLimits = {}) {
    this.#limits = StreamLimits.of(options)
    this.#transport = transport
    this.#listen(transport)
  }

  /** Most bytes kept for reads to come. */
  get maxBufferSize(): number {
    return this.#limits.maxBufferSize
  }

  /** Most bytes waiting to be sent. */
  get maxWriteBufferSize(): number {
    return this.#limits.maxWriteBufferSize
  }

  /** Most bytes handed over in one piece. */
  get readChunkSize(): number {
    return this.#limits.readChunkSize
  }

  /** The loop that the stream's callbacks run on: that of this thread. */
  get ioLoop(): IOLoop {
    return IOLoop.current()
  }

  /**
   * Hands all further events to `receiver`, beginning with what is already buffered, on a later turn of the loop.
   *
   * `null` gives the stream back to the reads. A receiver that replaces another takes over from there; a paused stream
   * goes on.
   */
  setReceiver(receiver: StreamReceiver | null): void {
    if (this.reading()) throw new Error('Cannot set a receiver while a read is pending')
    this.#receiver = receiver
    if (receiver === null) return
    if (this.#closed) {
      queueMicrotask(() => this.#receiver?.streamClosed(this.error))
      return
    }
    if (this.#isBuffered || this.#ended) setImmediate(() => this.#handOver())
    this.resume()
  }

  /** Stops taking bytes from the peer until {@link resume}; the operating system then makes the peer wait. */
  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#transport.pause()
  }

  /** Takes bytes from the peer again. */
  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#transport.resume()
  }

  /**
   * Sends bytes, or text in the given encoding, without a promise.
   *
   * @returns `false` when the write buffer is above its high-water mark: stop, and go on at `writeBufferEmptied`.
   *   Also `false` on a closed stream, where the data is dropped.
   * @throws {StreamBufferFullError} Beyond `maxWriteBufferSize`; nothing of the data was taken.
   */
  send(data: string | Uint8Array, encoding: 'latin1' | 'utf8' = 'utf8'): boolean {
    if (this.#closed) return false
    if (this.#mayBeFull) this.#checkWriteRoom(data.length)
    const belowMark = this.#transport.write(data, encoding)
    // Only a write that left something behind can bring the buffer near its limit.
    if (!belowMark) this.#mayBeFull = true
    return belowMark
  }

  /** As {@link send}, for several pieces in one vectored write. */
  sendVector(parts: readonly (string | Uint8Array)[], encoding: 'latin1' | 'utf8' = 'utf8'): boolean {
    if (this.#closed) return false
    if (this.#mayBeFull) this.#checkWriteRoom(parts.reduce((sum, part) => sum + part.length, 0))
    const transport = this.#transport
    let belowMark = true
    transport.cork()
    for (const part of parts) belowMark = transport.write(part, encoding)
    transport.uncork()
    if (!belowMark) this.#mayBeFull = true
    return belowMark || transport.writableLength === 0
  }

  /** Puts bytes back in front of all that are still to be read. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#makeReader().unshift(bytes)
  }

  /** Sends all that is buffered, then ends this side of the connection; the peer may still send. */
  endWriting(): void {
    if (!this.#closed) this.#transport.end()
  }

  /** Bytes accepted for sending and not yet taken by the operating system. */
  get bufferedAmount(): number {
    return this.#transport.writableLength
  }

  /**
   * Bytes that the operating system has taken so far, as a measure of progress: a part of a large write counts, too. On
   * a transport that is no socket it is minus {@link bufferedAmount}, so that only what is not topped up meanwhile shows.
   */
  get takenSize(): number {
    const { _handle: outer } = this.#transport as HandledTransport
    // TLS counts whole writes only; what lies beneath it counts bytes.
    const handle = outer?._parent ?? outer
    if (handle?.bytesWritten === undefined || handle.writeQueueSize === undefined) return -this.bufferedAmount
    return handle.bytesWritten - handle.writeQueueSize
  }

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
    const transport = this.#transport
    if (this.#closed || transport.writableEnded) throw new StreamClosedError(this.error)
    this.#writes ??= new PendingWrites()
    const { finished } = this.#writes
    if (typeof data === 'string' || ArrayBuffer.isView(data)) {
      this.#checkWriteRoom(byteLength(data))
      transport.write(toBytes(data), finished)
    } else {
      this.#checkWriteRoom(data.reduce((sum, part) => sum + byteLength(part), 0))
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
   */
  readUntil(
    delimiter: string | Uint8Array,
    { maxSize = Infinity, signal }: SearchReadOptions = {},
  ): Promise<Buffer> {
    return this.#startRead(new ReadUntil(toDelimiter(delimiter), maxSize), signal)
  }

  /**
   * Reads through the end of the first match of `pattern`, which sees bytes as latin1 and may match anywhere.
   * `maxSize` as in {@link readUntil}.
   */
  readUntilRegex(pattern: RegExp, { maxSize = Infinity, signal }: SearchReadOptions = {}): Promise<Buffer> {
    return this.#startRead(new ReadUntilRegex(pattern, maxSize), signal)
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

  /** Whether a read is pending. */
  reading(): boolean {
    return this.#reader !== null && this.#reader.isWaiting
  }

  /** Whether bytes wait to be sent. */
  writing(): boolean {
    return this.#transport.writableLength > 0
  }

  /** Whether the stream is closed, by either side. */
  closed(): boolean {
    return this.#closed
  }

  /** Fires when the stream closes; its reason is a `StreamClosedError`. */
  get signal(): AbortSignal {
    this.#signal ??= new AbortController()
    if (this.#closed && !this.#signal.signal.aborted) this.#signal.abort(new StreamClosedError(this.error))
    return this.#signal.signal
  }

  /**
   * Calls `callback` once when the stream closes, on a later turn of the loop, after pending reads and writes have been
   * rejected; on a closed stream, on the next turn. `null` takes it back. That the peer has ended its side is noticed
   * when all that it sent was read. Tornado: BaseIOStream.set_close_callback.
   */
  setCloseCallback(callback: (() => void) | null): void {
    this.#closeCallback = callback
    if (this.#closed) this.#runCloseCallback()
  }

  /**
   * Closes at once: what is not sent yet is dropped, and what waits is rejected with a `StreamClosedError` of `error`.
   * Closing twice does nothing.
   */
  close(error: Error | null = null): void {
    if (this.#closed) return
    this.error ??= error
    this.#closed = true
    this.closeTransport()
    this.#settleClosed()
  }

  /** Sends small writes at once (`true`) or lets the operating system gather them. Does nothing but on TCP. */
  setNodelay(_value: boolean): void {}

  /** Closes, and resolves when the platform has given the connection up. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#transport.closed) {
      const closed = new Promise<void>((resolve) => this.#transport.once('close', () => resolve()))
      this.close()
      await closed
    }
  }

  /** The stream of the platform beneath, for subclasses. */
  protected get transport(): Duplex {
    return this.#transport
  }

  /** For subclasses: goes over to another transport; nothing must have been written to or read from the one before. */
  protected replaceTransport(transport: Duplex): void {
    this.#forget(this.#transport)
    this.#transport = transport
    this.#listen(transport)
  }

  /**
   * For subclasses: gives the transport up to another stream, together with the close callback. This one is closed from
   * then on, without an event.
   */
  protected releaseTransport(): Duplex {
    this.#forget(this.#transport)
    this.#closed = true
    return this.#transport
  }

  /** For subclasses: the limits, to be shared with another stream. */
  protected get limits(): StreamLimits {
    return this.#limits
  }

  /** For subclasses: the callback to be called at the close, without forgetting it. */
  protected get closeCallback(): (() => void) | null {
    return this.#closeCallback
  }

  /** Whether nothing is pending or buffered, in either direction. */
  protected get isIdle(): boolean {
    if (this.reading() || this.#receiver !== null || this.writing()) return false
    return !this.#ended && this.#transport.readableLength === 0 && !this.#isBuffered
  }

  /** For subclasses: makes of an error of the transport the one that users see. */
  protected toStreamError(error: Error): Error {
    return error
  }

  /** For subclasses: gives the connection up. */
  protected closeTransport(): void {
    this.#transport.destroy()
  }

  /** For subclasses: called once when the stream closes, after `error` is set. */
  protected onClosed(): void {}

  #listen(transport: Duplex): void {
    ;(transport as OwnedTransport)[owner] = this
    // The listeners are shared by all streams: a closure for each would be paid by every idle connection.
    transport.on('data', this.#dataListener)
    transport.on('end', BaseIOStream.#onEnd)
    transport.on('drain', BaseIOStream.#onDrain)
    transport.on('error', BaseIOStream.#onError)
    transport.on('close', BaseIOStream.#onClose)
  }

  #forget(transport: Duplex): void {
    transport.off('data', this.#dataListener)
    transport.off('end', BaseIOStream.#onEnd)
    transport.off('drain', BaseIOStream.#onDrain)
    transport.off('error', BaseIOStream.#onError)
    transport.off('close', BaseIOStream.#onClose)
  }

  get #dataListener(): (chunk: Buffer) => void {
    return this.#limits.readChunkSize < platformReadSize ? BaseIOStream.#onDataInPieces : BaseIOStream.#onData
  }

  #received(chunk: Buffer): void {
    if (this.#receiver !== null && !this.#isBuffered) {
      this.#handChunk(chunk)
      return
    }
    const reader = this.#makeReader()
    reader.push(chunk)
    if (reader.isWaiting) this.#serveRead(reader, false)
    // What waits to be handed to a receiver is about to be; pausing is then up to that.
    if (!reader.hasRoom && this.#receiver === null && !this.#closed) this.pause()
  }

  #receivedInPieces(chunk: Buffer): void {
    const { readChunkSize } = this.#limits
    let start = 0
    while (start < chunk.length && !this.#closed) {
      if (this.#paused) {
        this.#transport.unshift(chunk.subarray(start))
        return
      }
      this.#received(chunk.subarray(start, (start += readChunkSize)))
    }
  }

  #endReceived(): void {
    this.#ended = true
    if (this.#receiver === null) {
      if (this.reading()) this.#serveLastRead()
      this.#closeIfSpent()
    } else if (!this.#isBuffered) this.#guard((receiver) => receiver.endReceived())
  }

  #drained(): void {
    this.#mayBeFull = false
    if (this.#receiver !== null) this.#guard((receiver) => receiver.writeBufferEmptied())
  }

  #failed(error: NodeJS.ErrnoException): void {
    // That a peer is gone is no news; whoever cares finds it in `error`.
    if (error.syscall === 'write' && !peerGoneCodes.has(error.code ?? '')) {
      genLog.warning(`Write error on a stream: ${error.message}`)
    }
    this.error ??= this.toStreamError(error)
  }

  #transportClosed(): void {
    if (this.#closed) return
    this.#closed = true
    this.#settleClosed()
  }

  #checkWriteRoom(size: number): void {
    const { maxWriteBufferSize } = this.#limits
    if (this.#transport.writableLength + size <= maxWriteBufferSize) return
    throw new StreamBufferFullError(`Cannot buffer more than ${maxWriteBufferSize} bytes to send`)
  }

  #startRead<Result>(read: PendingRead<Result>, signal?: AbortSignal): Promise<Result> {
    if (this.#receiver !== null) throw new Error('Cannot read from a stream that has a receiver')
    if (this.reading()) throw new Error('Already reading')
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
    const reader = this.#makeReader()
    const result = reader.begin(read)
    this.#serveRead(reader, false)
    if (reader.isWaiting) {
      if (this.#ended || this.#closed) this.#serveLastRead()
      else if (signal !== undefined) reader.giveUpOn(signal)
    }
    if (!this.#closed) this.#resumeIfRoom()
    if (this.#ended) this.#closeIfSpent()
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
      if (this.#reader!.serveLast()) return
      if (!this.#closed) this.#closeWhenSent()
      // Closing has rejected it, unless there is something to send first.
      if (this.reading()) this.#reader!.fail(new StreamClosedError(this.error))
    } catch (error) {
      this.#failRead(error as Error)
    }
  }

  #failRead(error: Error): void {
    if (error instanceof UnsatisfiableReadError) {
      genLog.info(`Unsatisfiable read, closing connection: ${error.message}`)
    } else if (error instanceof StreamBufferFullError) genLog.error('Reached maximum read buffer size')
    else appLog.error('Error in a read of a stream', error)
    this.#reader!.fail(new StreamClosedError(error))
    this.close(error)
  }

  #makeReader(): StreamReader {
    return (this.#reader ??= new StreamReader(this.#limits.maxBufferSize))
  }

  /** Whether bytes have come that nobody has read. */
  get #isBuffered(): boolean {
    return this.#reader !== null && this.#reader.length > 0
  }

  #resumeIfRoom(): void {
    if (this.#reader === null || this.#reader.hasRoom) this.resume()
  }

  /** Nothing more can come; what the reader of the last bytes answers in this turn of the loop is still sent. */
  #closeIfSpent(): void {
    if (!this.#isSpent) return
    setImmediate(() => {
      if (this.#isSpent) this.#closeWhenSent()
    })
  }

  get #isSpent(): boolean {
    return this.#ended && !this.#closed && this.#receiver === null && !this.reading() && !this.#isBuffered
  }

  #closeWhenSent(): void {
    if (this.#transport.writableLength === 0) this.close()
    else this.#transport.end()
  }

  #handOver(): void {
    while (this.#receiver !== null && this.#isBuffered && !this.#paused) {
      this.#handChunk(this.#reader!.takeChunk(this.#limits.readChunkSize))
    }
    if (this.#receiver === null || this.#closed) return
    if (this.#isBuffered) {
      // Paused by the receiver half-way: go on where it resumes.
      this.#transport.once('resume', () => setImmediate(() => this.#handOver()))
    } else if (this.#ended) this.#guard((receiver) => receiver.endReceived())
  }

  #handChunk(chunk: Buffer): void {
    try {
      this.#receiver!.chunkReceived(chunk)
    } catch (error) {
      this.#receiverFailed(error)
    }
  }

  #guard(call: (receiver: StreamReceiver) => void): void {
    try {
      call(this.#receiver!)
    } catch (error) {
      this.#receiverFailed(error)
    }
  }

  #receiverFailed(error: unknown): void {
    appLog.error('Uncaught exception in a stream receiver', error)
    this.close(error as Error)
  }

  #settleClosed(): void {
    if (this.reading()) this.#serveLastRead()
    this.#writes?.rejectAll(() => new StreamClosedError(this.error))
    this.onClosed()
    this.#signal?.abort(new StreamClosedError(this.error))
    if (this.#receiver !== null)
      queueMicrotask(() => this.#guard((receiver) => receiver.streamClosed(this.error)))
    this.#runCloseCallback()
  }

  #runCloseCallback(): void {
    const callback = this.#closeCallback
    this.#closeCallback = null
    if (callback !== null) IOLoop.current().addCallback(callback)
  }
}

const owner: unique symbol = Symbol('stream of this transport')
/** The platform measures the time-outs of its own sockets by these. */
type HandledTransport = Duplex & {
  readonly _handle?: (CountingHandle & { readonly _parent?: CountingHandle | null }) | null
}
interface CountingHandle {
  readonly bytesWritten?: number
  readonly writeQueueSize?: number
}
type OwnedTransport = Duplex & { [owner]: BaseIOStream }

const peerGoneCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'])
