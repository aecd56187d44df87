import { Configurable, type ConfigurableClass, type Implementation } from '@tornado-ts/ioloop'
import { reasonOf } from './abort-reason.ts'
import { ClientClosedError } from './errors.ts'
import { HTTPRequest, type HTTPRequestOptions, type RequestSettings } from './http-request.ts'
import { HTTPResponse } from './http-response.ts'
import { openResponseStream, type HTTPResponseStream } from './response-stream.ts'
import { retryDelay, type RetryOptions } from './retry.ts'
import { resolveSettings, type ResolvedSettings } from './settings.ts'
import type { SimpleAsyncHTTPClientOptions } from './simple-async-http-client.ts'

/** Options that every client has. */
export interface AsyncHTTPClientOptions {
  /** Makes a client of its own even when there are no other options. @default false */
  forceInstance?: boolean
  /** For the options that a request does not give. @default those that are documented there */
  defaults?: RequestSettings
  /** Largest body of a response, after decompression. In bytes. @default 104_857_600 (100 MiB) */
  maxBodySize?: number
}

/** Options of {@link AsyncHTTPClient.fetch}. */
export interface FetchOptions extends HTTPRequestOptions {
  /** Whether the fetch rejects when the status is outside 200 to 299. All other failures always reject. @default true */
  raiseError?: boolean | undefined
}

/**
 * Fetches over HTTP.
 *
 * `new AsyncHTTPClient()` answers the client that the program shares; with options, or `forceInstance`, a client of its
 * own, which {@link close} ends. Which class that is, and with which options, {@link configure} says.
 *
 * @example
 * const response = await new AsyncHTTPClient().fetch('http://localhost:8888/')
 * console.log(response.text())
 *
 * Tornado: httpclient.AsyncHTTPClient.
 */
export class AsyncHTTPClient extends Configurable implements AsyncDisposable {
  /** What requests take that do not say otherwise. */
  readonly settings!: ResolvedSettings
  #closed = false
  /** Fetches that wait before they are tried again: what ends them. */
  readonly #waiting = new Set<(error: Error) => void>()

  /** @param options Those of the class that {@link configure} has chosen. @default those of the simple client */
  constructor(options: AsyncHTTPClientOptions & Partial<SimpleAsyncHTTPClientOptions> = {}) {
    if (new.target === AsyncHTTPClient) return sharedOrOwn(options)
    super(options)
    this.settings = resolveSettings(options.defaults ?? {}, options.maxBodySize ?? 104_857_600)
  }

  static override configurableBase(): typeof AsyncHTTPClient {
    return AsyncHTTPClient
  }

  static override configurableDefault(): Implementation<AsyncHTTPClient, object> {
    return defaultClient.implementation!
  }

  /**
   * Chooses the class that `new AsyncHTTPClient()` makes, and options for it. To be called before the first client is made.
   *
   * @param implementation A subclass; `null` for {@link SimpleAsyncHTTPClient}.
   * @throws {TypeError} When the implementation is no subclass.
   * @throws {Error} When the shared client is in use already: it would go on as it is.
   */
  static override configure<Base extends Configurable, Options extends object>(
    this: ConfigurableClass<Base>,
    implementation: Implementation<Base, Options> | null,
    options?: Partial<NoInfer<Options>>,
  ): void {
    if (sharedClient.current !== null)
      throw new Error('Cannot configure AsyncHTTPClient: the shared client is in use. Call configure earlier')
    Configurable.configure.call<ConfigurableClass<Base>, [typeof implementation, typeof options], void>(
      this,
      implementation,
      options,
    )
  }

  /** Whether {@link close} was called. */
  get closed(): boolean {
    return this.#closed
  }

