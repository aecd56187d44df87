import { xhtmlEscape } from '@tornado-ts/escape'
import type { HTTPConnection, MultipartPart } from '@tornado-ts/httputil'
import type { BaseIOStream } from '@tornado-ts/iostream'
import { appLog, genLog } from '@tornado-ts/log'
import { answerUnchanged } from './output/answer-unchanged.ts'
import { answerError, errorBody, type ErrorPageOptions } from './error-pages/error-answer.ts'
import { HTTPError } from './errors.ts'
import { responseEnded } from './handler-end.ts'
import { allowedMethods } from './handler-methods.ts'
import { PageWriter } from './pages/page-writer.ts'
import { redirectLocation, redirectStatus, type RedirectOptions } from './output/redirect.ts'
import { bodyChunks, bodyParts, type PartsOptions } from './input/request-body.ts'
import { connectionOf, releaseResponse, responseOf } from './output/response-writer.ts'
import type { Returned } from './output/returned-value.ts'
import { staticUrlOf, type StaticUrlOptions } from './static/static-url.ts'
import { XsrfGuard } from './security/xsrf-guard.ts'

/** What a method of a handler answers: when it is a promise, the request ends when that resolves. */
export type HandlerResult = void | Promise<void>

/** What a method of HTTP may answer besides, or resolve to: a response or a body to be sent. Anything else is a `TypeError`. */
export type MethodResult = void | Returned | Promise<void | Returned>

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
  #xsrf: XsrfGuard | null = null

  /** Whether {@link staticUrl} puts scheme and host in front when it is not told. */
  declare includeHost?: boolean

  /** Called first, with the arguments of the rule that led here. */
  initialize(_args: Readonly<Record<string, unknown>>): void {}

  /** Called before the method, whichever it is. When it finishes the response, the method is not called. */
  prepare(): HandlerResult {}

  head(..._args: never[]): MethodResult {
    throw new HTTPError(405)
  }

  get(..._args: never[]): MethodResult {
    throw new HTTPError(405)
  }

  post(..._args: never[]): MethodResult {
    throw new HTTPError(405)
  }

  delete(..._args: never[]): MethodResult {
    throw new HTTPError(405)
  }

  patch(..._args: never[]): MethodResult {
    throw new HTTPError(405)
  }

  put(..._args: never[]): MethodResult {
    throw new HTTPError(405)
  }

  /** Answers which methods there are, by `Allow`. */
  options(..._args: never[]): MethodResult {
    this.setStatus(204)
    this.setHeader('Allow', allowedMethods(this, RequestHandler.prototype))
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

  /**
   * Called once at the end, whatever it was: the response is sent or broken off, or the method has ended without one because the
   * client had gone. What {@link prepare} has taken can be given back here.
   */
  onFinish(): void {}

  /** Called when the client goes away while its answer is pending. `this.request.signal` fires as well. */
  onConnectionClose(): void {}

  /** Called by {@link clear}, to set headers that every response of this handler has, errors included. */
  setDefaultHeaders(): void {}

  /** Takes back everything that was set or written for this response. */
  clear(): void {
    responseOf(this).reset(performance.now())
    this.setDefaultHeaders()
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
      answerUnchanged(this)
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
    responseEnded(this)
    return sent
  }

  /**
   * Sends the client to another URL, which may be relative, and ends the response. It is sent as it is, but text beyond ASCII and
   * tabs percent-encoded (RFC 3986 §2.1): browsers read a URL as if it had no tabs.
   *
   * @throws {RangeError} When the status is not from 300 to 399.
   */
  redirect(url: string, options: RedirectOptions = {}): void {
    if (responseOf(this).headersWritten) throw new Error('Cannot redirect after headers have been written')
    this.setStatus(redirectStatus(options))
    this.setHeader('Location', redirectLocation(url))
    void this.finish()
  }

  /**
   * Ends the response with the error page of a status. After the head was sent the response can only be broken off.
   *
   * @throws {RangeError} When the status is not an integer from 200 to 999.
   */
  sendError(statusCode = 500, options: ErrorPageOptions = {}): void {
    answerError(this, statusCode, options, RequestHandler.prototype)
  }

  /**
   * Writes the body of an error page. Override it for pages of your own, asynchronous ones too; `error` is what was thrown, if
   * anything was. A {@link ProblemError} becomes problem details.
   *
   * With the setting `serveTraceback`, clients on this machine see what went wrong: as HTML, JSON or text, as they accept it.
   */
  writeError(statusCode: number, { error }: { error?: unknown } = {}): HandlerResult {
    void this.finish(errorBody(this, statusCode, error))
  }

  /** Logs what a handler threw: an {@link HTTPError} as a warning if it has a message, anything else as an error. */
  logException(error: unknown): void {
    if (error instanceof HTTPError) {
      if (!error.logMessage) return
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
    if (this.#currentUser === undefined) this.#currentUser = this.getCurrentUser() ?? null
    return this.#currentUser
  }

  set currentUser(user: unknown) {
    this.#currentUser = user ?? null
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
    return this.#xsrfGuard().text
  }

  /**
   * Holds the token of the request against its cookie. Called for every method but GET, HEAD and OPTIONS when the setting
   * `xsrfCookies` is on; override it for handlers that must do without.
   *
   * @throws {HTTPError} With status 403.
   */
  checkXsrfCookie(): void {
    this.#xsrfGuard().check()
  }

  /** The URL of the rule called `name`: {@link Application.reverseUrl}. */
  reverseUrl(name: string, ...args: unknown[]): string {
    return this.application.reverseUrl(name, ...args)
  }

  /** The hidden field that carries the token in a form. */
  xsrfFormHtml(): string {
    return `<input type="hidden" name="_xsrf" value="${xhtmlEscape(this.xsrfToken)}"/>`
  }

  #xsrfGuard(): XsrfGuard {
    this.#xsrf ??= new XsrfGuard(this as unknown as RequestHandler)
    return this.#xsrf
  }
}

const resolved: Promise<void> = Promise.resolve()
