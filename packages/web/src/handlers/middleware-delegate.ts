import type { HTTPMessageDelegate, HTTPServerRequest } from '@tornado-ts/httputil'
import type { Application } from '../application.ts'
import type { HandlerClass } from '../handler-class.ts'
import { HandlerContext } from '../handler-context.ts'
import type { HandlerDelegateOptions } from '../handler-delegate-options.ts'
import { joinChunks } from '../input/join-chunks.ts'
import { isPromise } from '../is-promise.ts'
import { runMiddleware } from './middleware.ts'
import type { HandlerResult, RequestHandler } from '../request-handler.ts'
import { responseOf } from '../output/response-writer.ts'
import { admitRequest, callMethod, failHandler, finishHandler, startHandler } from '../run-handler.ts'

/** Gathers the body of a request, then makes its handler and runs it inside of middleware. */
export class MiddlewareDelegate<Settings extends object> implements HTTPMessageDelegate {
  readonly #application: Application<Settings>
  readonly #request: HTTPServerRequest
  readonly #handlerClass: HandlerClass<Settings>
  readonly #options: HandlerDelegateOptions
  readonly #chunks: Buffer[] = []

  constructor(
    application: Application<Settings>,
    request: HTTPServerRequest,
    handlerClass: HandlerClass<Settings>,
    options: HandlerDelegateOptions,
  ) {
    this.#application = application
    this.#request = request
    this.#handlerClass = handlerClass
    this.#options = options
  }

  headersReceived(): void {}

  dataReceived(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  finish(): void {
    if (this.#chunks.length > 0) this.#request.body = joinChunks(this.#chunks)
    const { targetKwargs = {} } = this.#options
    const handler = new this.#handlerClass(this.#application, this.#request)
    if (startHandler(handler, targetKwargs)) this.#run(handler)
  }

  onConnectionClose(): void {
    this.#chunks.length = 0
  }

  #run(handler: RequestHandler<Settings>): void {
    const { pathArgs, pathKwargs, middleware = [] } = this.#options
    const context = new HandlerContext()
    try {
      admitRequest(handler, pathArgs, pathKwargs)
      const result = runMiddleware(handler as unknown as RequestHandler, middleware, () => {
        context.enter()
        return run(handler)
      })
      if (isPromise(result)) void finishAfter(handler, result, context)
      else context.run(() => finishHandler(handler))
    } catch (error) {
      context.run(() => failHandler(handler, error))
    }
  }
}

function run<Settings extends object>(handler: RequestHandler<Settings>): HandlerResult {
  const prepared = handler.prepare()
  return isPromise(prepared) ? prepared.then(() => runMethod(handler)) : runMethod(handler)
}

function runMethod<Settings extends object>(handler: RequestHandler<Settings>): HandlerResult {
  return responseOf(handler).finished ? undefined : callMethod(handler)
}

async function finishAfter<Settings extends object>(
  handler: RequestHandler<Settings>,
  result: Promise<void>,
  context: HandlerContext,
): Promise<void> {
  try {
    await result
    context.run(() => finishHandler(handler))
  } catch (error) {
    context.run(() => failHandler(handler, error))
  }
}
