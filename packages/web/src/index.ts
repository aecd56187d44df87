// Applications
export { Application, type ApplicationRule, type ApplicationTarget } from './application.ts'
export type { ApplicationSettings } from './settings.ts'
export { URLSpec, URLSpec as url } from '@tornado-ts/httpserver/routing'

// Handlers
export {
  RequestHandler,
  type ErrorPageOptions,
  type HandlerResult,
  type RedirectOptions,
} from './request-handler.ts'
export type { ArgumentOptions, SignedCookieOptions } from './request-reader.ts'
export type { SetSignedCookieOptions } from './response-writer.ts'
export type { HeaderValue } from './handler-response.ts'
export type { HandlerClass } from './handler-class.ts'
export { ErrorHandler } from './error-handler.ts'
export { FallbackHandler } from './fallback-handler.ts'
export { RedirectHandler } from './redirect-handler.ts'
export { streamRequestBody } from './stream-request-body.ts'
export { authenticated } from './authenticated.ts'
export { addslash, removeslash } from './slashes.ts'

// Errors
export { Finish, HTTPError, MissingArgumentError, type HTTPErrorOptions } from './errors.ts'

export { version } from './version.ts'

// Signed values
export {
  createSignedValue,
  decodeSignedValue,
  getSignatureKeyVersion,
  type CookieSecret,
  type SignOptions,
  type VerifyOptions,
} from './signed-value.ts'
