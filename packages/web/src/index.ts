// Applications
export { Application, type ApplicationRule, type ApplicationTarget } from './application.ts'
export type { ApplicationSettings } from './settings.ts'
export { URLSpec, URLSpec as url } from '@tornado-ts/httpserver/routing'

// Handlers
export { RequestHandler, type HandlerResult, type MethodResult } from './request-handler.ts'
export type { ErrorPageOptions } from './error-answer.ts'
export type { RedirectOptions } from './redirect.ts'
export {
  RequestContext,
  type FunctionResult,
  type HandlerFunction,
  type HandlerFunctions,
} from './request-context.ts'
export type { ArgumentOptions, SignedCookieOptions } from './request-reader.ts'
export type { SetSignedCookieOptions } from './response-writer.ts'
export type { HeaderValue } from './handler-response.ts'
export type { AnyHandlerClass, HandlerClass } from './handler-class.ts'
export { ErrorHandler } from './error-handler.ts'
export { FallbackHandler } from './fallback-handler.ts'
export { RedirectHandler } from './redirect-handler.ts'
export { StaticFileHandler } from './static-file-handler.ts'
export type { StaticFileOptions } from './static-rule.ts'
export type { AnyStaticHandlerClass, StaticHandlerClass, StaticUrlOptions } from './static-url.ts'
export type { StaticContent } from './static-version.ts'
export type { SiblingEnding } from './static-siblings.ts'
export { contentTypeOf } from './content-type.ts'
export { streamRequestBody } from './stream-request-body.ts'
export { authenticated } from './authenticated.ts'
export { addslash, removeslash } from './slashes.ts'

// Around handlers
export {
  stateOf,
  withMiddleware,
  type AddedBy,
  type AnyMiddleware,
  type Middleware,
  type MiddlewareGroup,
  type Next,
  type WithMiddleware,
} from './middleware.ts'

// Input
export type { InputSchemas, ValidateOptions, ValidInput } from './validation.ts'
export type { SchemaOutput, StandardIssue, StandardResult, StandardSchema } from './standard-schema.ts'
export type { JsonBodyOptions } from './json-body.ts'
export type { PartsOptions } from './request-body.ts'

// Output
export { OutputTransform, type FirstChunk, type OutputTransformClass } from './output-transform.ts'
export { contentEncoding, type ContentEncodingOptions } from './content-encoding.ts'
export { GZipContentEncoding } from './gzip-content-encoding.ts'
export {
  brotliEncoder,
  type ContentEncoder,
  deflateEncoder,
  defaultEncoders,
  type EncoderOptions,
  gzipEncoder,
  type OpenEncoderOptions,
  type StreamEncoder,
  zstdEncoder,
} from './content-encoder.ts'
export type { Returned } from './returned-value.ts'
export { EventSourceHandler } from './event-source-handler.ts'
export type { ServerSentEvent } from './server-sent-event.ts'

// Pages
export { type TemplateResources, TemplateModule } from './template-module.ts'
export { UIModule, type UIModuleOutput } from './ui-module.ts'
export type {
  ModuleFunctions,
  UIMethod,
  UIMethods,
  UIModuleClass,
  UIModules,
  UserInterface,
} from './user-interface.ts'
export type { TemplateNamespace } from './template-namespace.ts'
export { isAbsolute } from './page-resources.ts'

// Errors
export { Finish, HTTPError, MissingArgumentError, type HTTPErrorOptions } from './errors.ts'
export { ProblemError, type ProblemDetails } from './problem.ts'
export { ValidationError, type InputIssue } from './validation.ts'

export { version, versionInfo } from './version.ts'

// Signed values
export {
  createSignedValue,
  decodeSignedValue,
  DEFAULT_SIGNED_VALUE_MIN_VERSION,
  DEFAULT_SIGNED_VALUE_VERSION,
  getSignatureKeyVersion,
  MAX_SUPPORTED_SIGNED_VALUE_VERSION,
  MIN_SUPPORTED_SIGNED_VALUE_VERSION,
  type CookieSecret,
  type SignOptions,
  type VerifyOptions,
} from './signed-value.ts'
