import { DecompressingDelegate } from '@tornado-ts/http1'
import {
  HTTPInputError,
  type HTTPHeaders,
  type HTTPMessageDelegate,
  type RequestStartLine,
  type ResponseStartLine,
} from '@tornado-ts/httputil'
import { DigestSession } from '@tornado-ts/iostream/proxy'
import { resolveBody, type BodySource } from './body-source.ts'
import { cookiesFor, storeCookies } from './cookie-jar.ts'
import { HTTPProtocolError } from './errors.ts'
import { checkMethod } from './http-methods.ts'
import type { HTTPRequest } from './http-request.ts'
import { HTTPResponse } from './http-response.ts'
import { bodyFields, originFields, redirectMethod, redirectTarget } from './redirect.ts'
import { basicAuthorization, composeFields } from './request-fields.ts'
import { parseTarget, type RequestTarget } from './request-target.ts'
import type { ResolvedSettings } from './settings.ts'

/**
 * One fetch, over its redirects: what is to be sent next, and what has come of the response.
 *
 * An engine extends it with the two methods that move bytes. It hands the response over through the methods of
 * `HTTPMessageDelegate`, and says when the exchange has ended ({@link exchangeEnded}) or failed ({@link fail}).
 * Redirects, cookies, authentication, decompression and callbacks are the same for every engine.
 */
export abstract class FetchTask implements HTTPMessageDelegate {
  readonly request: HTTPRequest
  readonly settings: ResolvedSettings
  /** What the next exchange sends. */
  method: string
  target: RequestTarget = noTarget
  headers!: HTTPHeaders
  body: Uint8Array | BodySource | null = null
  /** Whether a redirect has led to another origin: what was for the first is not used any more. */
  crossedOrigin = false
  /** On the clock of `performance.now()`; 0 while it has not happened. */
  submittedMs = 0
  startedMs = 0
  connectMs = 0
  firstByteMs = 0

  readonly #callback: (response: HTTPResponse) => void
  /** The user's fields, as far as they may still be sent. */
  #own: HTTPHeaders | null = null
  #credentials: Credentials | null = null
  #digest: DigestSession | null = null
  #redirects = 0
  #over = false
  #onAbort: (() => void) | null = null

  #version = ''
  #code = 0
  #reason = ''
  #responseHeaders: HTTPHeaders | null = null
  #trailers: HTTPHeaders | null = null
  #chunks: Buffer[] = []
  #effectiveUrl: string
  #decoder: DecompressingDelegate | null = null
  #nextTarget: RequestTarget | null = null
  /** The response is not the final one: its body is of no interest. */
  #discarding = false
  #discardedSize = 0
  #messageEnded = false
  #exchangeEnded = false

  constructor(request: HTTPRequest, settings: ResolvedSettings, callback: (response: HTTPResponse) => void) {
    this.request = request
    this.settings = settings
    this.method = request.method
    this.#effectiveUrl = request.url
    this.#callback = callback
  }

  /** Sends the request that is described by {@link method}, {@link target}, {@link headers} and {@link body}. */
  protected abstract beginExchange(): void

  /** Ends the exchange under way at once, if there is one; its connection is not used again. */
  protected abstract breakExchange(reason: Error): void

  /** Whether the callback has been called. */
  get over(): boolean {
    return this.#over
  }

  /** Whether the response has gone further than its status line. */
  get responseBegun(): boolean {
    return this.#code !== 0
  }

