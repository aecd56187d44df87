import {
  HTTPHeaders,
  HTTPInputError,
  HTTPOutputError,
  ResponseStartLine,
  type ConnectionContext,
  type HTTPConnection,
  type HTTPMessageDelegate,
  type RequestStartLine,
} from '@tornado-ts/httputil'
import { StreamClosedError, type BaseIOStream } from '@tornado-ts/iostream'
import type { Lateness } from './connection-clock.ts'
import type { DeadlineSweeper } from './deadline-sweeper.ts'
import { ResponseTimeoutError } from './errors.ts'
import { closeOption, findFramingFields } from './framing-fields.ts'
import { HTTP1BaseConnection } from './http1-base-connection.ts'
import type { HTTP1ConnectionParameters, ResolvedParameters } from './parameters.ts'
import { encodeRequestHead, lastChunk } from './protocol/encoder.ts'
import { parseDecimal } from './protocol/grammar.ts'
import type { ResponseHead } from './protocol/message-head.ts'
import { rejectClosed } from './reject-closed.ts'
import { ResponseClock } from './response-clock.ts'
import { pieceSize, sendPiece } from './send-piece.ts'

/** Limits and surroundings of an {@link HTTP1ClientConnection}. */
export interface HTTP1ClientConnectionOptions {
  /**
   * Those that hold for responses: `maxHeaderSize`, `maxFieldCount`, `maxBodySize`, `chunkSize`, `headerTimeoutMs`,
   * `bodyTimeoutMs`, and `idleConnectionTimeoutMs` between exchanges. @default as documented there
   */
  params?: HTTP1ConnectionParameters | ResolvedParameters
  /** Who the server is. @default an unknown peer that speaks `http` */
  context?: ConnectionContext
  /** Watches the time-outs; a client passes one for all its connections. @default one of its own */
  sweeper?: DeadlineSweeper
}

/**
 * A client's connection: sends requests one after another, and hands the response to each to a delegate.
 *
 * For each exchange `writeHeaders`, any number of `write`, `finish` and {@link readResponse}; the response may be read
 * while the request is being written. The connection takes the stream over: nobody else may read from it.
 * Tornado: http1connection.HTTP1Connection with `is_client`.
 */
export class HTTP1ClientConnection extends HTTP1BaseConnection implements HTTPConnection {
  readonly #clock: ResponseClock
  /** `ended`: there is no further exchange; `switched`: what comes is another protocol's. */
  #phase: 'open' | 'switched' | 'ended' | 'detached' = 'open'

  #request: 'none' | 'begun' | 'finished' = 'none'
  #chunking = false
  /** Bytes of the request's body still to be written. */
  #remaining = 0

  #delegate: HTTPMessageDelegate | null = null
  #response: ExchangeEnd | null = null
  /** Whether a byte of the response to the current request has come. */
  #responseBegun = false
  /** Whether the final head has come. */
  #inBody = false
  #keepAlive = true
  #connecting = false
  /** What follows the response is another protocol. */
  #switching = false
  #informationalCount = 0
  #maxBodySize: number | null = null

  #failure: Error | null = null
  #closeCallback: (() => void) | null = null
  #abort: AbortController | null = null

  constructor(stream: BaseIOStream, options: HTTP1ClientConnectionOptions = {}) {
    super('client', stream, options)
    this.#clock = new ResponseClock(this.sweeper, this.params, this)
    this.#clock.start()
    stream.setReceiver(this)
  }

  /** Whether another request may be written: the exchange before is over, and left the connection in order. */
  get reusable(): boolean {
    return this.#phase === 'open' && this.#request === 'none' && !this.peerEnded && !this.stream.closed()
  }

  /**
   * Whether anything of a response has come since the request was begun. When a kept connection closes before, the server
   * has most likely not seen the request (RFC 9112 §9.3.1).
   */
  get responseBegun(): boolean {
    return this.#responseBegun
  }

  /** Whether the server has ended its side: a response that is incomplete was broken off. */
  get inputEnded(): boolean {
    return this.peerEnded
  }

