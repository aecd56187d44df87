import { xhtmlEscape } from '@tornado-ts/escape'
import {
  ifNoneMatchMatches,
  type HTTPConnection,
  type HTTPServerRequest,
  type RawArguments,
} from '@tornado-ts/httputil'
import { appLog, genLog } from '@tornado-ts/log'
import type { Application } from './application.ts'
import { decodeText, replaceControls } from './arguments.ts'
import { Finish, HTTPError, MissingArgumentError } from './errors.ts'
import { HandlerResponse, headerText, type HeaderValue } from './handler-response.ts'
import type { ApplicationSettings } from './settings.ts'

/** What a method of a handler answers: when it is a promise, the request ends when that resolves. */
export type HandlerResult = void | Promise<void>

/** Runs a handler's method and all around it. For the delegate that made the handler. */
export let executeHandler: <Settings extends object>(
  handler: RequestHandler<Settings>,
  pathArgs: readonly (string | null)[] | undefined,
  pathKwargs: Readonly<Record<string, string | null>> | undefined,
) => void
/** Gives a new handler its default headers and its rule's arguments. */
export let startHandler: <Settings extends object>(
  handler: RequestHandler<Settings>,
  kwargs: Readonly<Record<string, unknown>>,
) => void
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
export class RequestHandler<Settings extends object = object> {
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

  readonly application: Application<Settings>
  readonly request: HTTPServerRequest
  /** Positional groups of the path, decoded; `null` for one that took no part. */
  pathArgs: (string | null)[] = []
  /** Named groups of the path, decoded. */
  pathKwargs: Record<string, string | null> = {}

  readonly #response = new HandlerResponse()

  static {
    executeHandler = (handler, pathArgs, pathKwargs) => handler.#execute(pathArgs, pathKwargs)
    startHandler = (handler, kwargs) => handler.#start(kwargs)
  }

  constructor(application: Application<Settings>, request: HTTPServerRequest) {
    this.application = application
    this.request = request
  }

  /** The application's settings. */
  get settings(): ApplicationSettings & Settings {
    return this.application.settings
  }

  /** Called first, with the arguments of the rule that led here. */
  initialize(_args: Readonly<Record<string, unknown>>): void {}

  /** Called before the method, whichever it is. When it finishes the response, the method is not called. */
  prepare(): HandlerResult {}

  head(..._args: never[]): HandlerResult {
    throw this.#methodNotAllowed()
  }

  get(..._args: never[]): HandlerResult {
    throw this.#methodNotAllowed()
  }

  post(..._args: never[]): HandlerResult {
    throw this.#methodNotAllowed()
  }

  delete(..._args: never[]): HandlerResult {
    throw this.#methodNotAllowed()
  }

  patch(..._args: never[]): HandlerResult {
    throw this.#methodNotAllowed()
  }

  put(..._args: never[]): HandlerResult {
    throw this.#methodNotAllowed()
  }

