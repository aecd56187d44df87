// Clients
export { AsyncHTTPClient, type AsyncHTTPClientOptions, type FetchOptions } from './async-http-client.ts'
export { SimpleAsyncHTTPClient, type SimpleAsyncHTTPClientOptions } from './simple-async-http-client.ts'
export { fetch, type FetchInit } from './fetch-function.ts'

// Requests and responses
export {
  HTTPRequest,
  type HeaderFields,
  type HTTPRequestOptions,
  type RequestBody,
  type RequestSettings,
  type WriteBody,
} from './http-request.ts'
export { HTTPResponse, type HTTPResponseInit, type TimeInfo } from './http-response.ts'
export { HTTPResponseStream } from './response-stream.ts'
export type { CookieJar } from './cookie-jar.ts'
export type { RetryOptions } from './retry.ts'
export { denyPrivateAddresses, type AddressGuard } from './address-guard.ts'

// Errors
export {
  ClientClosedError,
  ForbiddenAddressError,
  HTTPClientError,
  HTTPClientError as HTTPError,
  HTTPProtocolError,
  HTTPQueueFullError,
  HTTPStreamClosedError,
  HTTPTimeoutError,
  type HTTPClientErrorOptions,
  type TimeoutPhase,
} from './errors.ts'

// For other protocols over the same connections
export { connectOrigin, type ConnectOriginOptions, type OriginConnection } from './connect-origin.ts'
export { type RequestTarget } from './request-target.ts'
export { cookiesFor, storeCookies } from './cookie-jar.ts'

// For other engines
export { FetchTask } from './fetch-task.ts'
export { type BodySource } from './body-source.ts'
export { TaskFifo, type Queued } from './task-fifo.ts'
export { proxyOf } from './connect-origin.ts'
export { idempotentMethods } from './retry.ts'
export { type ResolvedSettings } from './settings.ts'