  /** Fires when the connection closes before the exchange is over. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#phase === 'ended' && this.#request !== 'none') this.#abort.abort(this.#closeReason())
    return this.#abort.signal
  }

  /**
   * Begins a request. Without a `Content-Length`, POST, PUT and PATCH get `Transfer-Encoding: chunked`, other methods have
   * no body; with `Transfer-Encoding: chunked` the body is sent in chunks, too. It is for the caller to give a `Host`.
   *
   * @throws {HTTPOutputError} When the start line or the framing fields are not valid.
   * @throws {Error} When the exchange before is not over.
   */
  writeHeaders(
    startLine: RequestStartLine,
    headers: HTTPHeaders,
    chunk?: string | Uint8Array,
  ): void | Promise<void> {
    if (!this.#open) return rejectClosed(this.#failure ?? undefined)
    if (this.#request !== 'none') throw new HTTPOutputError('The exchange before is not over')
    const head = encodeRequestHead(startLine, headers) + this.#resolveFraming(startLine.method, headers)
    this.#request = 'begun'
    this.#responseBegun = false
    this.#inBody = false
    this.#informationalCount = 0
    this.#maxBodySize = null
    this.#abort = null
    this.decoder.expectResponse(startLine.method)
    this.#clock.requestBegan()
    return this.#sendBody(head, chunk ?? '')
  }

  write(chunk: string | Uint8Array): void | Promise<void> {
    if (!this.#open) return rejectClosed(this.#failure ?? undefined)
    if (this.#request !== 'begun') throw new HTTPOutputError('Headers are not written yet')
    return this.#sendBody('', chunk)
  }

  finish(): void {
    if (!this.#open || this.#request === 'finished') return
    if (this.#request === 'none') throw new HTTPOutputError('Headers are not written yet')
    if (this.#remaining > 0) {
      this.#failOutput(`Tried to write ${this.#remaining} bytes less than Content-Length`)
    }
    this.#request = 'finished'
    if (!this.#chunking) return
    this.sendText(lastChunk)
    void this.#flush()
  }

  /**
   * Reads the response to the request that was begun, and hands it to `delegate`. Its promises make the server wait.
   *
   * Resolves when `delegate.finish` has returned: `true` when the connection is {@link reusable}; `false` when it has ended, was
   * detached, or has gone over to another protocol and awaits {@link detach}. Otherwise the connection is closed, the delegate
   * hears `onConnectionClose`, and the promise rejects: with what the delegate threw, or
   *
   * - `HTTPInputError` for a response that is malformed, broken off, or beyond a limit,
   * - `ResponseTimeoutError`, or
   * - `StreamClosedError` when the connection closes.
   *
   * @throws {Error} When no request was begun, or its response is being read.
   */
  readResponse(delegate: HTTPMessageDelegate): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    this.takeResponse(delegate, (reusable, error) => {
      if (error === null) resolve(reusable)
      else reject(error)
    })
    return promise
  }

  /**
   * As {@link readResponse}, with a call in place of the promise: `ended` gets whether the connection is {@link reusable},
   * and `null` or what went wrong. It is called where the response ends, and may begin the next request.
   *
   * @throws {Error} When no request was begun, or its response is being read.
   */
  takeResponse(delegate: HTTPMessageDelegate, ended: ExchangeEnd): void {
    if (this.#response !== null) throw new Error('Already reading the response')
    if (!this.#open) {
      this.callApplication(() => delegate.onConnectionClose())
      const reason = this.#closeReason()
      queueMicrotask(() => ended(false, reason))
      return
    }
    if (this.#request === 'none') throw new Error('There is no request to read the response to')
    this.#delegate = delegate
    this.#response = ended
    this.goOn()
  }

  /** Closes at once. */
  abort(): void {
    this.stream.close()
  }

  setCloseCallback(callback: (() => void) | null): void {
    this.#closeCallback = callback
  }

  setMaxBodySize(maxBodySize: number): void {
    this.#maxBodySize = maxBodySize
    this.decoder.maxBodySize = maxBodySize
  }

  setBodyTimeout(bodyTimeoutMs: number): void {
    this.#clock.setBodyTimeout(bodyTimeoutMs)
  }

  /**
   * Gives the stream away, with the bytes received behind what was read: for another protocol, after a 101 or a 2xx to
   * CONNECT. The delegate hears nothing more, and a pending {@link readResponse} resolves with `false`.
   *
   * @throws {StreamClosedError} When the connection has closed.
   */
  detach(): BaseIOStream {
    if (this.#phase === 'detached' || this.stream.closed()) throw this.#closeReason()
    this.#phase = 'detached'
    this.#clock.stop()
    this.#closeCallback = null
    const stream = this.releaseStream()
    this.#delegate = null
    const response = this.#response
    this.#response = null
    this.tellClosed()
    response?.(false, null)
    return stream
  }

  /** Closes at once; resolves when the stream is closed. */
  close(): Promise<void> {
    if (this.#phase === 'detached' || (this.stream.closed() && !this.closeAwaited)) return Promise.resolve()
    const closed = this.whenClosed()
    this.stream.close()
    return closed
  }

  chunkReceived(chunk: Buffer): void {
    if (this.#phase === 'ended') return
    if (this.#request === 'none' && this.#phase === 'open') {
      // An answer to nothing, such as a 408 to an idle connection, must not be taken for that to the next request.
      this.#end()
      return
    }
    this.#responseBegun = true
    this.decoder.receive(chunk)
    if (this.#blocked) this.pauseIfFull()
    else this.process()
  }

  endReceived(): void {
    this.peerEnded = true
    this.decoder.receiveEnd()
    if (this.#request === 'none' && this.#phase === 'open') this.#end()
    else this.process()
  }

  writeBufferEmptied(): void {
    this.output.emptied()
  }

  streamClosed(error: Error | null): void {
    if (this.#phase === 'detached') return
    this.#failure ??= new StreamClosedError(error)
    if (this.#phase === 'ended') this.#settleClosed()
    else this.failed(this.#failure)
    this.tellClosed()
  }

  late(what: Lateness): void {
    if (what === 'idle') this.#end()
    else if (what === 'head') this.failed(new ResponseTimeoutError('Timeout reading head'))
    else this.failed(new ResponseTimeoutError('Timeout reading body'))
  }

  get #open(): boolean {
    return this.#phase === 'open' && !this.stream.closed()
  }

  get #blocked(): boolean {
    return this.suspended || this.processing || this.#response === null || this.#phase !== 'open'
  }

  protected override get takesInput(): boolean {
    return !this.suspended && this.#phase === 'open'
  }

  protected override process(): void {
    if (this.#blocked) return
    this.processing = true
    try {
      while (this.#response !== null && !this.suspended && this.#phase === 'open') {
        const event = this.decoder.next()
        if (event === null) {
          if (this.peerEnded) throw new StreamClosedError(this.stream.error)
          break
        }
        if (event.kind === 'data') this.suspendFor(this.#delegate!.dataReceived(event.data))
        else if (event.kind === 'end') this.#responseEnded(event.trailers)
        else if (event.kind === 'response') this.#headReceived(event)
      }
    } catch (error) {
      this.failed(error)
    }
    this.processing = false
    this.#setDeadline()
    if (this.#phase !== 'ended') this.pauseIfFull()
  }

  #headReceived(head: ResponseHead): void {
    const { version, code, reason, informational } = head
    if (informational) {
      if (++this.#informationalCount > maxInformationalCount) {
        throw new HTTPInputError(`More than ${maxInformationalCount} informational responses`)
      }
    } else {
      this.#inBody = true
      this.#keepAlive &&= head.keepAlive
      this.#switching = code === 101 || (code < 300 && this.#connecting)
      if (this.#maxBodySize !== null) this.decoder.maxBodySize = this.#maxBodySize
    }
    this.suspendFor(
      this.#delegate!.headersReceived(
        new ResponseStartLine(version, code, reason),
        HTTPHeaders.fromReceived(head.fields),
      ),
    )
  }

  #responseEnded(trailers: HTTPHeaders | null): void {
    const delegate = this.#delegate!
    const response = this.#response!
    if (trailers !== null) delegate.trailersReceived?.(trailers)
    const lasts = this.#keepAlive && this.#request === 'finished' && !this.peerEnded
    const reusable = lasts && !this.#switching && this.decoder.bufferedSize === 0
    if (this.#switching) this.#phase = 'switched'
    else if (!reusable) this.#phase = 'ended'
    this.#delegate = null
    this.#response = null
    this.#request = 'none'
    this.#closeCallback = null
    this.#abort = null
    try {
      delegate.finish()
    } catch (error) {
      this.stream.close()
      response(false, error as Error)
      return
    }
    if (this.#phase === 'ended') this.#end()
    response(reusable, null)
  }

  /** No further exchange; nothing is pending. */
  #end(): void {
    this.#phase = 'ended'
    this.stream.close()
  }

  /** The exchange under way cannot be completed. */
  protected override failed(error: unknown): void {
    if (this.#phase === 'ended' || this.#phase === 'detached') return
    this.#phase = 'ended'
    this.#failure = error as Error
    this.stream.close(error instanceof StreamClosedError ? error.realError : (error as Error))
    this.#settleClosed()
  }

  #settleClosed(): void {
    this.#clock.stop()
    if (this.output.drained !== undefined) this.output.giveUp(this.#closeReason())
    const delegate = this.#delegate
    this.#delegate = null
    const response = this.#response
    this.#response = null
    const callback = this.#closeCallback
    this.#closeCallback = null
    if (this.#request !== 'none') this.#abort?.abort(this.#closeReason())
    this.callApplication(() => delegate?.onConnectionClose())
    if (callback !== null) this.callApplication(callback)
    response?.(false, this.#failure)
  }

  #closeReason(): Error {
    return this.#failure ?? new StreamClosedError(this.stream.error)
  }

  /** Decides how the request's body ends, and answers the field that says so and the empty line. */
  #resolveFraming(method: string, headers: HTTPHeaders): string {
    const { length, coded, connection } = findFramingFields(headers)
    if (length !== undefined && coded) throw new HTTPOutputError('Both Transfer-Encoding and Content-Length')
    if (coded && headers.get('Transfer-Encoding')?.toLowerCase() !== 'chunked')
      throw new HTTPOutputError('Unsupported Transfer-Encoding')
    const size = length === undefined ? 0 : parseDecimal(length)
    if (size === -1) throw new HTTPOutputError(`Invalid Content-Length ${JSON.stringify(length)}`)
    this.#remaining = size
    this.#chunking = coded || (length === undefined && bodyMethods.has(method))
    this.#keepAlive = !this.params.noKeepAlive && !(connection !== undefined && closeOption.test(connection))
    this.#connecting = method === 'CONNECT'
    this.#switching = false
    const fields = this.#chunking && !coded ? 'Transfer-Encoding: chunked\r\n' : ''
    const told = this.#keepAlive || connection !== undefined
    return `${fields}${told ? '' : 'Connection: close\r\n'}\r\n`
  }

  #sendBody(head: string, chunk: string | Uint8Array): void | Promise<void> {
    const size = pieceSize(chunk)
    if (size === 0) {
      if (head === '') return undefined
      this.sendText(head)
      return this.#flush()
    }
    if (!this.#chunking) {
      this.#remaining -= size
      if (this.#remaining < 0) this.#failOutput('Tried to write more data than Content-Length')
    }
    sendPiece(this, head, chunk, size, this.#chunking)
    return this.#flush()
  }

  #flush(): void | Promise<void> {
    return this.output.send() ? undefined : this.output.drained
  }

  /** The server must not take what was sent for a whole request. */
  #failOutput(message: string): never {
    const error = new HTTPOutputError(message)
    this.failed(error)
    throw error
  }

  #setDeadline(): void {
    if (this.#phase !== 'open') this.#clock.rest()
    else if (this.#request === 'none') this.#clock.awaitRequest()
    else if (this.#inBody) this.#clock.awaitBody()
    else if (this.decoder.inHead) this.#clock.awaitHead()
    else this.#clock.awaitResponse()
  }
}

/** Told how an exchange has ended: whether the connection may be used again, and what went wrong, if anything did. */
export type ExchangeEnd = (reusable: boolean, error: Error | null) => void

const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])
const maxInformationalCount = 10
