import {
  HTTPOutputError,
  type ConnectionContext,
  type HTTPConnection,
  type HTTPHeaders,
  type HTTPMessageDelegate,
  type ResponseStartLine,
} from '@tornado-ts/httputil'
import { StreamClosedError, type BaseIOStream } from '@tornado-ts/iostream'
import { encodeChunkSize, encodeResponseHead, lastChunk } from './protocol/encoder.ts'
import { parseDecimal } from './protocol/grammar.ts'
import type { RequestHead } from './protocol/message-head.ts'

/** What an exchange needs of the connection it belongs to. */
export interface ExchangeOwner {
  readonly context: ConnectionContext
  /** Whether the connection is to end after this response. */
  readonly closing: boolean
  /** Queues text, one character a byte. */
  sendText(text: string): void
  sendBytes(bytes: Uint8Array): void
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
 * Once the connection has closed, or the response is complete, further writes do nothing but reject; they can never
 * reach another exchange of the same connection. Tornado: http1connection.HTTP1Connection.
 */
export class HTTP1Connection implements HTTPConnection {
  /** Who receives the request. Set by the connection before the first event. */
  delegate: HTTPMessageDelegate | null = null

  readonly #owner: ExchangeOwner
  readonly #request: RequestHead
  #state: 'fresh' | 'headWritten' | 'finished' | 'closed' = 'fresh'
  #keepAlive: boolean
  #chunking = false
  #omitBody = false
  /** Bytes of body still to be written, or -1 when no length was announced. */
  #remaining = -1
  #closeCallback: (() => void) | null = null
  #abort: AbortController | null = null

  constructor(owner: ExchangeOwner, request: RequestHead) {
    this.#owner = owner
    this.#request = request
    this.#keepAlive = request.keepAlive
  }

  get context(): ConnectionContext {
    return this.#owner.context
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

  /** Whether the response is complete. */
  get finished(): boolean {
    return this.#state === 'finished'
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
    const { code } = startLine
    if (code < 200 && code !== 101) {
      // An HTTP/1.0 client knows no informational responses (RFC 9110 §15.2).
      if (this.#request.version === 'HTTP/1.0') return undefined
      this.#owner.sendText(`${encodeResponseHead(startLine, headers)}\r\n`)
      return this.#owner.flush()
    }
    if (this.#state !== 'fresh') throw new HTTPOutputError('Headers are already written')
    const head = encodeResponseHead(startLine, headers) + this.#resolveFraming(code, headers)
    this.#state = 'headWritten'
    if (chunk === undefined) this.#owner.sendText(head)
    else this.#sendBody(head, chunk)
    return this.#owner.flush()
  }

  write(chunk: string | Uint8Array): void | Promise<void> {
    if (this.#state === 'closed' || this.#state === 'finished') return rejectClosed()
    if (this.#state === 'fresh') throw new HTTPOutputError('Headers are not written yet')
    this.#sendBody('', chunk)
    return this.#owner.flush()
  }

  finish(): void {
    if (this.#state === 'closed' || this.#state === 'finished') return
    if (this.#state === 'fresh') throw new HTTPOutputError('Headers are not written yet')
    if (this.#remaining > 0) {
      this.#fail(`Tried to write ${this.#remaining} bytes less than Content-Length`)
    }
    this.#state = 'finished'
    this.#closeCallback = null
    if (this.#chunking) {
      this.#owner.sendText(lastChunk)
      void this.#owner.flush()
    }
    this.#owner.exchangeFinished()
  }

  abort(): void {
    if (this.#state !== 'closed' && this.#state !== 'finished') this.#owner.exchangeAborted()
  }

  setCloseCallback(callback: (() => void) | null): void {
    this.#closeCallback = callback
  }

  setMaxBodySize(maxBodySize: number): void {
    this.#owner.setMaxBodySize(maxBodySize)
  }

  setBodyTimeout(bodyTimeoutMs: number): void {
    this.#owner.setBodyTimeout(bodyTimeoutMs)
  }

  /**
   * Gives the stream away, with the bytes received behind the request; the connection does nothing more with it.
   * Tornado: HTTP1Connection.detach.
   */
  detach(): BaseIOStream {
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
    if (!requestComplete) this.delegate?.onConnectionClose()
    if (!finished) callback?.()
  }

  /** Decides how the body ends, and answers the fields that say so and the empty line. */
  #resolveFraming(code: number, headers: HTTPHeaders): string {
    const http11 = this.#request.version === 'HTTP/1.1'
    const bodiless = code < 200 || code === 204 || code === 304
    this.#omitBody = bodiless || this.#request.method === 'HEAD'
    const length = headers.get('Content-Length')
    let fields = ''
    if (length !== undefined) {
      const parsed = parseDecimal(length)
      if (parsed === -1) throw new HTTPOutputError(`Invalid Content-Length ${JSON.stringify(length)}`)
      if (!this.#omitBody) this.#remaining = parsed
    } else if (!this.#omitBody) {
      this.#chunking = http11 && !headers.has('Transfer-Encoding')
      if (this.#chunking) fields = 'Transfer-Encoding: chunked\r\n'
      // Only the close can end what has neither a length nor chunks.
      else this.#keepAlive = false
    }
    return `${fields + this.#resolveKeepAlive(http11, headers)}\r\n`
  }

  #resolveKeepAlive(http11: boolean, headers: HTTPHeaders): string {
    const given = headers.get('Connection')
    if (given !== undefined && /\bclose\b/i.test(given)) this.#keepAlive = false
    if (this.#owner.closing) this.#keepAlive = false
    if (given !== undefined || (http11 && this.#keepAlive)) return ''
    if (!this.#keepAlive) return http11 ? 'Connection: close\r\n' : ''
    return 'Connection: Keep-Alive\r\n'
  }

  #sendBody(head: string, chunk: string | Uint8Array): void {
    const size = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength
    if (this.#omitBody || size === 0) {
      if (head !== '') this.#owner.sendText(head)
      return
    }
    if (this.#remaining >= 0) {
      this.#remaining -= size
      if (this.#remaining < 0) this.#fail('Tried to write more data than Content-Length')
    }
    const before = this.#chunking ? head + encodeChunkSize(size) : head
    const after = this.#chunking ? '\r\n' : ''
    if (typeof chunk === 'string' && chunk.length === size) {
      // As many bytes as characters: it is ASCII, and goes out as part of the same text.
      this.#owner.sendText(before + chunk + after)
      return
    }
    if (before !== '') this.#owner.sendText(before)
    this.#owner.sendBytes(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    if (after !== '') this.#owner.sendText(after)
  }

  /** The peer must not take what was sent for a whole response: the connection ends here. */
  #fail(message: string): never {
    const error = new HTTPOutputError(message)
    this.#owner.exchangeFailed(error)
    throw error
  }
}

function rejectClosed(): Promise<never> {
  const rejected = Promise.reject(new StreamClosedError())
  rejected.catch(() => {})
  return rejected
}