  options(..._args: never[]): HandlerResult {
    throw this.#methodNotAllowed()
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
   * Sets the status. A reason that could not stand in a status line, or that holds `<`, becomes `Unknown`.
   *
   * @param reason @default the standard phrase, or `Unknown`
   * @throws {RangeError} When the status is not an integer from 100 to 999.
   */
  setStatus(statusCode: number, reason?: string): void {
    this.#response.setStatus(statusCode, reason)
  }

  getStatus(): number {
    return this.#response.statusCode
  }

  /** Sets a header, in place of all its values. @throws {HTTPOutputError} When name or value cannot be sent. */
  setHeader(name: string, value: HeaderValue): void {
    this.#response.headers.set(name, headerText(value))
  }

  /** Adds a header and keeps its other values. @throws {HTTPOutputError} When name or value cannot be sent. */
  addHeader(name: string, value: HeaderValue): void {
    this.#response.headers.add(name, headerText(value))
  }

  /** Removes a header, if it is there. */
  clearHeader(name: string): void {
    this.#response.headers.delete(name)
  }

  /**
   * The last value of an argument of the query or the body; one in the body wins. Without `defaultValue` the argument
   * is required.
   *
   * Control characters become spaces and, unless `strip` is false, white space at both ends is cut off.
   *
   * @throws {MissingArgumentError} When it is missing and there is no default.
   * @throws {HTTPError} With status 400 when it is not UTF-8.
   */
  getArgument(name: string): string
  getArgument<Default>(name: string, defaultValue: Default, options?: ArgumentOptions): string | Default
  getArgument(name: string, ...rest: [unknown?, ArgumentOptions?]): unknown {
    return this.#lastArgument(this.request.arguments, name, rest)
  }

  /** All values of an argument, those of the query first. */
  getArguments(name: string, options: ArgumentOptions = {}): string[] {
    return this.#allArguments(this.request.arguments, name, options)
  }

  /** As {@link getArgument}, of the query alone. */
  getQueryArgument(name: string): string
  getQueryArgument<Default>(name: string, defaultValue: Default, options?: ArgumentOptions): string | Default
  getQueryArgument(name: string, ...rest: [unknown?, ArgumentOptions?]): unknown {
    return this.#lastArgument(this.request.queryArguments, name, rest)
  }

  /** As {@link getArguments}, of the query alone. */
  getQueryArguments(name: string, options: ArgumentOptions = {}): string[] {
    return this.#allArguments(this.request.queryArguments, name, options)
  }

  /** As {@link getArgument}, of a form body alone. */
  getBodyArgument(name: string): string
  getBodyArgument<Default>(name: string, defaultValue: Default, options?: ArgumentOptions): string | Default
  getBodyArgument(name: string, ...rest: [unknown?, ArgumentOptions?]): unknown {
    return this.#lastArgument(this.request.bodyArguments, name, rest)
  }

  /** As {@link getArguments}, of a form body alone. */
  getBodyArguments(name: string, options: ArgumentOptions = {}): string[] {
    return this.#allArguments(this.request.bodyArguments, name, options)
  }

  /**
   * Decodes an argument, or a group of the path, from its bytes (one character a byte). Override it for another encoding.
   *
   * @param name What is decoded; `undefined` for a positional group.
   * @throws {HTTPError} With status 400 when it is not UTF-8.
   */
  decodeArgument(value: string, name?: string): string {
    return decodeText(value, name ?? 'url')
  }

  /**
   * Writes a piece of the body: text as UTF-8, bytes as they are, a plain object as JSON with the content type
   * `application/json; charset=UTF-8`. It is sent by {@link flush} or {@link finish}.
   *
   * @throws {TypeError} For anything else. An array is refused too: wrap it in an object.
   */
  write(chunk: string | Uint8Array | object): void {
    if (this.#response.finished) throw new Error('Cannot write() after finish()')
    this.#response.write(chunk)
  }

  /**
   * Sends what is written so far, with the head if it is not sent yet; the length is then unknown and HTTP/1.1 sends chunks.
   * Resolves when the client should be sent more; rejects with `StreamClosedError` when it is gone.
   */
  flush(): Promise<void> {
    return this.#response.send(this.#connection()) ?? resolved
  }

  /**
   * Ends the response, after a last piece if one is given. Resolves and rejects as {@link flush} does.
   *
   * @throws {Error} When the response is ended already.
   */
  finish(chunk?: string | Uint8Array | object): Promise<void> {
    const response = this.#response
    if (response.finished) throw new Error('finish() called twice')
    if (chunk !== undefined) response.write(chunk)
    const connection = this.#connection()
    connection.setCloseCallback(null)
    if (!response.headersWritten) {
      this.#answerUnchanged()
      response.completeHead()
    }
    const sent = this.flush()
    connection.finish()
    this.#ended()
    return sent
  }

  /**
   * Sends the client to another URL, which may be relative, and ends the response.
   *
   * @throws {RangeError} When the status is not from 300 to 399.
   */
  redirect(url: string, { permanent = false, status }: RedirectOptions = {}): void {
    if (this.#response.headersWritten) throw new Error('Cannot redirect after headers have been written')
    const code = status ?? (permanent ? 301 : 302)
    if (!Number.isInteger(code) || code < 300 || code > 399)
      throw new RangeError(`Cannot redirect with status ${code}`)
    this.setStatus(code)
    this.setHeader('Location', url)
    void this.finish()
  }

  /**
   * Ends the response with the error page of a status. After the head was sent the response can only be broken off.
   */
  sendError(statusCode = 500, { error, reason }: ErrorPageOptions = {}): void {
    if (this.#response.headersWritten) {
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
      this.#response.body.clear()
    }
    if (!this.finished) void this.finish()
  }

  /**
   * Writes the body of an error page. Override it for pages of your own; `error` is what was thrown, if anything was.
   *
   * The setting `serveTraceback` shows the error's stack as plain text.
   */
  writeError(statusCode: number, { error }: { error?: unknown } = {}): void {
    if (error !== undefined && this.settings.serveTraceback === true) {
      this.setHeader('Content-Type', 'text/plain')
      void this.finish(error instanceof Error ? (error.stack ?? String(error)) : String(error))
      return
    }
    const title = xhtmlEscape(`${statusCode}: ${this.#response.reason}`)
    void this.finish(`<html><title>${title}</title><body>${title}</body></html>`)
  }

  /** Logs what a handler threw: an {@link HTTPError} as a warning if it has a message, anything else as an error. */
  logException(error: unknown): void {
    if (error instanceof HTTPError) {
      if (error.logMessage === undefined) return
      genLog.warning(`${error.statusCode} ${this.#requestSummary()}: ${error.getMessage()}`)
    } else appLog.error(`Uncaught exception ${this.#requestSummary()}\n${this.request}`, error)
  }

  /** The entity tag of what is written, or `null` for none; by default a SHA-1 of it. */
  computeEtag(): string | null {
    return `"${this.#response.body.sha1()}"`
  }

  /** Sets the `Etag` header from {@link computeEtag}, unless that answers `null`. */
  setEtagHeader(): void {
    if (this.computeEtag === RequestHandler.prototype.computeEtag) {
      this.#response.headers.setUnchecked('Etag', this.computeEtag()!)
      return
    }
    const etag = this.computeEtag()
    if (etag !== null) this.setHeader('Etag', etag)
  }

  /** Whether the client has the response already: its `If-None-Match` names the `Etag` header, by weak comparison. */
  checkEtagHeader(): boolean {
    const known = this.request.headers.get('If-None-Match')
    return known !== undefined && ifNoneMatchMatches(known, this.#response.headers.get('Etag'))
  }

  /** Whether the response is ended. */
  protected get finished(): boolean {
    return this.#response.finished
  }

  #clearAt(nowMs: number): void {
    this.#response.reset(nowMs)
    this.setDefaultHeaders()
  }

  #start(kwargs: Readonly<Record<string, unknown>>): void {
    this.#clearAt(this.request.startedMs)
    this.initialize(kwargs)
    // Listening costs a closure for each request: only for handlers that want to know.
    if (this.onConnectionClose !== RequestHandler.prototype.onConnectionClose) {
      this.#connection().setCloseCallback(() => this.onConnectionClose())
    }
  }

  #execute(
    pathArgs: readonly (string | null)[] | undefined,
    pathKwargs: Readonly<Record<string, string | null>> | undefined,
  ): void {
    try {
      const { method } = this.request
      if (!(this.constructor as typeof RequestHandler).SUPPORTED_METHODS.includes(method)) {
        throw this.#methodNotAllowed()
      }
      if (this.request.body.length > 0) this.#parseBody()
      if (pathArgs !== undefined) this.pathArgs = pathArgs.map((value) => this.#decodePathArgument(value))
      if (pathKwargs !== undefined) {
        for (const [name, value] of Object.entries(pathKwargs)) {
          this.pathKwargs[name] = this.#decodePathArgument(value, name)
        }
      }
      const prepared = this.prepare()
      if (isPromise(prepared)) void this.#executeAfter(prepared)
      else this.#executeMethod()
    } catch (error) {
      this.#handleException(error)
    }
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
    const named = Object.keys(this.pathKwargs).length > 0
    const args = named ? [this.pathKwargs] : this.pathArgs
    const result = this.#method().apply(this, args as never[])
    if (isPromise(result)) void this.#finishAfter(result)
    else if (!this.finished) void this.finish()
  }

  async #finishAfter(result: Promise<void>): Promise<void> {
    try {
      await result
      if (!this.finished) void this.finish()
    } catch (error) {
      this.#handleException(error)
    }
  }

  #method(): (...args: never[]) => HandlerResult {
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
        return method as (...args: never[]) => HandlerResult
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

  #lastArgument(source: RawArguments, name: string, rest: [unknown?, ArgumentOptions?]): unknown {
    const values = source.get(name)
    if (values !== undefined) return this.#cleanArgument(values.at(-1)!, name, rest[1])
    if (rest.length === 0) throw new MissingArgumentError(name)
    return rest[0]
  }

