import type { HTTPMessageDelegate, HTTPServerRequest } from '@tornado-ts/httputil'
import type { FindHandlerOptions } from '@tornado-ts/httpserver/routing'
import type { Application } from './application.ts'
import type { HandlerClass } from './handler-class.ts'
import { joinChunks } from './input/join-chunks.ts'
import { executeHandler, startHandler } from './run-handler.ts'

/** Gathers the body of a request, then makes its handler and runs it. */
export class HandlerDelegate<Settings extends object> implements HTTPMessageDelegate {
  readonly #application: Application<Settings>
  readonly #request: HTTPServerRequest
  readonly #handlerClass: HandlerClass<Settings>
  readonly #options: FindHandlerOptions
  #chunks: Buffer[] | null = null

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

  headersReceived(): void {}

  dataReceived(chunk: Buffer): void {
    this.#chunks ??= []
    this.#chunks.push(chunk)
  }

  finish(): void {
    const request = this.#request
    if (this.#chunks !== null) {
      request.body = joinChunks(this.#chunks)
      this.#chunks = null
    }
    const { targetKwargs = noKwargs, pathArgs, pathKwargs } = this.#options
    const handler = new this.#handlerClass(this.#application, request)
    if (startHandler(handler, targetKwargs)) executeHandler(handler, pathArgs, pathKwargs)
  }

  onConnectionClose(): void {
    this.#chunks = null
  }
}

const noKwargs: Readonly<Record<string, unknown>> = {}
