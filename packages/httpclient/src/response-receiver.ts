import { DecompressingDelegate } from '@tornado-ts/http1'
import {
  HTTPInputError,
  type HTTPHeaders,
  type HTTPMessageDelegate,
  type RequestStartLine,
  type ResponseStartLine,
} from '@tornado-ts/httputil'
import { HTTPProtocolError } from './errors.ts'
import type { HTTPRequest } from './http-request.ts'
import { HTTPResponse } from './http-response.ts'
import type { ResolvedSettings } from './settings.ts'

/**
 * The half of a fetch that takes a response: its head, its body, decompressed, and its trailers, for the callbacks of the
 * request or to be kept. What comes next is up to the other half.
 */
export abstract class ResponseReceiver implements HTTPMessageDelegate {
  readonly request: HTTPRequest
  readonly settings: ResolvedSettings
  /** On the clock of `performance.now()`; 0 while it has not happened. */
  submittedMs = 0
  startedMs = 0
  connectMs = 0
  firstByteMs = 0
  /** Where the response comes from. */
  protected effectiveUrl: string

  #version = ''
  #code = 0
  #reason = ''
  #headers: HTTPHeaders | null = null
  #trailers: HTTPHeaders | null = null
  #chunks: Buffer[] = []
  #decoder: DecompressingDelegate | null = null
  /** The response is not the final one: its body is of no interest. */
  #discarding = false
  #discardedSize = 0
  #messageEnded = false
  #exchangeEnded = false

  constructor(request: HTTPRequest, settings: ResolvedSettings) {
    this.request = request
    this.settings = settings
    this.effectiveUrl = request.url
  }

  /** Whether another request follows a response with this head, so that nobody is told of this one. */
  protected abstract leadsOn(code: number, headers: HTTPHeaders): boolean

  /** The response is complete, and the exchange is over. */
  protected abstract responseCompleted(): void

  /** Ends the exchange under way at once, if there is one; its connection is not used again. */
  protected abstract breakExchange(reason: Error): void

  /** Ends the fetch with an error, and the exchange under way with it. */
  abstract fail(error: Error): void

  /** For engines: the server has asked for the body. */
  protected continueReceived(): void {}

  /** Whether the response has gone further than its status line. */
  get responseBegun(): boolean {
    return this.#code !== 0
  }

  /** The status of the response, or 0. */
  protected get code(): number {
    return this.#code
  }