  #allArguments(source: RawArguments, name: string, options: ArgumentOptions): string[] {
    if (typeof options !== 'object')
      throw new TypeError('The second argument is an object of options, not a default')
    return (source.get(name) ?? []).map((value) => this.#cleanArgument(value, name, options))
  }

  #cleanArgument(value: string, name: string, { strip = true }: ArgumentOptions = {}): string {
    const text: unknown = this.decodeArgument(value, name)
    if (typeof text !== 'string') return text as string
    const clean = replaceControls(text)
    return strip ? clean.trim() : clean
  }

  /** Sends 304 in place of a response that the client has already. */
  #answerUnchanged(): void {
    const { method } = this.request
    const response = this.#response
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
    this.#response.finished = true
    this.application.logRequest(this)
    this.onFinish()
  }

  /** The client must not take what it got for a whole response. */
  #breakOff(): void {
    this.#connection().abort()
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
      return typeof own[name] === 'function' && own[name] !== base[name]
    })
    return methods
  }

  #requestSummary(): string {
    return `${this.request.method} ${this.request.uri} (${this.request.remoteIp})`
  }

  #connection(): HTTPConnection {
    const { connection } = this.request
    if (connection === null) throw new Error('This request has no connection to be answered on')
    return connection
  }
}

/** Options of the argument getters. */
export interface ArgumentOptions {
  /** Cuts off white space at both ends. @default true */
  strip?: boolean
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

function isPromise(value: HandlerResult): value is Promise<void> {
  return typeof (value as Promise<void> | undefined)?.then === 'function'
}

function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name
}

function toHTTPError(error: Error): HTTPError {
  const { status = 400 } = error as { status?: number }
  return new HTTPError(status, error.message, { cause: error })
}
