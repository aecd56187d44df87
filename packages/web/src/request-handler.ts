import { xhtmlEscape } from '@tornado-ts/escape'
import type { HTTPConnection, MultipartPart } from '@tornado-ts/httputil'
import type { BaseIOStream } from '@tornado-ts/iostream'
import { appLog, genLog } from '@tornado-ts/log'
import { mayShowErrors, writeErrorPage } from './error-page.ts'
import { Finish, HTTPError } from './errors.ts'
import { lastPageOf, PageWriter } from './page-writer.ts'
import { ProblemError, writeProblem } from './problem.ts'
import { bodyChunks, bodyParts, type PartsOptions } from './request-body.ts'
import { noKwargs } from './request-reader.ts'
import { connectionOf, releaseResponse, responseOf } from './response-writer.ts'
import { sendReturned, type Returned } from './returned-value.ts'
import { staticUrlOf, type StaticUrlOptions } from './static-url.ts'
import { TransformedOutput } from './transformed-output.ts'
import { decodeXsrfToken, encodeXsrfToken, newXsrfToken, sameXsrfToken, type XsrfToken } from './xsrf.ts'

/** What a method of a handler answers: when it is a promise, the request ends when that resolves. */
export type HandlerResult = void | Promise<void>

/** What a method of HTTP may answer besides, or resolve to: a response or a body to be sent. Anything else is a `TypeError`. */
export type MethodResult = void | Returned | Promise<void | Returned>

type PathArgs = readonly (string | null)[] | undefined
type PathKwargs = Readonly<Record<string, string | null>> | undefined

/** Gives a new handler its default headers and its rule's arguments. For the delegate that made the handler, as all of these. */
export let startHandler: <Settings extends object>(
  handler: RequestHandler<Settings>,
  kwargs: Readonly<Record<string, unknown>>,
) => void
/** Runs a handler's method and all around it. */
export let executeHandler: <Settings extends object>(
  handler: RequestHandler<Settings>,
  pathArgs: PathArgs,
  pathKwargs: PathKwargs,
) => void
/** Checks and reads a request, as far as that comes before `prepare`. Throws what is wrong with it. */
export let admitRequest: <Settings extends object>(
  handler: RequestHandler<Settings>,
  pathArgs: PathArgs,
  pathKwargs: PathKwargs,
) => void
/** Calls the method of the request. */
export let callMethod: <Settings extends object>(handler: RequestHandler<Settings>) => HandlerResult
/** Ends the response if the method did not. */
export let finishHandler: <Settings extends object>(handler: RequestHandler<Settings>) => void
/** Answers what was thrown. */
export let failHandler: <Settings extends object>(handler: RequestHandler<Settings>, error: unknown) => void

/**
 * Answers requests: subclass it and override the methods of HTTP it speaks.
 *
 * For each request an instance is made and, in this order, once each: `initialize` with the arguments of the rule, the
 * method is checked, a form body parsed, the groups of the path decoded, `prepare`, the method with those groups,
 * `finish` unless the method called it, `onFinish`. A method, `prepare` and `initialize` may throw: an {@link HTTPError}
 * becomes the page of its status, anything else one of status 500.
 *
 * Tornado: web.RequestHandler.
 *
 * @typeParam Settings The application's own settings, as `this.settings` shows them.
 */
export class RequestHandler<Settings extends object = object> extends PageWriter<Settings> {
  /** The methods that are answered at all; others get 405. A subclass may name more. */
  static readonly SUPPORTED_METHODS: readonly string[] = [
    'GET',
    'HEAD',
    'POST',
    'DELETE',
    'PATCH',
    'PUT',
    'OPTIONS',
  ]

  #currentUser: unknown
  #xsrf: XsrfToken | null = null
  #xsrfText: string | null = null