  start(): void {
    const { request } = this
    try {
      checkMethod(request, this.settings)
      this.target = parseTarget(request.url)
      if (request.body !== null || request.bodyProducer !== undefined) this.body = resolveBody(request)
      if (request.hasHeaders) this.#own = request.headers
      this.#credentials = credentialsOf(this.target, request, this.settings)
      if (request.signal !== undefined && !this.#watchSignal(request.signal)) return
      this.#beginHop()
    } catch (error) {
      this.fail(error as Error)
    }
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
    this.#responseHeaders = headers
    this.#decideNext(code, headers)
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
    if (this.#messageEnded) this.#settle()
  }

  /** Ends the fetch with an error, and the exchange under way with it. */
  fail(error: Error): void {
    if (this.#over) return
    this.#end()
    this.#decoder?.onConnectionClose()
    this.breakExchange(error)
    this.#callback(
      new HTTPResponse(this.request, 599, {
        error,
        effectiveUrl: this.#effectiveUrl,
        requestTimeMs: this.startedMs === 0 ? 0 : performance.now() - this.startedMs,
        startTime: this.#startTime,
      }),
    )
  }

  /** For engines: forgets what has come of a response, so that the same request can be sent again. */
  resetResponse(): void {
    this.#code = 0
    this.#responseHeaders = null
    this.#trailers = null
    this.#chunks = []
    this.#decoder = null
    this.#nextTarget = null
    this.#discarding = false
    this.#discardedSize = 0
    this.#messageEnded = false
    this.#exchangeEnded = false
    this.connectMs = 0
    this.firstByteMs = 0
  }

  /** For engines: the server has asked for the body. */
  protected continueReceived(): void {}

  /** The head is known, decompression included; called back by the sink. */
  headDecided(): void {
    const { headerCallback, headCallback } = this.request
    if (headerCallback !== undefined) {
      headerCallback(`${this.#version} ${this.#code} ${this.#reason}\r\n`)
      const headers = this.#responseHeaders!
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
    if (this.#exchangeEnded) this.#settle()
  }

  #leaveExchange(): void {
    this.#messageEnded = true
    this.breakExchange(new HTTPProtocolError('The body of a redirect is too large to be read'))
    this.#exchangeEnded = true
    queueMicrotask(() => this.#settle())
  }

  #watchSignal(signal: AbortSignal): boolean {
    if (signal.aborted) {
      this.fail(signal.reason as Error)
      return false
    }
    this.#onAbort = () => this.fail(signal.reason as Error)
    signal.addEventListener('abort', this.#onAbort)
    return true
  }

  #beginHop(): void {
    const jar = this.request.cookieJar ?? this.settings.cookieJar
    if (jar === undefined) {
      this.#compose(undefined)
      this.beginExchange()
      return
    }
    cookiesFor(jar, this.target.href, this.#own?.get('Cookie'))
      .then((cookies) => {
        if (this.#over) return
        this.#compose(cookies)
        this.beginExchange()
      })
      .catch((error: unknown) => this.fail(error as Error))
  }

  #compose(cookies: string | undefined): void {
    const { request, settings } = this
    let own = this.#own
    if (cookies !== undefined && cookies !== '') {
      own = own === null ? request.headers.copy() : own.copy()
      if (this.#own === null) own.clear()
      own.set('Cookie', cookies)
    }
    this.headers = composeFields({
      method: this.method,
      target: this.target,
      own,
      hostHeader: this.crossedOrigin ? undefined : (request.hostHeader ?? settings.hostHeader),
      userAgent: request.userAgent ?? settings.userAgent,
      decompress: request.decompressResponse ?? settings.decompressResponse,
      authorization: this.#credentials === null ? null : this.#authorize(this.#credentials),
      body: this.body,
      expectContinue: request.expect100Continue,
    })
  }

  #authorize({ username, password, mode }: Credentials): string | null {
    if (mode === 'basic') return basicAuthorization(username, password)
    const body = this.body instanceof Uint8Array ? this.body : ''
    return this.#digest?.authorize(this.method, this.target.path, body) ?? null
  }

  /** Whether this response is the final one, and if not what comes next. */
  #decideNext(code: number, headers: HTTPHeaders): void {
    const { request, settings } = this
    if ((code === 401 || code === 407) && this.#isRepeatable && this.answersChallenge(code, headers)) {
      this.#nextTarget = this.target
      this.#discarding = true
      return
    }
    if (code < 300 || code > 308 || !(request.followRedirects ?? settings.followRedirects)) return
    if (this.#redirects >= (request.maxRedirects ?? settings.maxRedirects)) return
    const next = redirectTarget(code, headers, this.target)
    if (next === null) return
    const keepsBody = redirectMethod(code, this.method) === this.method && code !== 303
    if (keepsBody && !this.#isRepeatable) return
    this.#nextTarget = next
    this.#discarding = true
  }

  /** Whether the request is to be sent again, since the response asks for credentials that there are. */
  protected answersChallenge(code: number, headers: HTTPHeaders): boolean {
    if (code !== 401 || this.#credentials?.mode !== 'digest') return false
    this.#digest ??= new DigestSession(this.#credentials.username, this.#credentials.password)
    return this.#digest.challenge(headers.getList('Www-Authenticate'))
  }

  get #isRepeatable(): boolean {
    return this.body === null || this.body instanceof Uint8Array || this.body.repeatable
  }

  #settle(): void {
    if (this.#over) return
    const jar = this.request.cookieJar ?? this.settings.cookieJar
    const set = jar === undefined ? [] : this.#responseHeaders!.getList('Set-Cookie')
    if (jar === undefined || set.length === 0) {
      this.#goOn()
      return
    }
    storeCookies(jar, this.target.href, set).then(
      () => this.#goOn(),
      (error: unknown) => this.fail(error as Error),
    )
  }

  #goOn(): void {
    if (this.#over) return
    if (this.#nextTarget === null) {
      this.#end()
      this.#callback(this.#makeResponse(this.request.streamingCallback === undefined ? this.#chunks : null))
      return
    }
    try {
      this.#followTo(this.#nextTarget)
      this.resetResponse()
      this.#beginHop()
    } catch (error) {
      this.fail(error as Error)
    }
  }

  #followTo(next: RequestTarget): void {
    // The same URL again: the server asked for authentication.
    if (next === this.target && (this.#code === 401 || this.#code === 407)) return
    this.#redirects++
    const { body } = this
    const method = redirectMethod(this.#code, this.method)
    const changes = method !== this.method || this.#code === 303
    if (changes) {
      this.method = method
      this.body = null
    }
    const crosses = next.origin !== this.target.origin
    if (this.#own !== null && (changes || crosses)) {
      this.#own = this.#own.copy()
      if (changes || body === null) for (const name of bodyFields) this.#own.delete(name)
      if (crosses) for (const name of originFields) this.#own.delete(name)
    }
    if (crosses) {
      this.crossedOrigin = true
      this.#credentials = null
      this.#digest = null
    }
    this.target = next
    this.#effectiveUrl = next.href
    if (next.username !== '' || next.password !== '')
      this.#credentials = { username: next.username, password: next.password, mode: 'basic' }
  }

  #makeResponse(chunks: readonly Buffer[] | null): HTTPResponse {
    const nowMs = performance.now()
    const totalMs = nowMs - this.startedMs
    return new HTTPResponse(this.request, this.#code, {
      reason: this.#reason,
      headers: this.#responseHeaders!,
      trailers: this.#trailers,
      chunks,
      effectiveUrl: this.#effectiveUrl,
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

  #end(): void {
    this.#over = true
    if (this.#onAbort !== null) this.request.signal!.removeEventListener('abort', this.#onAbort)
    this.#onAbort = null
  }
}

interface Credentials {
  readonly username: string
  readonly password: string
  readonly mode: 'basic' | 'digest'
}

/** Hands on what was decompressed. */
class BodySink implements HTTPMessageDelegate {
  readonly #task: FetchTask

  constructor(task: FetchTask) {
    this.#task = task
  }

  headersReceived(): void {
    this.#task.headDecided()
  }

  dataReceived(chunk: Buffer): void | Promise<void> {
    return this.#task.bodyReceived(chunk)
  }

  trailersReceived(trailers: HTTPHeaders): void {
    this.#task.trailersReceived(trailers)
  }

  finish(): void {
    this.#task.messageEnded()
  }

  onConnectionClose(): void {}
}

/** Whoever is asked for in the URL comes first. */
function credentialsOf(
  { username, password }: RequestTarget,
  request: HTTPRequest,
  settings: ResolvedSettings,
): Credentials | null {
  const mode = request.authMode ?? settings.authMode
  if (mode !== 'basic' && mode !== 'digest') throw new TypeError(`Unsupported authMode ${String(mode)}`)
  if (username !== '' || password !== '') return { username, password, mode }
  const name = request.authUsername ?? settings.authUsername
  if (name === undefined) return null
  return { username: name, password: request.authPassword ?? settings.authPassword ?? '', mode }
}

function toProtocolError(error: unknown): Error {
  if (!(error instanceof HTTPInputError)) return error as Error
  return new HTTPProtocolError(error.message, { cause: error })
}

const noTarget: RequestTarget = {
  secure: false,
  host: '',
  port: 0,
  hostHeader: '',
  origin: '',
  path: '/',
  href: '',
  username: '',
  password: '',
  common: null,
}
/** What of a body that nobody wants is read for the sake of the connection. */
const maxDiscardedSize = 65_536
