import { IOLoop } from '@tornado-ts/ioloop'
import { appLog, genLog } from '@tornado-ts/log'
import type { Duplex } from 'node:stream'
import { StreamBufferFullError, StreamClosedError } from '../errors.ts'
import { platformReadSize, StreamLimits, type StreamOptions } from './stream-options.ts'
import { StreamReader } from './stream-reader.ts'
import type { StreamReceiver } from './stream-receiver.ts'
import { takenSize } from './taken-size.ts'

/**
 * The face of a stream for protocol code, over a `Duplex` of the platform: hands what comes to a {@link StreamReceiver},
 * sends without promises, pauses and closes. What no receiver takes is kept for the reads of the class above.
 */
export abstract class TransportStream implements AsyncDisposable {
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
  #closeCallback: (() => void) | null = null
  #signal: AbortController | null = null
  #paused = false
  /** What has come and nobody has taken. Made on the first byte that no receiver takes: a server's streams never need one. */
  protected reader: StreamReader | null = null
  /** Whether the peer has ended its side. */
  protected ended: boolean = false

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
    if (this.isBuffered || this.ended) setImmediate(() => this.#handOver())
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
    if (this.#mayBeFull) this.checkWriteRoom(data.length)
    const belowMark = this.#transport.write(data, encoding)
    // Only a write that left something behind can bring the buffer near its limit.
    if (!belowMark) this.#mayBeFull = true
    return belowMark
  }

  /** As {@link send}, for several pieces in one vectored write. */
  sendVector(parts: readonly (string | Uint8Array)[], encoding: 'latin1' | 'utf8' = 'utf8'): boolean {
    if (this.#closed) return false
    if (this.#mayBeFull) this.checkWriteRoom(parts.reduce((sum, part) => sum + part.length, 0))
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
    if (bytes.length > 0) this.makeReader().unshift(bytes)
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
    return takenSize(this.#transport)
  }

  /** Whether a read is pending. */
  reading(): boolean {
    return this.reader !== null && this.reader.isWaiting
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

  /** Whether a receiver takes what comes. */
  protected get hasReceiver(): boolean {
    return this.#receiver !== null
  }

  /** Bytes have come for a read that waits. */
  protected abstract bytesCame(reader: StreamReader): void

  /** The peer has ended its side, and there is no receiver to be told. */
  protected abstract inputEnded(): void

  /** The stream has closed: gives what is left to the read that waits, and rejects what waits in vain. */
  protected abstract settleWaiting(): void

  #listen(transport: Duplex): void {
    ;(transport as OwnedTransport)[owner] = this
    // The listeners are shared by all streams: a closure for each would be paid by every idle connection.
    transport.on('data', this.#dataListener)
    transport.on('end', TransportStream.#onEnd)
    transport.on('drain', TransportStream.#onDrain)
    transport.on('error', TransportStream.#onError)
    transport.on('close', TransportStream.#onClose)
  }

  #forget(transport: Duplex): void {
    transport.off('data', this.#dataListener)
    transport.off('end', TransportStream.#onEnd)
    transport.off('drain', TransportStream.#onDrain)
    transport.off('error', TransportStream.#onError)
    transport.off('close', TransportStream.#onClose)
  }

  get #dataListener(): (chunk: Buffer) => void {
    return this.#limits.readChunkSize < platformReadSize
      ? TransportStream.#onDataInPieces
      : TransportStream.#onData
  }

  #received(chunk: Buffer): void {
    if (this.#receiver !== null && !this.isBuffered) {
      this.#handChunk(chunk)
      return
    }
    const reader = this.makeReader()
    reader.push(chunk)
    if (reader.isWaiting) this.bytesCame(reader)
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
    this.ended = true
    if (this.#receiver === null) this.inputEnded()
    else if (!this.isBuffered) this.#guard((receiver) => receiver.endReceived())
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

  /** @throws {StreamBufferFullError} When so many bytes more have no room. */
  protected checkWriteRoom(size: number): void {
    const { maxWriteBufferSize } = this.#limits
    if (this.#transport.writableLength + size <= maxWriteBufferSize) return
    throw new StreamBufferFullError(`Cannot buffer more than ${maxWriteBufferSize} bytes to send`)
  }

  protected makeReader(): StreamReader {
    return (this.reader ??= new StreamReader(this.#limits.maxBufferSize))
  }

  /** Whether bytes have come that nobody has read. */
  protected get isBuffered(): boolean {
    return this.reader !== null && this.reader.length > 0
  }

  #handOver(): void {
    while (this.#receiver !== null && this.isBuffered && !this.#paused) {
      this.#handChunk(this.reader!.takeChunk(this.#limits.readChunkSize))
    }
    if (this.#receiver === null || this.#closed) return
    if (this.isBuffered) {
      // Paused by the receiver half-way: go on where it resumes.
      this.#transport.once('resume', () => setImmediate(() => this.#handOver()))
    } else if (this.ended) this.#guard((receiver) => receiver.endReceived())
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
    this.settleWaiting()
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
type OwnedTransport = Duplex & { [owner]: TransportStream }

const peerGoneCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'])
