import type { HTTPHeaders, ResponseStartLine } from '@tornado-ts/httputil'
import { reasonOf } from './abort-reason.ts'
import { resolveBody, type BodySource } from './body-source.ts'
import { cookiesFor, storeCookies } from './cookie-jar.ts'
import { credentialsOf, credentialsOfUrl, type Credentials } from './credentials.ts'
import { DigestAuthorization } from './digest-authorization.ts'
import { checkMethod } from './http-methods.ts'
import { checkTimeouts } from './check-timeouts.ts'
import type { HTTPRequest } from './http-request.ts'
import type { HTTPResponse } from './http-response.ts'
import { bodyFields, originFields, redirectMethod, redirectTarget } from './redirect.ts'
import { basicAuthorization, composeFields } from './request-fields.ts'
import { parseTarget, type RequestTarget } from './request-target.ts'
import { ResponseReceiver } from './response-receiver.ts'
import type { ResolvedSettings } from './settings.ts'

/**
 * One fetch, over its redirects: what is to be sent next, and what has come of the response.
 *
 * An engine extends it with the two methods that move bytes. It hands the response over through the methods of
 * `HTTPMessageDelegate`, and says when the exchange has ended ({@link exchangeEnded}) or failed ({@link fail}).
 * Redirects, cookies, authentication, decompression and callbacks are the same for every engine.
 */
export abstract class FetchTask extends ResponseReceiver {
  /** What the next exchange sends. */
  method: string
  target: RequestTarget = noTarget
  headers!: HTTPHeaders
  body: Uint8Array | BodySource | null = null
  /** Whether a redirect has led to another origin: what was for the first is not used any more. */
  crossedOrigin = false

  readonly #callback: (response: HTTPResponse) => void
  /** The user's fields, as far as they may still be sent. */
  #own: HTTPHeaders | null = null
  #credentials: Credentials | null = null
  #digest: DigestAuthorization | null = null
  #redirects = 0
  #nextTarget: RequestTarget | null = null
  #over = false
  #onAbort: (() => void) | null = null

  constructor(request: HTTPRequest, settings: ResolvedSettings, callback: (response: HTTPResponse) => void) {
    super(request, settings)
    this.method = request.method
    this.#callback = callback
  }

  /** Sends the request that is described by {@link method}, {@link target}, {@link headers} and {@link body}. */
  protected abstract beginExchange(): void

  /** Whether the callback has been called. */
  get over(): boolean {
    return this.#over
  }

  start(): void {
    const { request } = this
    try {
      if (request.body !== null || request.bodyProducer !== undefined) this.body = resolveBody(request)
      checkMethod(request, this.settings)
      checkTimeouts(request)
      this.target = parseTarget(request.url)
      if (request.hasHeaders) this.#own = request.headers
      this.#credentials = credentialsOf(this.target, request, this.settings)
      if (request.signal !== undefined && !this.#watchSignal(request.signal)) return
      this.#beginHop()
    } catch (error) {
      this.fail(error as Error)
    }
  }

  override fail(error: Error): void {
    if (this.#over) return
    this.#end()
    this.onConnectionClose()
    this.breakExchange(error)
    this.#callback(this.failedResponse(error))
  }

  #watchSignal(signal: AbortSignal): boolean {
    if (signal.aborted) {
      this.fail(reasonOf(signal))
      return false
    }
    this.#onAbort = () => this.fail(reasonOf(signal))
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
    const { digestSessions } = this.settings
    this.#digest ??= new DigestAuthorization(digestSessions, this.target.origin, username, password)
    const body = this.body instanceof Uint8Array ? this.body : ''
    return this.#digest.authorize(this.method, this.target.path, body)
  }

  protected override leadsOn(code: number, headers: HTTPHeaders): boolean {
    this.#nextTarget = this.#targetAfter(code, headers)
    return this.#nextTarget !== null
  }

  /** Where to go after a response with this head; `null` when it is the final one. */
  #targetAfter(code: number, headers: HTTPHeaders): RequestTarget | null {
    const { request, settings } = this
    if (code === 401 || code === 407) {
      return this.answersChallenge(code, headers) && this.#isRepeatable ? this.target : null
    }
    this.#digest?.accepted(headers, 'Authentication-Info')
    if (code < 300 || code > 308 || !(request.followRedirects ?? settings.followRedirects)) return null
    if (this.#redirects >= (request.maxRedirects ?? settings.maxRedirects)) return null
    const next = redirectTarget(code, headers, this.target)
    const keepsBody = redirectMethod(code, this.method) === this.method && code !== 303
    return keepsBody && !this.#isRepeatable ? null : next
  }

  /** Whether the request is to be sent again, since the response asks for credentials that there are. */
  protected answersChallenge(code: number, headers: HTTPHeaders): boolean {
    return code === 401 && this.#digest?.challenge(headers.getList('Www-Authenticate')) === true
  }

  get #isRepeatable(): boolean {
    return this.body === null || this.body instanceof Uint8Array || this.body.repeatable
  }

  override headersReceived(startLine: ResponseStartLine, headers: HTTPHeaders): void | Promise<void> {
    const jar = this.request.cookieJar ?? this.settings.cookieJar
    const set = jar === undefined || startLine.code < 200 ? [] : headers.getList('Set-Cookie')
    if (jar === undefined || set.length === 0) return super.headersReceived(startLine, headers)
    // Before anyone is told of the response: who takes its body later, or never, may send the next request by then.
    return storeCookies(jar, this.target.href, set).then(() =>
      this.#over ? undefined : super.headersReceived(startLine, headers),
    )
  }

  protected override responseCompleted(): void {
    if (this.#over) return
    const next = this.#nextTarget
    if (next === null) {
      this.#end()
      this.#callback(this.completeResponse)
      return
    }
    try {
      this.#followTo(next)
      this.#nextTarget = null
      this.resetResponse()
      this.#beginHop()
    } catch (error) {
      this.fail(error as Error)
    }
  }

  #followTo(next: RequestTarget): void {
    const { code } = this
    // The same URL again: the server asked for authentication.
    if (next === this.target && (code === 401 || code === 407)) return
    this.#redirects++
    const { body } = this
    const method = redirectMethod(code, this.method)
    const changes = method !== this.method || code === 303
    if (changes) {
      this.method = method
      this.#leaveBody()
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
    this.effectiveUrl = next.href
    const ofUrl = credentialsOfUrl(next, this.request.authMode ?? this.settings.authMode)
    if (ofUrl === null) return
    this.#credentials = ofUrl
    this.#digest = null
  }

  #leaveBody(): void {
    const { body } = this
    this.body = null
    if (body !== null && !(body instanceof Uint8Array)) body.discard()
  }

  #end(): void {
    this.#over = true
    this.#leaveBody()
    if (this.#onAbort !== null) this.request.signal!.removeEventListener('abort', this.#onAbort)
    this.#onAbort = null
  }
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
