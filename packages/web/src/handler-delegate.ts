import type { HTTPMessageDelegate, HTTPServerRequest } from '@tornado-ts/httputil'
import type { FindHandlerOptions } from '@tornado-ts/httpserver/routing'
import type { Application } from './application.ts'
import type { HandlerClass } from './handler-class.ts'
import {
  executeHandler,
  executeStream,
  prepareStream,
  receiveStream,
  startHandler,
  type RequestHandler,
} from './request-handler.ts'
import { streamsRequestBody } from './stream-request-body.ts'

/**
 * Gathers the body of a request, then makes its handler and runs it; or makes the handler at once, if it takes the body in pieces.
 */
export class HandlerDelegate<Settings extends object> implements HTTPMessageDelegate {
  readonly #application: Application<Settings>
  readonly #request: HTTPServerRequest
  readonly #handlerClass: HandlerClass<Settings>
  readonly #options: FindHandlerOptions
  #chunks: Buffer[] | null = null
  /** A handler that takes the body in pieces. */
  #streaming: RequestHandler<Settings> | null = null

  constructor(
    application: Application<Settings>,
    request: HTTPServerRequest,
    handlerClass: HandlerClass<Settings>,
    options: FindHandlerOptions,
  ) {
    this.#application = application
    this.#request = request
    this.#handlerClass = handlerClass
    this.#options = options
  }

  headersReceived(): void | Promise<void> {
    if (!streamsRequestBody(this.#handlerClass)) return undefined
    const { targetKwargs = noKwargs, pathArgs, pathKwargs } = this.#options
    this.#streaming = new this.#handlerClass(this.#application, this.#request)
    startHandler(this.#streaming, targetKwargs)
    return prepareStream(this.#streaming, pathArgs, pathKwargs)
  }

  dataReceived(chunk: Buffer): void | Promise<void> {
    if (this.#streaming !== null) return receiveStream(this.#streaming, chunk)
    this.#chunks ??= []
    this.#chunks.push(chunk)
    return undefined
  }

  finish(): void {
    if (this.#streaming !== null) {
      executeStream(this.#streaming)
      return
    }
    const request = this.#request
    if (this.#chunks !== null) {
      request.body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
      this.#chunks = null
    }
    const { targetKwargs = noKwargs, pathArgs, pathKwargs } = this.#options
    const handler = new this.#handlerClass(this.#application, request)
    startHandler(handler, targetKwargs)
    executeHandler(handler, pathArgs, pathKwargs)
  }

  /** A handler that streams hears of it by its connection. */
  onConnectionClose(): void {
    this.#chunks = null
  }
}

const noKwargs: Readonly<Record<string, unknown>> = {}
