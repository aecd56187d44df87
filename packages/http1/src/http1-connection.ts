import {
  checkTrailers,
  HTTPOutputError,
  type ConnectionContext,
  type HTTPConnection,
  type HTTPHeaders,
  type HTTPMessageDelegate,
  type ResponseStartLine,
} from '@tornado-ts/httputil'
import { StreamClosedError, type BaseIOStream } from '@tornado-ts/iostream'
import { closeOption, findFramingFields } from './framing-fields.ts'
import { encodeLastChunk, encodeResponseHead, lastChunk } from './protocol/encoder.ts'
import { parseDecimal } from './protocol/grammar.ts'
import type { RequestHead } from './protocol/message-head.ts'
import { rejectClosed } from './reject-closed.ts'
import { pieceSize, sendPiece, type MessageSink } from './send-piece.ts'

/** What an exchange needs of the connection it belongs to. */
export interface ExchangeOwner extends MessageSink {
  readonly context: ConnectionContext
  /** Whether the connection is to end after this response. */
  readonly closing: boolean
  /** Whether a part of the request's body is still to come. */
  readonly bodyPending: boolean
  /** Sends what is queued, unless that is about to happen anyway; a promise when the writer should wait. */
  flush(): void | Promise<void>
  /** The response is complete. */
  exchangeFinished(): void
  /** The response cannot be completed: the connection is of no more use. */
  exchangeFailed(error: Error): void
  /** The application has given the response up. */
  exchangeAborted(): void
  setMaxBodySize(maxBodySize: number): void
  setBodyTimeout(bodyTimeoutMs: number): void
  detach(): BaseIOStream
}

/**
 * One request and its response on a server's connection: frames what the application writes (RFC 9112 §6).
 *
 * Once the connection has closed, or the response is complete, further writes send nothing and reject or throw; they can
 * never reach another exchange of the same connection. Tornado: http1connection.HTTP1Connection.
 */
export class HTTP1Connection implements HTTPConnection {
  /** Who receives the request. Set by the connection before the first event. */
  delegate: HTTPMessageDelegate | null = null
  /** Whether the client was told to send its body. Set by the connection. */
  continueSent = false

  readonly #owner: ExchangeOwner
  readonly #request: RequestHead
  #context: ConnectionContext | null = null
  #state: 'fresh' | 'headWritten' | 'finished' | 'closed' = 'fresh'
  #keepAlive: boolean
  #chunking = false
  #omitBody = false
  /** What follows the response is another protocol. */
  #switching = false
  /** Bytes of body still to be written, or -1 when no length was announced. */
  #remaining = -1
  #closeCallback: (() => void) | null = null
  #abort: AbortController | null = null

  constructor(owner: ExchangeOwner, request: RequestHead) {
    this.#owner = owner
    this.#request = request
    this.#keepAlive = request.keepAlive
  }

  /** Who the peer is: what the connection says, unless another was set for this exchange. */
  get context(): ConnectionContext {
    return this.#context ?? this.#owner.context
  }

  set context(context: ConnectionContext) {
    this.#context = context
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController()
      if (this.#state === 'closed') this.#abort.abort(new StreamClosedError())
    }
    return this.#abort.signal
  }

  /** Whether the head of the response is written. */
  get headersWritten(): boolean {
    return this.#state !== 'fresh'
  }

  /** Whether the response is complete, so that another may follow. */
  get finished(): boolean {
    return this.#state === 'finished' && !this.#switching
  }

  get method(): string {
    return this.#request.method
  }

  /** Whether another request may follow on this connection. */
  get keepAlive(): boolean {
    return this.#keepAlive
  }

