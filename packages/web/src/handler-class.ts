import type { HTTPServerRequest } from '@tornado-ts/httputil'
import type { Application } from './application.ts'
import type { RequestHandler } from './request-handler.ts'

/** A class whose instances answer requests of applications with these settings. */
export interface HandlerClass<Settings extends object = object> {
  new (application: Application<Settings>, request: HTTPServerRequest): RequestHandler<Settings>
  readonly SUPPORTED_METHODS: readonly string[]
}

/** A class of handlers, whatever settings of its own the application must have for them. */
export interface AnyHandlerClass {
  new (
    application: never,
    request: HTTPServerRequest,
  ): Pick<RequestHandler, 'request' | 'prepare' | 'writeError' | 'onFinish'>
  readonly SUPPORTED_METHODS: readonly string[]
}