  static {
    executeHandler = (handler, pathArgs, pathKwargs) => handler.#execute(pathArgs, pathKwargs)
    startHandler = (handler, kwargs) => handler.#start(kwargs)
    admitRequest = (handler, pathArgs, pathKwargs) => handler.#admit(pathArgs, pathKwargs)
    callMethod = (handler) => handler.#callMethodAndSend()
    finishHandler = (handler) => (handler.finished ? undefined : handler.#finishUnended())
    failHandler = (handler, error) => handler.#handleException(error)
  }

  /** Whether {@link staticUrl} puts scheme and host in front when it is not told. */
  declare includeHost?: boolean

  /** Called first, with the arguments of the rule that led here. */
  initialize(_args: Readonly<Record<string, unknown>>): void {}

  /** Called before the method, whichever it is. When it finishes the response, the method is not called. */
  prepare(): HandlerResult {}

  head(..._args: never[]): MethodResult {
    throw this.#methodNotAllowed()
  }

  get(..._args: never[]): MethodResult {
    throw this.#methodNotAllowed()
  }

  post(..._args: never[]): MethodResult {
    throw this.#methodNotAllowed()
  }

  delete(..._args: never[]): MethodResult {
    throw this.#methodNotAllowed()
  }

  patch(..._args: never[]): MethodResult {
    throw this.#methodNotAllowed()
  }

  put(..._args: never[]): MethodResult {
    throw this.#methodNotAllowed()
  }

  /** Answers which methods there are, by `Allow`. */
  options(..._args: never[]): MethodResult {
    this.setStatus(204)
    this.setHeader('Allow', this.#allowedMethods().join(', '))
  }

  /**
   * Called with each piece of the body, if the class takes its body so: see `streamRequestBody`. While its promise is pending
   * the client is made to wait.
   */
  dataReceived(_chunk: Buffer): HandlerResult {}

  /**
   * The parts of a multipart body as they arrive, for a class with `streamRequestBody` that does not override {@link dataReceived}:
   *
   * ```ts
   * for await (const part of this.parts({ maxPartSize: 10_000_000 })) {
   *   if (part.filename !== null) await part.saveTo(newPath())
   * }
   * ```
   *
   * What is not read of a part is skipped. The client waits while nobody reads; when it goes away the loop throws
   * `StreamClosedError`. What `part.spool()` keeps on disk is removed when the request is over.
   *
   * @throws {HTTPInputError} In the loop: with status 413 beyond the limits of size, 400 beyond others and when it is malformed.
   * @throws {ProblemError} With status 415 when the body is of another type.
   */
  parts(options?: PartsOptions): AsyncGenerator<MultipartPart, void, undefined> {
    return bodyParts(this, options)
  }

  /** The body as it arrives, whatever it is: see {@link parts}. It can be read once. */
  bodyChunks(): AsyncIterableIterator<Uint8Array> {
    return bodyChunks(this)
  }

  /**
   * Takes the connection over, for another protocol: the handler is done with it, and nothing more is sent or logged. HTTP/1
   * only. Bytes that came behind the request are still to be read from it.
   */
  detach(): BaseIOStream {
    const connection = connectionOf(this)
    const { output } = responseOf(this)
    if (output?.waiting === true) throw new Error('Cannot detach while output waits: await flush() first')
    if (!('detach' in connection)) throw new Error('This connection cannot be detached')
    const stream = (connection as HTTPConnection & { detach(): BaseIOStream }).detach()
    releaseResponse(this)
    output?.close()
    return stream
  }

  /**
   * The URL of a file below the setting `staticPath`, with the version of its content, so that browsers may keep it for good.
   * An unknown file is read at once. Tornado: RequestHandler.static_url.
   *
   * @param includeHost Puts scheme and host of the request in front. @default {@link includeHost}, or false
   * @throws {Error} Without the setting `staticPath`.
   */
  staticUrl(path: string, includeHost?: boolean | null, options?: StaticUrlOptions): string {
    return staticUrlOf(this, path, includeHost ?? this.includeHost ?? false, options)
  }

  /** Called after the response was sent, whatever it was. */
  onFinish(): void {}

  /** Called when the client goes away while its answer is pending. `this.request.signal` fires as well. */
  onConnectionClose(): void {}

  /** Called by {@link clear}, to set headers that every response of this handler has, errors included. */
  setDefaultHeaders(): void {}

  /** Takes back everything that was set or written for this response. */
  clear(): void {
    this.#clearAt(performance.now())
  }

  /**
   * Ends the response, after a last piece if one is given. Resolves and rejects as {@link flush} does.
   *
   * @throws {Error} When the response is ended already.
   */
  finish(chunk?: string | Uint8Array | object): Promise<void> {
    const response = responseOf(this)
    if (response.finished) throw new Error('finish() called twice')
    if (chunk !== undefined) response.write(chunk)
    const connection = connectionOf(this)
    connection.setCloseCallback(null)
    if (!response.headersWritten) {
      this.#answerUnchanged()
      response.completeHead()
    }
    const { output, trailers } = response
    let sent: Promise<void>
    if (output !== null) sent = output.finish(response, connection, trailers ?? undefined) ?? resolved
    else {
      sent = this.flush()
      if (trailers === null) connection.finish()
      else connection.finish(trailers)
    }
    this.#ended()
    return sent
  }

  /**
   * Sends the client to another URL, which may be relative, and ends the response. It is sent as it is, but text beyond ASCII
   * percent-encoded (RFC 3986 §2.1).
   *
   * @throws {RangeError} When the status is not from 300 to 399.
   */
  redirect(url: string, { permanent = false, status }: RedirectOptions = {}): void {
    if (responseOf(this).headersWritten) throw new Error('Cannot redirect after headers have been written')
    const code = status ?? (permanent ? 301 : 302)
    if (!Number.isInteger(code) || code < 300 || code > 399)
      throw new RangeError(`Cannot redirect with status ${code}`)
    this.setStatus(code)
    this.setHeader('Location', url.replace(beyondAscii, percentEncode))
    void this.finish()
  }

  /**
   * Ends the response with the error page of a status. After the head was sent the response can only be broken off.
   */
  sendError(statusCode = 500, { error, reason }: ErrorPageOptions = {}): void {
    if (responseOf(this).headersWritten) {
      genLog.error('Cannot send error response after headers written')
      if (!this.finished) this.#breakOff()
      return
    }
    this.clear()
    this.setStatus(statusCode, reason ?? (error instanceof HTTPError ? error.reason : undefined))
    try {
      if (statusCode === 405) this.setHeader('Allow', this.#allowedMethods().join(', '))
      if (statusCode !== 304) this.writeError(statusCode, { error })
    } catch (failure) {
      appLog.error('Uncaught exception in writeError', failure)
      responseOf(this).body.clear()
    }
    if (!this.finished) void this.finish()
  }

  /**
   * Writes the body of an error page. Override it for pages of your own; `error` is what was thrown, if anything was. A
   * {@link ProblemError} becomes problem details.
   *
   * With the setting `serveTraceback`, clients on this machine see what went wrong: as HTML, JSON or text, as they accept it.
   */
  writeError(statusCode: number, { error }: { error?: unknown } = {}): void {
    if (error instanceof ProblemError) {
      void this.finish(writeProblem(this, statusCode, error.problem))
      return
    }
    const { serveTraceback = false } = this.settings
    if (error !== undefined && serveTraceback !== false) {
      if (serveTraceback === 'anyone' || mayShowErrors(this.request)) {
        void this.finish(writeErrorPage(this, statusCode, error))
        return
      }
    }
    const title = xhtmlEscape(`${statusCode}: ${responseOf(this).reason}`)
    void this.finish(`<html><title>${title}</title><body>${title}</body></html>`)
  }

  /** Logs what a handler threw: an {@link HTTPError} as a warning if it has a message, anything else as an error. */
  logException(error: unknown): void {
    if (error instanceof HTTPError) {
      if (error.logMessage === undefined) return
      genLog.warning(`${error.statusCode} ${this.requestSummary()}: ${error.getMessage()}`)
    } else appLog.error(`Uncaught exception ${this.requestSummary()}\n${this.request}`, error)
  }

  /** What log lines say of the request: method, URI, address. Override it where URIs hold what no log should show. */
  requestSummary(): string {
    return `${this.request.method} ${this.request.uri} (${this.request.remoteIp})`
  }

  /**
   * The user who makes the request, found by {@link getCurrentUser} when it is first asked for. A `prepare` that must wait
   * for it may set it.
   */
  get currentUser(): unknown {
    if (this.#currentUser === undefined) this.#currentUser = this.getCurrentUser()
    return this.#currentUser
  }

  set currentUser(user: unknown) {
    this.#currentUser = user
  }

  /** Override it to find the user, from a signed cookie for instance. `null` is nobody. */
  getCurrentUser(): unknown {
    return null
  }

  /** Where `authenticated` sends those who are not logged in. @throws {Error} Without the setting `loginUrl`. */
  getLoginUrl(): string {
    this.requireSetting('loginUrl', '@authenticated')
    return this.settings.loginUrl!
  }

  /**
   * The text to send back with each form, by {@link xsrfFormHtml} or the header `X-XSRFToken`. Reading it sets the cookie that
   * it is compared with, when the client has none.
   */
  get xsrfToken(): string {
    this.#xsrfText ??= this.#makeXsrfText()
    return this.#xsrfText
  }

  /**
   * Holds the token of the request against its cookie. Called for every method but GET, HEAD and OPTIONS when the setting
   * `xsrfCookies` is on; override it for handlers that must do without.
   *
   * @throws {HTTPError} With status 403.
   */
  checkXsrfCookie(): void {
    const { headers } = this.request
    const given = this.getArgument('_xsrf', null) ?? headers.get('X-XSRFToken') ?? headers.get('X-CSRFToken')
    if (!given) throw new HTTPError(403, "'_xsrf' argument missing from POST")
    const token = decodeXsrfToken(given)
    if (token === null || token.token.length === 0)
      throw new HTTPError(403, "'_xsrf' argument has invalid format")
    if (!sameXsrfToken(token, this.#xsrfOfCookie()))
      throw new HTTPError(403, 'XSRF cookie does not match POST argument')
  }

  /** The URL of the rule called `name`: {@link Application.reverseUrl}. */
  reverseUrl(name: string, ...args: unknown[]): string {
    return this.application.reverseUrl(name, ...args)
  }

  /** The hidden field that carries the token in a form. */
  xsrfFormHtml(): string {
    return `<input type="hidden" name="_xsrf" value="${xhtmlEscape(this.xsrfToken)}"/>`
  }

  #xsrfOfCookie(): XsrfToken {
    if (this.#xsrf === null) {
      const kept = this.getCookie(this.settings.xsrfCookieName ?? '_xsrf')
      this.#xsrf = (kept === undefined ? null : decodeXsrfToken(kept)) ?? newXsrfToken()
    }
    return this.#xsrf
  }

  #makeXsrfText(): string {
    const { xsrfCookieVersion = 2, xsrfCookieName = '_xsrf', xsrfCookieKwargs = {} } = this.settings
    const token = this.#xsrfOfCookie()
    const text = encodeXsrfToken(token, xsrfCookieVersion)
    if (token.version === null) {
      const lasting =
        this.currentUser !== null && !('expiresDays' in xsrfCookieKwargs) ? { expiresDays: 30 } : {}
      this.setCookie(xsrfCookieName, text, { ...lasting, ...xsrfCookieKwargs })
    }
    return text
  }

  #clearAt(nowMs: number): void {
    responseOf(this).reset(nowMs)
    this.setDefaultHeaders()
  }

  #start(kwargs: Readonly<Record<string, unknown>>): void {
    this.#clearAt(this.request.startedMs)
    if (this.application.transforms.length > 0) openOutput(this)
    this.initialize(kwargs)
    // Listening costs a closure for each request: only for handlers that want to know.
    if (this.onConnectionClose !== RequestHandler.prototype.onConnectionClose) {
      connectionOf(this).setCloseCallback(() => this.onConnectionClose())
    }
  }

  #execute(pathArgs: PathArgs, pathKwargs: PathKwargs): void {
    try {
      this.#admit(pathArgs, pathKwargs)
      const prepared = this.prepare()
      if (isPromise(prepared)) void this.#executeAfter(prepared)
      else this.#executeMethod()
    } catch (error) {
      this.#handleException(error)
    }
  }

  /** All that comes before `prepare`. */
  #admit(pathArgs: PathArgs, pathKwargs: PathKwargs): void {
    const { method } = this.request
    if (!(this.constructor as typeof RequestHandler).SUPPORTED_METHODS.includes(method)) {
      throw this.#methodNotAllowed()
    }
    if (this.request.body.length > 0) this.#parseBody()
    if (pathArgs !== undefined) this.pathArgs = pathArgs.map((value) => this.#decodePathArgument(value))
    if (pathKwargs !== undefined) {
      const decoded = Object.entries(pathKwargs).map(([name, value]) => [
        name,
        this.#decodePathArgument(value, name),
      ])
      this.pathKwargs = Object.fromEntries(decoded) as Record<string, string | null>
    }
    if (this.settings.xsrfCookies === true && !unchecked.has(method)) this.checkXsrfCookie()
  }

  async #executeAfter(prepared: Promise<void>): Promise<void> {
    try {
      await prepared
      this.#executeMethod()
    } catch (error) {
      this.#handleException(error)
    }
  }