  writeHeaders(
    startLine: ResponseStartLine,
    headers: HTTPHeaders,
    chunk?: string | Uint8Array,
  ): void | Promise<void> {
    if (this.#state === 'closed') return rejectClosed()
    if (this.#state !== 'fresh') throw new HTTPOutputError('Headers are already written')
    const { code } = startLine
    if (code < 200 && code !== 101) return this.#writeInformational(startLine, headers)
    if (chunk !== undefined && this.#owner.bodyPending && isWhole(headers, chunk)) this.#keepAlive = false
    const head = encodeResponseHead(startLine, headers) + this.#resolveFraming(code, headers)
    this.#state = 'headWritten'
    if (chunk === undefined) this.#owner.sendText(head)
    else this.#sendBody(head, chunk)
    return this.#owner.flush()
  }

  write(chunk: string | Uint8Array): void | Promise<void> {
    if (this.#over) return rejectClosed()
    if (this.#state === 'fresh') throw new HTTPOutputError('Headers are not written yet')
    this.#sendBody('', chunk)
    return this.#owner.flush()
  }

  finish(trailers?: HTTPHeaders): void {
    if (this.#over) return
    if (trailers !== undefined) checkTrailers(trailers)
    if (this.#state === 'fresh') throw new HTTPOutputError('Headers are not written yet')
    if (this.#remaining > 0) {
      this.#fail(`Tried to write ${this.#remaining} bytes less than Content-Length`)
    }
    this.#state = 'finished'
    this.#closeCallback = null
    if (this.#chunking) {
      this.#owner.sendText(trailers === undefined ? lastChunk : encodeLastChunk(trailers))
      void this.#owner.flush()
    }
    if (!this.#switching) this.#owner.exchangeFinished()
  }

  abort(): void {
    if (this.#state !== 'closed' && this.#state !== 'finished') this.#owner.exchangeAborted()
  }

  setCloseCallback(callback: (() => void) | null): void {
    this.#closeCallback = callback
  }

  setMaxBodySize(maxBodySize: number): void {
    if (!this.#over) this.#owner.setMaxBodySize(maxBodySize)
  }

  setBodyTimeout(bodyTimeoutMs: number): void {
    if (!this.#over) this.#owner.setBodyTimeout(bodyTimeoutMs)
  }

  /**
   * Gives the stream away, with the bytes received behind the request; the connection does nothing more with it, and the
   * delegate hears nothing more.
   *
   * After a 101, or a 2xx to CONNECT, `finish` may have been called. Tornado: HTTP1Connection.detach.
   *
   * @throws {StreamClosedError} When the connection has closed, or gone on to another request.
   */
  detach(): BaseIOStream {
    if (this.#state === 'closed' || this.finished) throw new StreamClosedError()
    this.#state = 'closed'
    this.#closeCallback = null
    return this.#owner.detach()
  }

  /** The connection has closed. Tells the application once, if it still was at work. */
  connectionClosed(requestComplete: boolean, error: Error | null): void {
    if (this.#state === 'closed') return
    const finished = this.#state === 'finished'
    this.#state = 'closed'
    this.#abort?.abort(new StreamClosedError(error))
    const callback = this.#closeCallback
    this.#closeCallback = null
    try {
      if (!requestComplete) this.delegate?.onConnectionClose()
    } finally {
      if (!finished) callback?.()
    }
  }

  get #over(): boolean {
    return this.#state === 'closed' || this.#state === 'finished'
  }

  #writeInformational(startLine: ResponseStartLine, headers: HTTPHeaders): void | Promise<void> {
    // An HTTP/1.0 client knows no informational responses (RFC 9110 §15.2).
    if (this.#request.version === 'HTTP/1.0') return undefined
    if (headers.has('Content-Length') || headers.has('Transfer-Encoding')) {
      throw new HTTPOutputError(`Response with status ${startLine.code} cannot have a body`)
    }
    this.#owner.sendText(`${encodeResponseHead(startLine, headers)}\r\n`)
    return this.#owner.flush()
  }

  /** Decides how the body ends, and answers the fields that say so and the empty line. */
  #resolveFraming(code: number, headers: HTTPHeaders): string {
    const http11 = this.#request.version === 'HTTP/1.1'
    const { method } = this.#request
    this.#switching = code < 200 || (code < 300 && method === 'CONNECT')
    this.#omitBody = this.#switching || code === 204 || code === 304 || method === 'HEAD'
    const { length, coded, connection } = findFramingFields(headers)
    let fields = ''
    if (length !== undefined) {
      if (coded) throw new HTTPOutputError('Both Transfer-Encoding and Content-Length')
      const parsed = parseDecimal(length)
      if (parsed === -1) throw new HTTPOutputError(`Invalid Content-Length ${JSON.stringify(length)}`)
      if (!this.#omitBody) this.#remaining = parsed
    } else if (!this.#omitBody) {
      this.#chunking = http11 && !coded
      if (this.#chunking) fields = 'Transfer-Encoding: chunked\r\n'
      // Only the close can end what has neither a length nor chunks.
      else this.#keepAlive = false
    }
    return `${fields + this.#resolveKeepAlive(http11, connection)}\r\n`
  }

  #resolveKeepAlive(http11: boolean, given: string | undefined): string {
    if (given !== undefined && closeOption.test(given)) this.#keepAlive = false
    // A client that was not told to go on may send its body or not, and nothing tells what comes next (RFC 9110 §10.1.1).
    const uninvited = this.#request.expectsContinue && !this.continueSent && this.#request.framing !== 0
    if (uninvited || this.#owner.closing) this.#keepAlive = false
    if (!this.#keepAlive) {
      const told = given === undefined ? !http11 : closeOption.test(given)
      return told ? '' : 'Connection: close\r\n'
    }
    return http11 || given !== undefined ? '' : 'Connection: Keep-Alive\r\n'
  }

  #sendBody(head: string, chunk: string | Uint8Array): void {
    const size = pieceSize(chunk)
    if (this.#omitBody || size === 0) {
      if (head !== '') this.#owner.sendText(head)
      return
    }
    if (this.#remaining >= 0) {
      this.#remaining -= size
      if (this.#remaining < 0) this.#fail('Tried to write more data than Content-Length')
    }
    sendPiece(this.#owner, head, chunk, size, this.#chunking)
  }

  /** The peer must not take what was sent for a whole response: the connection ends here. */
  #fail(message: string): never {
    const error = new HTTPOutputError(message)
    this.#owner.exchangeFailed(error)
    throw error
  }
}

/** An answer that is complete before its request is the last of its connection, and should say so (RFC 9112 §9.6). */
function isWhole(headers: HTTPHeaders, body: string | Uint8Array): boolean {
  return headers.get('Content-Length') === String(pieceSize(body))
}