  /** Ends all fetches under way with a {@link ClientClosedError} and closes all connections. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (sharedClient.current === this) sharedClient.current = null
    for (const giveUp of this.#waiting) giveUp(new ClientClosedError())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  /**
   * Fetches, and resolves with the response when it is complete.
   *
   * @param request A URL, which takes `options`; or a request, which has them.
   * @throws {HTTPClientError} (rejection) When the status is outside 200 to 299, unless `raiseError` is `false`.
   * @throws {HTTPTimeoutError | HTTPStreamClosedError | HTTPProtocolError | HTTPQueueFullError} (rejection) Without a response.
   * @throws {TypeError | HTTPOutputError} (rejection) When the request cannot be sent as it is; nothing was sent.
   * @throws {Error} (rejection) The system's error when there is no connection, the signal's reason, those of callbacks.
   * @throws {ClientClosedError} (rejection) After {@link close}.
   */
  fetch(request: string | URL | HTTPRequest, options?: FetchOptions): Promise<HTTPResponse> {
    return new Promise<HTTPResponse>((resolve, reject) => {
      // What is thrown in here rejects the promise.
      if (this.#closed) throw new ClientClosedError()
      const raiseError = options?.raiseError ?? true
      const made = toRequest(request, options)
      const settle = (response: HTTPResponse): void => {
        const error = response.isComplete && !raiseError ? null : response.error
        if (error === null) resolve(response)
        else reject(error)
      }
      const retry = made.retry ?? this.settings.retry
      if (retry === undefined) this.fetchImpl(made, settle)
      else this.#fetchAgain(made, retry, settle)
    })
  }

  /**
   * Fetches, and resolves with the response as soon as its head has come. Its body is iterated over, no faster than it is
   * taken; leaving the loop early ends the fetch.
   *
   * @example
   * for await (const chunk of await client.stream('http://localhost:8888/large')) console.log(chunk.length)
   *
   * @throws {Error} (rejection) As {@link fetch}.
   */
  async stream(request: string | URL | HTTPRequest, options?: FetchOptions): Promise<HTTPResponseStream> {
    const given = toRequest(request, options)
    // That of the user stays as it is.
    const made = given === request ? new HTTPRequest(given.url, given) : given
    const { raiseError = true } = options ?? {}
    return await openResponseStream(made, raiseError, (ready) => this.fetch(ready, { raiseError }))
  }

  /** For subclasses: fetches, and calls back once, for a failure with a response of code 599 that has an `error`. */
  fetchImpl(_request: HTTPRequest, _callback: (response: HTTPResponse) => void): void {
    throw new TypeError('fetchImpl must be overridden')
  }

  #fetchAgain(request: HTTPRequest, retry: RetryOptions, callback: (response: HTTPResponse) => void): void {
    const beganMs = performance.now()
    const { signal } = request
    let attempt = 0
    const next = (): void => {
      attempt++
      this.fetchImpl(request, (response) => {
        const delayMs = isReplayable(request)
          ? retryDelay(response, attempt, performance.now() - beganMs, retry)
          : null
        if (delayMs === null || this.#closed || signal?.aborted === true) {
          callback(response)
          return
        }
        const endWait = (): void => {
          clearTimeout(timer)
          this.#waiting.delete(giveUp)
          signal?.removeEventListener('abort', onAbort)
        }
        const giveUp = (error: Error): void => {
          endWait()
          callback(new HTTPResponse(request, 599, { error }))
        }
        const onAbort = (): void => giveUp(reasonOf(signal!))
        const timer = setTimeout(() => {
          endWait()
          next()
        }, delayMs)
        this.#waiting.add(giveUp)
        signal?.addEventListener('abort', onAbort)
      })
    }
    next()
  }
}

/** The class to use when none was configured; it registers itself, since it extends the one here. */
export const defaultClient: { implementation: Implementation<AsyncHTTPClient, object> | null } = {
  implementation: null,
}

const key = Symbol.for('tornado.httpclient.shared.v1')
/** The client that all parts of this thread's program share. */
const sharedClient: { current: AsyncHTTPClient | null } = ((
  globalThis as { [key]?: { current: AsyncHTTPClient | null } }
)[key] ??= { current: null })

function sharedOrOwn({ forceInstance = false, ...options }: AsyncHTTPClientOptions): AsyncHTTPClient {
  const own = forceInstance || Object.keys(options).length > 0
  if (!own && sharedClient.current !== null) return sharedClient.current
  const client = makeConfigured(options)
  if (!own) sharedClient.current = client
  return client
}

function makeConfigured(options: object): AsyncHTTPClient {
  // As `new AsyncHTTPClient(options)` would, were that not what answers the shared client.
  return Reflect.construct(Configurable, [options], AsyncHTTPClient) as AsyncHTTPClient
}

function toRequest(request: string | URL | HTTPRequest, options: FetchOptions | undefined): HTTPRequest {
  if (!(request instanceof HTTPRequest)) return new HTTPRequest(request, options)
  if (options !== undefined) {
    const other = Object.keys(options).find(
      (name) => name !== 'raiseError' && options[name as keyof FetchOptions] !== undefined,
    )
    if (other !== undefined)
      throw new TypeError(`Options cannot be given beside an HTTPRequest object: ${other}`)
  }
  return request
}

/** Whether what the user gets of a first try does not spoil a second. */
function isReplayable({ body, streamingCallback, headerCallback, headCallback }: HTTPRequest): boolean {
  if (streamingCallback !== undefined || headerCallback !== undefined || headCallback !== undefined)
    return false
  return (
    body === null || typeof body === 'string' || body instanceof Uint8Array || body instanceof URLSearchParams
  )
}