  headersReceived(
    startLine: RequestStartLine | ResponseStartLine,
    headers: HTTPHeaders,
  ): void | Promise<void> {
    const { version, code, reason } = startLine as ResponseStartLine
    if (code < 200 && code !== 101) {
      if (code === 100) this.continueReceived()
      return undefined
    }
    if (code === 101) throw new HTTPInputError('The server switched to a protocol it was not asked for')
    this.firstByteMs = performance.now()
    this.#version = version
    this.#code = code
    this.#reason = reason
    this.#headers = headers
    this.#discarding = this.leadsOn(code, headers)
    if (this.#discarding) return undefined
    const { maxBodySize, decompressResponse } = this.request
    if ((decompressResponse ?? this.settings.decompressResponse) && headers.has('Content-Encoding')) {
      this.#decoder = new DecompressingDelegate(new BodySink(this), {
        maxBodySize: () => maxBodySize ?? this.settings.maxBodySize,
        chunkSize: 65_536,
        onFailure: (error) => this.fail(toProtocolError(error)),
      })
      return this.#decoder.headersReceived(startLine, headers)
    }
    this.headDecided()
    return undefined
  }

  dataReceived(chunk: Buffer): void | Promise<void> {
    if (this.#decoder !== null) return this.#decoder.dataReceived(chunk)
    return this.bodyReceived(chunk)
  }

  trailersReceived(trailers: HTTPHeaders): void {
    this.#trailers = trailers
  }

  finish(): void {
    if (this.#decoder !== null) this.#decoder.finish()
    else this.messageEnded()
  }

  onConnectionClose(): void {
    this.#decoder?.onConnectionClose()
  }

  /** For engines: the exchange is over and its connection given back. The response may still be being decompressed. */
  exchangeEnded(): void {
    this.#exchangeEnded = true
    if (this.#messageEnded) this.responseCompleted()
  }

  /** For engines: forgets what has come of a response, so that the same request can be sent again. */
  resetResponse(): void {
    this.#code = 0
    this.#headers = null
    this.#trailers = null
    this.#chunks = []
    this.#decoder = null
    this.#discarding = false
    this.#discardedSize = 0
    this.#messageEnded = false
    this.#exchangeEnded = false
    this.connectMs = 0
    this.firstByteMs = 0
  }

  /** The head is known, decompression included; called back by the sink. */
  headDecided(): void {
    const { headerCallback, headCallback } = this.request
    if (headerCallback !== undefined) {
      headerCallback(`${this.#version} ${this.#code} ${this.#reason}\r\n`)
      const headers = this.#headers!
      for (let i = 0; i < headers.lineCount; i++)
        headerCallback(`${headers.lineName(i)}: ${headers.lineValue(i)}\r\n`)
      headerCallback('\r\n')
    }
    headCallback?.(this.#makeResponse(null))
  }

  /** A piece of the body as the user gets it. */
  bodyReceived(chunk: Buffer): void | Promise<void> {
    if (this.#discarding) {
      this.#discardedSize += chunk.length
      // Cheaper than to take an endless body to its end.
      if (this.#discardedSize > maxDiscardedSize) this.#leaveExchange()
      return undefined
    }
    const { streamingCallback } = this.request
    if (streamingCallback !== undefined) return streamingCallback(chunk)
    this.#chunks.push(chunk)
    return undefined
  }

  /** The last of the message has come. */
  messageEnded(): void {
    this.#messageEnded = true
    if (this.#exchangeEnded) this.responseCompleted()
  }

  /** The response that has come. */
  protected get completeResponse(): HTTPResponse {
    return this.#makeResponse(this.request.streamingCallback === undefined ? this.#chunks : null)
  }

  /** What takes the place of a response that there is not. */
  protected failedResponse(error: Error): HTTPResponse {
    return new HTTPResponse(this.request, 599, {
      error,
      effectiveUrl: this.effectiveUrl,
      requestTimeMs: this.startedMs === 0 ? 0 : performance.now() - this.startedMs,
      startTime: this.#startTime,
    })
  }

  #leaveExchange(): void {
    this.#messageEnded = true
    this.breakExchange(new HTTPProtocolError('The body of a redirect is too large to be read'))
    this.#exchangeEnded = true
    queueMicrotask(() => this.responseCompleted())
  }

  #makeResponse(chunks: readonly Buffer[] | null): HTTPResponse {
    const nowMs = performance.now()
    const totalMs = nowMs - this.startedMs
    return new HTTPResponse(this.request, this.#code, {
      reason: this.#reason,
      headers: this.#headers!,
      trailers: this.#trailers,
      chunks,
      effectiveUrl: this.effectiveUrl,
      requestTimeMs: totalMs,
      startTime: this.#startTime,
      timeInfo: {
        queueMs: this.startedMs - this.submittedMs,
        connectMs: this.connectMs,
        firstByteMs: this.firstByteMs - this.startedMs - this.connectMs,
        totalMs,
      },
    })
  }

  get #startTime(): number {
    return performance.timeOrigin + this.startedMs
  }
}

/** Hands on what was decompressed. */
class BodySink implements HTTPMessageDelegate {
  readonly #receiver: ResponseReceiver

  constructor(receiver: ResponseReceiver) {
    this.#receiver = receiver
  }

  headersReceived(): void {
    this.#receiver.headDecided()
  }

  dataReceived(chunk: Buffer): void | Promise<void> {
    return this.#receiver.bodyReceived(chunk)
  }

  trailersReceived(trailers: HTTPHeaders): void {
    this.#receiver.trailersReceived(trailers)
  }

  finish(): void {
    this.#receiver.messageEnded()
  }

  onConnectionClose(): void {}
}

function toProtocolError(error: unknown): Error {
  if (!(error instanceof HTTPInputError)) return error as Error
  return new HTTPProtocolError(error.message, { cause: error })
}

/** What of a body that nobody wants is read for the sake of the connection. */
const maxDiscardedSize = 65_536