  #executeMethod(): void {
    if (this.finished) return
    const result = this.#callMethod()
    if (result === undefined) {
      if (!this.finished) this.#finishUnended()
    } else void this.#finishAfter(isPromise(result) ? result : sendReturned(this, result))
  }

  #callMethod(): MethodResult {
    const { pathKwargs, pathArgs } = this
    const named = pathKwargs !== noKwargs && Object.keys(pathKwargs).length > 0
    return this.#method().apply(this, (named ? [pathKwargs] : pathArgs) as never[])
  }

  /** Sends what it returns as well. */
  #callMethodAndSend(): HandlerResult {
    const result = this.#callMethod()
    if (result === undefined) return undefined
    return isPromise(result) ? this.#sendResolved(result) : sendReturned(this, result)
  }

  async #sendResolved(result: Promise<void | Returned>): Promise<void> {
    const value = await result
    if (value !== undefined && !this.finished) await sendReturned(this, value)
  }

  /** Ends the response of a method that did not; a page that is still being rendered ends it itself. */
  #finishUnended(): void {
    const page = lastPageOf(this)
    if (page !== null) {
      const { pending, failure } = page
      if (pending !== null) {
        void this.#finishAfter(pending)
        return
      }
      // Whoever caught the error has answered something else.
      if (failure !== null && this.getStatus() === 200 && responseOf(this).body.empty) throw failure.error
    }
    void this.finish()
  }

  async #finishAfter(result: Promise<void | Returned>): Promise<void> {
    try {
      const value = await result
      if (value !== undefined && !this.finished) await sendReturned(this, value)
      if (!this.finished) this.#finishUnended()
    } catch (error) {
      this.#handleException(error)
    }
  }

  #method(): (...args: never[]) => MethodResult {
    switch (this.request.method) {
      case 'GET':
        return this.get
      case 'HEAD':
        return this.head === RequestHandler.prototype.head ? this.get : this.head
      case 'POST':
        return this.post
      case 'PUT':
        return this.put
      case 'DELETE':
        return this.delete
      case 'PATCH':
        return this.patch
      case 'OPTIONS':
        return this.options
      default: {
        const method = (this as unknown as Record<string, unknown>)[this.request.method.toLowerCase()]
        if (typeof method !== 'function') throw this.#methodNotAllowed()
        return method as (...args: never[]) => MethodResult
      }
    }
  }

  #handleException(error: unknown): void {
    if (error instanceof Finish) {
      if (!this.finished) void this.finish(error.chunk)
      return
    }
    // The client is gone: nobody is left to be answered, and nothing went wrong here.
    if (isNamed(error, 'StreamClosedError') && this.request.signal.aborted) return
    try {
      this.logException(isNamed(error, 'HTTPInputError') ? toHTTPError(error) : error)
    } catch (failure) {
      appLog.error('Error in exception logger', failure)
    }
    if (this.finished) return
    if (error instanceof HTTPError) this.sendError(error.statusCode, { error })
    else if (isNamed(error, 'HTTPInputError')) this.sendError(toHTTPError(error).statusCode, { error })
    else this.sendError(500, { error })
  }

  #parseBody(): void {
    try {
      this.request.parseBody()
    } catch (error) {
      if (!isNamed(error, 'HTTPInputError')) throw error
      throw new HTTPError(400, `Invalid body: ${error.message}`, { cause: error })
    }
  }

  #decodePathArgument(value: string | null, name?: string): string | null {
    return value === null ? null : this.decodeArgument(value, name)
  }

  /** Sends 304 in place of a response that the client has already. */
  #answerUnchanged(): void {
    const { method } = this.request
    const response = responseOf(this)
    if (
      response.statusCode !== 200 ||
      (method !== 'GET' && method !== 'HEAD') ||
      response.headers.has('Etag')
    )
      return
    this.setEtagHeader()
    if (!this.checkEtagHeader()) return
    response.body.clear()
    response.setStatus(304)
  }

  /** What follows a response, however it ended. */
  #ended(): void {
    responseOf(this).finished = true
    this.application.logRequest(this)
    this.onFinish()
  }

  /** The client must not take what it got for a whole response. */
  #breakOff(): void {
    responseOf(this).output?.close()
    connectionOf(this).abort()
    this.#ended()
  }

  #methodNotAllowed(): HTTPError {
    return new HTTPError(405)
  }

  #allowedMethods(): string[] {
    const own = this as unknown as Record<string, unknown>
    const base = RequestHandler.prototype as unknown as Record<string, unknown>
    const methods = (this.constructor as typeof RequestHandler).SUPPORTED_METHODS.filter((method) => {
      const name = method === 'HEAD' && own['head'] === base['head'] ? 'get' : method.toLowerCase()
      return name === 'options' || (typeof own[name] === 'function' && own[name] !== base[name])
    })
    return methods
  }
}

/** Options of {@link RequestHandler.redirect}. */
export interface RedirectOptions {
  /** 301 in place of 302. @default false */
  permanent?: boolean
  /** Another status from 300 to 399; wins over `permanent`. @default none */
  status?: number
}

/** Options of {@link RequestHandler.sendError}. */
export interface ErrorPageOptions {
  /** What was thrown. @default nothing */
  error?: unknown
  /** Reason phrase. @default the error's, or the standard one */
  reason?: string
}

const resolved: Promise<void> = Promise.resolve()
const beyondAscii = /[\u0080-\uffff]+/g

/** Methods that change nothing, so that nobody is made to do harm by them. */
const unchecked: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof (value as Promise<Value> | undefined)?.then === 'function'
}

function percentEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name
}

function openOutput<Settings extends object>(handler: RequestHandler<Settings>): void {
  const transforms = handler.makeTransforms()
  if (transforms.length > 0) {
    responseOf(handler).output = new TransformedOutput(transforms, handler.request.method)
  }
}

function toHTTPError(error: Error): HTTPError {
  const { status = 400 } = error as { status?: number }
  return new HTTPError(status, error.message, { cause: error })
}
