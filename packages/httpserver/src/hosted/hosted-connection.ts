import { DecompressingDelegate } from '@tornado-ts/http1'
import {
  checkTrailers,
  HTTPHeaders,
  HTTPInputError,
  HTTPOutputError,
  responses,
  ResponseStartLine,
  type ConnectionContext,
  type HTTPConnection,
  type HTTPMessageDelegate,
  type RequestStartLine,
} from '@tornado-ts/httputil'
import { StreamClosedError } from '@tornado-ts/iostream'
import { appLog, genLog } from '@tornado-ts/log'
import type { HostedParameters } from './hosted-options.ts'
import { startRequestOf, type RequestTarget } from '../request-target.ts'

/** A request as another server hands it over. */
export interface HostedRequest {
  readonly startLine: RequestStartLine
  readonly fields: Iterable<readonly [name: string, value: string]>
  /** `null` when there is none. An error while it is read means that the peer is gone. */
  readonly openBody: () => AsyncIterable<Uint8Array> | null
  /** What came behind the body, as names and values. Asked for when the body is read. @default none */
  readonly readTrailers?: () => readonly (readonly [name: string, value: string])[]
}

/**
 * One exchange whose bytes another server reads and writes.
 *
 * It keeps the promises of {@link HTTPConnection}: one answer at most, of the announced length, nothing from the
 * application that could end a field; limits for the body; and exactly one of `finish` and `onConnectionClose`.
 */
export abstract class HostedConnection implements HTTPConnection {
  context: ConnectionContext

  readonly #method: string
  readonly #params: HostedParameters
  #delegate: HTTPMessageDelegate | null = null
  #requestComplete = false
  #state: 'fresh' | 'headWritten' | 'finished' | 'closed' = 'fresh'
  #omitBody = false
  /** Bytes of body still to be written, or -1 when no length was announced. */
  #remaining = -1
  #maxBodySize: number
  #bodyTimer: NodeJS.Timeout | undefined
  #closeCallback: (() => void) | null = null
  #abort: AbortController | null = null

  constructor(method: string, context: ConnectionContext, params: HostedParameters) {
    this.#method = method
    this.#params = params
    this.context = context
    this.#maxBodySize = params.maxBodySize
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController()
      if (this.#state === 'closed') this.#abort.abort(new StreamClosedError())
    }
    return this.#abort.signal
  }

  /** Hands the request to `target`, and answers in its place when it fails. */
  receive(target: RequestTarget, serverConnection: object, request: HostedRequest): void {
    try {
      const headers = toHeaders(request.fields)
      const { readContext, decompressRequest } = this.#params
      if (readContext !== null) this.context = readContext(headers, this.context)
      this.#delegate = startRequestOf(target, serverConnection, this)
      if (decompressRequest) this.#delegate = this.#decompressing(this.#delegate)
      const received = this.#delegate.headersReceived(request.startLine, headers)
      const body = request.openBody()
      if (received === undefined && body === null) this.#finishRequest()
      else this.#receiveRest(received, headers, body, request).catch((error: unknown) => this.#failed(error))
    } catch (error) {
      this.#failed(error)
    }
  }

