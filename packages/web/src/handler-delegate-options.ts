import type { FindHandlerOptions } from '@tornado-ts/httpserver/routing'
import type { AnyMiddleware } from './handlers/middleware.ts'

/** What a rule tells the delegate of its handler. */
export interface HandlerDelegateOptions extends FindHandlerOptions {
  /** What surrounds the handler, the outermost first. @default none */
  middleware?: readonly AnyMiddleware[]
}
