// Applications
export { Application, type ApplicationRule, type ApplicationTarget } from './application.ts'
export type { ApplicationSettings } from './settings.ts'
export { URLSpec, URLSpec as url } from '@tornado-ts/httpserver/routing'

// Handlers
export { RequestHandler, type HandlerResult, type MethodResult } from './request-handler.ts'
export type { ErrorPageOptions } from './error-pages/error-answer.ts'
export type { RedirectOptions } from './output/redirect.ts'
export {
  RequestContext,
  type FunctionResult,
  type HandlerFunction,
  type HandlerFunctions,
} from './handlers/request-context.ts'
export type { ArgumentOptions, SignedCookieOptions } from './input/request-reader.ts'
export type { SetSignedCookieOptions } from './output/response-writer.ts'
export type { HeaderValue } from './output/handler-response.ts'
export type { AnyHandlerClass, HandlerClass } from './handler-class.ts'
export { ErrorHandler } from './handlers/error-handler.ts'
export { FallbackHandler } from './handlers/fallback-handler.ts'
export { RedirectHandler } from './handlers/redirect-handler.ts'
export { StaticFileHandler } from './static/static-file-handler.ts'
export type { StaticFileOptions } from './static/static-rule.ts'
export type { AnyStaticHandlerClass, StaticHandlerClass, StaticUrlOptions } from './static/static-url.ts'
export type { StaticContent } from './static/static-version.ts'
export type { SiblingEnding } from './static/static-siblings.ts'
export { contentTypeOf } from './static/content-type.ts'
export { streamRequestBody } from './input/stream-request-body.ts'
export { authenticated } from './security/authenticated.ts'
export { addslash, removeslash } from './handlers/slashes.ts'

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
} from './handlers/middleware.ts'

// Input
export type { InputSchemas, ValidateOptions, ValidInput } from './input/validation.ts'
export type { SchemaOutput, StandardIssue, StandardResult, StandardSchema } from './input/standard-schema.ts'
export type { JsonBodyOptions } from './input/json-body.ts'
export type { PartsOptions } from './input/request-body.ts'

// Output
export { OutputTransform, type FirstChunk, type OutputTransformClass } from './output/output-transform.ts'
export { contentEncoding, type ContentEncodingOptions } from './output/content-encoding.ts'
export { GZipContentEncoding } from './output/gzip-content-encoding.ts'
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
} from './output/content-encoder.ts'
export type { Returned } from './output/returned-value.ts'
export { EventSourceHandler } from './events/event-source-handler.ts'
export type { ServerSentEvent } from './events/server-sent-event.ts'

// Pages
export { type TemplateResources, TemplateModule } from './pages/template-module.ts'
export { UIModule, type UIModuleOutput } from './pages/ui-module.ts'
export type {
  ModuleFunctions,
  UIMethod,
  UIMethods,
  UIModuleClass,
  UIModules,
  UserInterface,
} from './pages/user-interface.ts'
export type { TemplateNamespace } from './pages/template-namespace.ts'
export { isAbsolute } from './pages/page-resources.ts'

// Errors
export { Finish, HTTPError, MissingArgumentError, type HTTPErrorOptions } from './errors.ts'
export { ProblemError, type ProblemDetails } from './error-pages/problem.ts'
export { ValidationError, type InputIssue } from './input/validation.ts'

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
} from './security/signed-value.ts'