  writeHeaders(
    startLine: RequestStartLine | ResponseStartLine,
    headers: HTTPHeaders,
    chunk?: string | Uint8Array,
  ): void | Promise<void> {
    if (this.#state === 'closed') return rejectClosed()
    if (this.#state !== 'fresh') throw new HTTPOutputError('Headers are already written')
    const { code, reason } = startLine as ResponseStartLine
    if (code === 101) throw new HTTPOutputError('Cannot switch protocols on a connection of another server')
    if (code < 200) {
      this.sendInformational(code, headers)
      return undefined
    }
    this.#omitBody = code === 204 || code === 304 || this.#method === 'HEAD'
    const length = headers.get('Content-Length')
    if (length !== undefined) {
      if (!/^[0-9]+$/.test(length))
        throw new HTTPOutputError(`Invalid Content-Length ${JSON.stringify(length)}`)
      if (!this.#omitBody) this.#remaining = Number(length)
    }
    this.#state = 'headWritten'
    this.sendHead(code, reason, headers)
    return chunk === undefined ? undefined : this.write(chunk)
  }

  write(chunk: string | Uint8Array): void | Promise<void> {
    if (this.#over) return rejectClosed()
    if (this.#state === 'fresh') throw new HTTPOutputError('Headers are not written yet')
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (this.#omitBody || bytes.byteLength === 0) return undefined
    if (this.#remaining >= 0) {
      this.#remaining -= bytes.byteLength
      if (this.#remaining < 0) this.#fail('Tried to write more data than Content-Length')
    }
    return this.sendBody(bytes)
  }

  finish(trailers?: HTTPHeaders): void {
    if (this.#over) return
    if (trailers !== undefined) checkTrailers(trailers)
    if (this.#state === 'fresh') throw new HTTPOutputError('Headers are not written yet')
    if (this.#remaining > 0) this.#fail(`Tried to write ${this.#remaining} bytes less than Content-Length`)
    this.#state = 'finished'
    this.#closeCallback = null
    this.sendEnd(this.mayHaveTrailers ? trailers : undefined)
    // Nobody is there any more for what is left of the request.
    if (!this.#requestComplete) this.#delegateClosed()
  }

  abort(): void {
    if (!this.#over) this.#breakOff(new StreamClosedError())
  }

  setCloseCallback(callback: (() => void) | null): void {
    this.#closeCallback = callback
  }

  setMaxBodySize(maxBodySize: number): void {
    this.#maxBodySize = maxBodySize
  }

  setBodyTimeout(bodyTimeoutMs: number): void {
    clearTimeout(this.#bodyTimer)
    if (bodyTimeoutMs === Infinity || this.#requestComplete || this.#over) return
    const expire = (): void => this.#failed(new HTTPInputError('Timeout reading body', { status: 408 }))
    this.#bodyTimer = setTimeout(expire, bodyTimeoutMs)
    this.#bodyTimer.unref()
  }

  /** The connection is gone, or somebody else has ended the exchange. Tells the application, if it still was at work. */
  connectionClosed(error: Error | null): void {
    clearTimeout(this.#bodyTimer)
    if (this.#state === 'closed') return
    const finished = this.#state === 'finished'
    this.#state = 'closed'
    if (!finished) this.#abort?.abort(new StreamClosedError(error))
    const callback = this.#closeCallback
    this.#closeCallback = null
    try {
      this.#delegateClosed()
      if (!finished) callback?.()
    } catch (failure) {
      appLog.error('Uncaught exception', failure)
    }
  }

  /** Sends an interim response, where the other server can. */
  protected abstract sendInformational(code: number, headers: HTTPHeaders): void
  protected abstract sendHead(code: number, reason: string, headers: HTTPHeaders): void
  /** A promise when the writer should wait. */
  protected abstract sendBody(bytes: Uint8Array): void | Promise<void>
  /** Ends the body; trailers are sent where the other server can. */
  protected abstract sendEnd(trailers: HTTPHeaders | undefined): void
  /** Ends the exchange so that the peer does not take what it got for the whole. */
  protected abstract sendNothingMore(error: Error): void

  /** Whether the response has room behind its body; known when the head is being sent. */
  protected get mayHaveTrailers(): boolean {
    return !this.#omitBody && this.#remaining < 0
  }

  get #over(): boolean {
    return this.#state === 'closed' || this.#state === 'finished'
  }

  async #receiveRest(
    received: void | Promise<void>,
    headers: HTTPHeaders,
    body: AsyncIterable<Uint8Array> | null,
    { readTrailers }: HostedRequest,
  ): Promise<void> {
    if (this.#bodyTimer === undefined) this.setBodyTimeout(this.#params.bodyTimeoutMs)
    await received
    if (this.#over) return
    if (body !== null) await this.#receiveBody(headers, body)
    if (this.#over) return
    const trailers = readTrailers?.() ?? []
    if (trailers.length > 0) this.#delegate!.trailersReceived?.(toHeaders(trailers))
    this.#finishRequest()
  }

  async #receiveBody(headers: HTTPHeaders, body: AsyncIterable<Uint8Array>): Promise<void> {
    this.#checkBodySize(Number(headers.get('Content-Length') ?? 0))
    let size = 0
    for await (const bytes of this.#readable(body)) {
      if (this.#over) return
      size += bytes.byteLength
      this.#checkBodySize(size)
      await this.#delegate!.dataReceived(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    }
  }

  /** The same pieces; that no more can be read ends the exchange. */
  async *#readable(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* body
    } catch (error) {
      this.connectionClosed(error as Error)
    }
  }

  #checkBodySize(size: number): void {
    if (size > this.#maxBodySize) throw new HTTPInputError('Body is too large', { status: 413 })
  }

  #finishRequest(): void {
    clearTimeout(this.#bodyTimer)
    this.#requestComplete = true
    this.#delegate!.finish()
  }

  #decompressing(delegate: HTTPMessageDelegate): HTTPMessageDelegate {
    return new DecompressingDelegate(delegate, {
      chunkSize: 65_536,
      maxBodySize: () => this.#maxBodySize,
      onFailure: (error) => this.#failed(error),
    })
  }

  #delegateClosed(): void {
    if (this.#requestComplete) return
    this.#requestComplete = true
    this.#delegate?.onConnectionClose()
  }

  #failed(error: unknown): void {
    clearTimeout(this.#bodyTimer)
    const isInput = error instanceof Error && error.name === 'HTTPInputError'
    if (isInput && this.#over) return
    if (isInput) genLog.info(`Malformed HTTP message from ${this.context.remoteIp}: ${error.message}`)
    else if (!(error instanceof Error && error.name === 'StreamClosedError' && this.#over)) {
      appLog.error('Uncaught exception', error)
    }
    if (this.#over) return
    if (this.#state === 'headWritten') {
      this.#breakOff(error instanceof Error ? error : new StreamClosedError())
      return
    }
    const status = isInput ? (error as HTTPInputError).status : 500
    const reason = responses[status] ?? 'Unknown'
    const body = Buffer.from(isInput ? `${reason}: ${error.message}\n` : `${reason}\n`)
    const headers = new HTTPHeaders({
      'Content-Type': 'text/plain; charset=UTF-8',
      'Content-Length': String(body.length),
      // What is left of the request is not read, so the connection is of no more use.
      ...(this.#requestComplete ? {} : { Connection: 'close' }),
    })
    void this.writeHeaders(new ResponseStartLine('HTTP/1.1', status, reason), headers, body)
    this.finish()
  }

  #fail(message: string): never {
    const error = new HTTPOutputError(message)
    genLog.error('Cannot complete a response', error)
    this.#breakOff(error)
    throw error
  }

  #breakOff(error: Error): void {
    this.sendNothingMore(error)
    this.connectionClosed(error)
  }
}

function toHeaders(fields: HostedRequest['fields']): HTTPHeaders {
  try {
    return new HTTPHeaders(fields)
  } catch (error) {
    throw new HTTPInputError('Invalid header', { cause: error })
  }
}

function rejectClosed(): Promise<never> {
  const rejected = Promise.reject(new StreamClosedError())
  rejected.catch(() => {})
  return rejected
}
