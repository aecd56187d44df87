import { ByteQueue } from '@tornado-ts/bytes'
import { appLog } from '@tornado-ts/log'
import type { Duplex } from 'node:stream'
import { StreamBufferFullError, StreamClosedError, UnsatisfiableReadError } from './errors.ts'
import {
  ReadBytes,
  ReadInto,
  ReadUntil,
  ReadUntilClose,
  ReadUntilRegex,
  type PendingRead,
} from './pending-read.ts'
import type { StreamReceiver } from './stream-receiver.ts'

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
}

/**
 * A two-way stream of bytes with two faces.
 *
 * For people: {@link readUntil}, {@link readBytes} and their kin, {@link write}, and async iteration, each a promise.
 * For protocol code: a {@link StreamReceiver} that is handed each chunk by a direct call, {@link send}, {@link pause}
 * and {@link resume}. A stream has one face at a time: once a receiver is set, reads throw.
 *
 * Tornado: iostream.BaseIOStream.
 */
export class BaseIOStream implements AsyncDisposable {
  /** What closed the stream, or `null`. Tornado: BaseIOStream.error. */
  error: Error | null = null
  readonly maxBufferSize: number
  readonly maxWriteBufferSize: number

  static readonly #onData = function (this: unknown, chunk: Buffer): void {
    ;(this as OwnedTransport)[owner].#received(chunk)
  }
  static readonly #onEnd = function (this: unknown): void {
    ;(this as OwnedTransport)[owner].#endReceived()
  }
  static readonly #onDrain = function (this: unknown): void {
    ;(this as OwnedTransport)[owner].#drained()
  }
  static readonly #onError = function (this: unknown, error: Error): void {
    ;(this as OwnedTransport)[owner].error ??= error
  }
  static readonly #onClose = function (this: unknown): void {
    ;(this as OwnedTransport)[owner].#transportClosed()
  }

  readonly #transport: Duplex
  #receiver: StreamReceiver | null = null
  /** Made on the first byte that no receiver takes: a server's streams never need one. */
  #queue: ByteQueue | null = null
  #read: WaitingRead | null = null
  #writes: Set<WaitingWrite> | null = null
  #closeCallback: (() => void) | null = null
  #signal: AbortController | null = null
  #closed = false
  #ended = false
  #paused = false
  #mayBeFull = false

  constructor(
    transport: Duplex,
    { maxBufferSize = defaultBufferSize, maxWriteBufferSize = defaultBufferSize }: StreamOptions = {},
  ) {
    this.#transport = transport
    this.maxBufferSize = maxBufferSize
    this.maxWriteBufferSize = maxWriteBufferSize
    ;(transport as OwnedTransport)[owner] = this
    // The listeners are shared by all streams: a closure for each would be paid by every idle connection.
    transport.on('data', BaseIOStream.#onData)
    transport.on('end', BaseIOStream.#onEnd)
    transport.on('drain', BaseIOStream.#onDrain)
    transport.on('error', BaseIOStream.#onError)
    transport.on('close', BaseIOStream.#onClose)
  }

  /**
   * Hands all further events to `receiver`, beginning with what is already buffered, on a later turn of the loop.
   *
   * `null` gives the stream back to the reads. A receiver that replaces another takes over from there.
   */
  setReceiver(receiver: StreamReceiver | null): void {
    if (this.#read !== null) throw new Error('Cannot set a receiver while a read is pending')
    this.#receiver = receiver
    if (receiver === null) return
    if (this.#closed) queueMicrotask(() => this.#receiver?.streamClosed(this.error))
    else if ((this.#queue !== null && this.#queue.length > 0) || this.#ended) {
      setImmediate(() => this.#handOver())
    } else this.#resumeIfRoom()
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
    this.#transport.cork()
    let belowMark = true
    for (const part of parts) belowMark = this.send(part, encoding)
    this.#transport.uncork()
    return belowMark || this.#transport.writableLength === 0
  }

  /** Puts bytes back in front of all that are still to be read. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const rest = this.#queue?.takeAll()
    this.#queue ??= new ByteQueue()
    this.#queue.push(bytes)
    if (rest !== undefined) this.#queue.push(rest)
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
   * Sends bytes, or text as UTF-8; an array is sent as one vectored write.
   *
   * The promise resolves when the operating system has taken them and rejects with `StreamClosedError` when the stream
   * closes first; a rejection that nobody awaits is silent. The caller must not change the bytes before that.
   *
   * @throws {StreamClosedError} At once on a closed stream.
   * @throws {StreamBufferFullError} At once beyond `maxWriteBufferSize`; nothing was taken.
   */
  write(data: string | Uint8Array | readonly (string | Uint8Array)[]): Promise<void> {
    if (this.#closed) throw new StreamClosedError(this.error)
    if (typeof data === 'string' || data instanceof Uint8Array) {
      this.#checkWriteRoom(byteLength(data))
      return this.#writeLast(data)
    }
    this.#checkWriteRoom(data.reduce((sum, part) => sum + byteLength(part), 0))
    this.#transport.cork()
    for (let i = 0; i < data.length - 1; i++) this.#transport.write(data[i])
    const written = this.#writeLast(data.at(-1) ?? '')
    this.#transport.uncork()
    return written
  }

  /**
   * Reads exactly `size` bytes, or with `partial` at least one and at most `size`, as soon as there are any.
   *
   * @throws {StreamClosedError} (rejection) When the stream ends before there are enough.
   */
  readBytes(size: number, { partial = false }: { partial?: boolean } = {}): Promise<Buffer> {
    if (!Number.isInteger(size) || size < 0) throw new RangeError(`Cannot read ${size} bytes`)
    return this.#startRead(new ReadBytes(size, partial))
  }

  /**
   * Fills `target`, or with `partial` as much of it as there are bytes for, and answers how many were read.
   *
   * @throws {StreamClosedError} (rejection) When the stream ends before there are enough.
   */
  readInto(target: Uint8Array, { partial = false }: { partial?: boolean } = {}): Promise<number> {
    return this.#startRead(new ReadInto(target, partial))
  }

  /**
   * Reads through the first `delimiter`.
   *
   * With `maxSize` the delimiter must end within that many bytes, else the stream is closed and the read rejects with a
   * `StreamClosedError` whose `realError` is an `UnsatisfiableReadError`.
   */
  readUntil(
    delimiter: string | Uint8Array,
    { maxSize = Infinity }: { maxSize?: number } = {},
  ): Promise<Buffer> {
    return this.#startRead(new ReadUntil(Buffer.from(delimiter as Uint8Array), maxSize))
  }

  /** Reads through the end of the first match of `pattern`, which sees bytes as latin1. `maxSize` as in {@link readUntil}. */
  readUntilRegex(pattern: RegExp, { maxSize = Infinity }: { maxSize?: number } = {}): Promise<Buffer> {
    return this.#startRead(new ReadUntilRegex(pattern, maxSize))
  }

  /** Reads all bytes until the peer ends its side or the stream closes; on a closed stream, what is left. */
  readUntilClose(): Promise<Buffer> {
    return this.#startRead(new ReadUntilClose())
  }

  /** Yields the bytes in pieces as they arrive, until the peer ends its side. Leaving the loop early does not close. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      try {
        yield await this.readBytes(iterationSize, { partial: true })
      } catch (error) {
        if (error instanceof StreamClosedError && error.realError === null) return
        throw error
      }
    }
  }

  /** Whether a read is pending. */
  reading(): boolean {
    return this.#read !== null
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
   * rejected. `null` takes it back. Tornado: BaseIOStream.set_close_callback.
   */
  setCloseCallback(callback: (() => void) | null): void {
    this.#closeCallback = callback
    if (this.#closed && callback !== null) this.#scheduleCloseCallback()
  }

  /**
   * Closes at once: what is not sent yet is dropped, and what waits is rejected with a `StreamClosedError` of `error`.
   * Closing twice does nothing.
   */
  close(error: Error | null = null): void {
    if (this.#closed) return
    this.#closed = true
    this.error = error
    this.#transport.destroy()
    this.#settleClosed()
  }

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

  #received(chunk: Buffer): void {
    if (this.#receiver !== null && (this.#queue === null || this.#queue.length === 0)) {
      this.#guard((receiver) => receiver.chunkReceived(chunk))
      return
    }
    this.#queue ??= new ByteQueue()
    this.#queue.push(chunk)
    if (this.#read !== null) this.#tryRead()
    if (this.#queue.length >= this.maxBufferSize && !this.#closed) this.#bufferFull()
  }

  #endReceived(): void {
    this.#ended = true
    if (this.#queue !== null && this.#queue.length > 0 && this.#receiver !== null) return
    if (this.#receiver !== null) this.#guard((receiver) => receiver.endReceived())
    else {
      if (this.#read !== null) this.#finishReadAtEnd()
      this.#transport.end()
    }
  }

  #drained(): void {
    this.#mayBeFull = false
    if (this.#receiver !== null) this.#guard((receiver) => receiver.writeBufferEmptied())
  }

  #transportClosed(): void {
    if (this.#closed) return
    this.#closed = true
    this.#settleClosed()
  }

  #writeLast(data: string | Uint8Array): Promise<void> {
    this.#writes ??= new Set()
    const writes = this.#writes
    const written = new Promise<void>((resolve, reject) => {
      const waiting: WaitingWrite = { resolve, reject }
      writes.add(waiting)
      this.#transport.write(data, (error) => {
        if (!error && writes.delete(waiting)) resolve()
      })
    })
    written.catch(ignore)
    return written
  }

  #checkWriteRoom(size: number): void {
    if (this.#transport.writableLength + size <= this.maxWriteBufferSize) return
    throw new StreamBufferFullError(`Cannot buffer more than ${this.maxWriteBufferSize} bytes to send`)
  }

  #startRead<Result>(read: PendingRead<Result>): Promise<Result> {
    if (this.#receiver !== null) throw new Error('Cannot read from a stream that has a receiver')
    if (this.#read !== null) throw new Error('Already reading')
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    promise.catch(ignore)
    this.#read = { read, resolve: resolve as (value: unknown) => void, reject }
    this.#queue ??= new ByteQueue()
    this.#tryRead()
    if (this.#read !== null) {
      if (this.#ended || this.#closed) this.#finishReadAtEnd()
      else if (this.#queue.length >= this.maxBufferSize) this.#bufferFull()
    }
    if (!this.#closed) this.#resumeIfRoom()
    return promise
  }

  #tryRead(): void {
    const waiting = this.#read!
    try {
      const result = waiting.read.tryTake(this.#queue!)
      if (result !== null) {
        this.#read = null
        waiting.resolve(result)
      }
    } catch (error) {
      this.#failRead(error as Error)
    }
  }

  #finishReadAtEnd(): void {
    const waiting = this.#read!
    this.#read = null
    this.#queue ??= new ByteQueue()
    try {
      const result = waiting.read.takeAtEnd(this.#queue)
      if (result !== null) waiting.resolve(result)
      else waiting.reject(new StreamClosedError(this.error))
    } catch (error) {
      this.#read = waiting
      this.#failRead(error as Error)
    }
  }

  #failRead(error: Error): void {
    const waiting = this.#read!
    this.#read = null
    waiting.reject(new StreamClosedError(error))
    if (error instanceof UnsatisfiableReadError) this.close(error)
    else {
      appLog.error('Error in a read of a stream', error)
      this.close(error)
    }
  }

  /** Without a read the peer waits; a read that needs more than fits can never be satisfied. */
  #bufferFull(): void {
    if (this.#read === null) this.pause()
    else
      this.#failRead(
        new StreamBufferFullError(`Cannot buffer more than ${this.maxBufferSize} bytes received`),
      )
  }

  #resumeIfRoom(): void {
    if (this.#queue === null || this.#queue.length < this.maxBufferSize) this.resume()
  }

  #handOver(): void {
    while (this.#receiver !== null && this.#queue !== null && this.#queue.length > 0 && !this.#paused) {
      const chunk = this.#queue.takeChunk()
      this.#guard((receiver) => receiver.chunkReceived(chunk))
    }
    if (this.#receiver === null || this.#closed) return
    if (this.#queue !== null && this.#queue.length > 0) {
      // Paused by the receiver half-way: go on where it resumes.
      this.#transport.once('resume', () => setImmediate(() => this.#handOver()))
    } else if (this.#ended) this.#guard((receiver) => receiver.endReceived())
  }

  #guard(call: (receiver: StreamReceiver) => void): void {
    try {
      call(this.#receiver!)
    } catch (error) {
      appLog.error('Uncaught exception in a stream receiver', error)
      this.close(error as Error)
    }
  }

  #settleClosed(): void {
    if (this.#read !== null) this.#finishReadAtEnd()
    if (this.#writes !== null) {
      for (const { reject } of this.#writes) reject(new StreamClosedError(this.error))
      this.#writes.clear()
    }
    this.#signal?.abort(new StreamClosedError(this.error))
    if (this.#receiver !== null)
      queueMicrotask(() => this.#guard((receiver) => receiver.streamClosed(this.error)))
    if (this.#closeCallback !== null) this.#scheduleCloseCallback()
  }

  #scheduleCloseCallback(): void {
    const callback = this.#closeCallback
    this.#closeCallback = null
    setImmediate(() => {
      try {
        callback!()
      } catch (error) {
        appLog.error('Uncaught exception in a close callback', error)
      }
    })
  }
}

interface WaitingRead {
  readonly read: PendingRead<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

interface WaitingWrite {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

const defaultBufferSize = 100 * 1024 * 1024
const iterationSize = 64 * 1024

const owner: unique symbol = Symbol('stream of this transport')
type OwnedTransport = Duplex & { [owner]: BaseIOStream }

function byteLength(data: string | Uint8Array): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength
}

function ignore(): void {}
