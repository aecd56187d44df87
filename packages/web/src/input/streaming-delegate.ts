import type { HTTPMessageDelegate, HTTPServerRequest } from '@tornado-ts/httputil'
import { appLog } from '@tornado-ts/log'
import type { Application } from '../application.ts'
import type { HandlerClass } from '../handler-class.ts'
import { HandlerContext } from '../handler-context.ts'
import type { HandlerDelegateOptions } from '../handler-delegate-options.ts'
import { abandon } from '../handler-end.ts'
import { runMiddleware } from '../handlers/middleware.ts'
import { openRequestBody, type RequestBody } from './request-body.ts'
import { RequestHandler } from '../request-handler.ts'
import { responseOf } from '../output/response-writer.ts'
import { admitRequest, callMethod, failHandler, finishHandler, startHandler } from '../run-handler.ts'

/**
 * Makes a handler when the head of its request has arrived, and hands it the body in pieces: by `dataReceived` if the class
 * overrides it, and the method runs after the last; else the method runs at once and reads them.
 */
export class StreamingDelegate<Settings extends object> implements HTTPMessageDelegate {
  readonly #makeHandler: () => RequestHandler<Settings>
  /** There is none before the head has arrived. */
  #handler!: RequestHandler<Settings>
  readonly #options: HandlerDelegateOptions
  /** Resolved when the body may come. */
  readonly #prepared = Promise.withResolvers<void>()
  /** Resolved when the body has come. */
  readonly #received = Promise.withResolvers<void>()
  /** What the reading fails with when the client has gone. */
  #gone: unknown = null
  /** What the method reads; `null` for a class with `dataReceived`. */
  #body: RequestBody | null = null

  constructor(
    application: Application<Settings>,
    request: HTTPServerRequest,
    handlerClass: HandlerClass<Settings>,
    options: HandlerDelegateOptions,
  ) {
    this.#options = options
    this.#makeHandler = () => new handlerClass(application, request)
    // Nobody may be waiting for it.
    this.#received.promise.catch(() => undefined)
  }

  headersReceived(): Promise<void> {
    this.#handler = this.#makeHandler()
    const takes = this.#handler.dataReceived !== RequestHandler.prototype.dataReceived
    this.#body = takes ? null : openRequestBody(this.#handler)
    if (startHandler(this.#handler, this.#options.targetKwargs ?? {})) void this.#run()
    else this.#prepared.resolve()
    return this.#prepared.promise
  }

  async dataReceived(chunk: Buffer): Promise<void> {
    if (this.#finished) return
    if (this.#body !== null) {
      await this.#body.push(chunk)
      return
    }
    try {
      await this.#handler.dataReceived(chunk)
      if (this.#finished) this.#received.resolve()
    } catch (error) {
      this.#received.reject(error)
    }
  }

  finish(): void {
    this.#body?.end()
    this.#received.resolve()
  }

  onConnectionClose(): void {
    const { signal } = this.#handler.request
    this.#gone = signal.aborted ? signal.reason : new Error('The request broke off')
    this.#body?.fail(this.#gone)
    this.#received.reject(this.#gone)
  }

  get #finished(): boolean {
    return responseOf(this.#handler).finished
  }

  async #run(): Promise<void> {
    const handler = this.#handler
    const { pathArgs, pathKwargs, middleware = [] } = this.#options
    const context = new HandlerContext()
    try {
      admitRequest(handler, pathArgs, pathKwargs)
      await runMiddleware(handler as unknown as RequestHandler, middleware, () => {
        if (middleware.length > 0) context.enter()
        return this.#runHandler()
      })
      context.run(() => finishHandler(handler))
    } catch (error) {
      const isGone = this.#gone !== null && error === this.#gone
      context.run(() => (isGone ? abandon(handler) : failHandler(handler, error)))
    } finally {
      this.#prepared.resolve()
      this.#body?.close().catch((error: unknown) => appLog.error('Cannot remove temporary files', error))
    }
  }

  async #runHandler(): Promise<void> {
    await this.#handler.prepare()
    this.#prepared.resolve()
    if (this.#finished) return
    if (this.#body === null) {
      await this.#received.promise
      if (!this.#finished) await callMethod(this.#handler)
      return
    }
    await callMethod(this.#handler)
    if (this.#finished || this.#body.wanted || !hasBody(this.#handler.request)) return
    throw new Error(
      'A handler that streams its request body must override dataReceived, or read it with parts() or bodyChunks()',
    )
  }
}

function hasBody({ headers }: HTTPServerRequest): boolean {
  return headers.has('Transfer-Encoding') || Number(headers.get('Content-Length') ?? 0) > 0
}
