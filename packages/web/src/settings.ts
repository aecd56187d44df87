import type { HandlerClass } from './handler-class.ts'
import type { RequestHandler } from './request-handler.ts'

/** The settings of an application that the framework itself knows. */
export interface ApplicationSettings {
  /** Shorthand that turns on what helps during development: `serveTraceback`. @default false */
  debug?: boolean
  /** Shows the stack of an error on its page. @default the value of `debug` */
  serveTraceback?: boolean
  /** Called after each request in place of the access log. @default a line on `tornado.access` */
  logFunction?: (handler: RequestHandler) => void
  /** Answers requests that no rule matches. @default a 404 page */
  defaultHandlerClass?: HandlerClass
  /** What `defaultHandlerClass` is initialized with. @default {} */
  defaultHandlerArgs?: Readonly<Record<string, unknown>>
  /** Host whose rules also serve requests for hosts that no rule knows. @default none */
  defaultHost?: string
}
