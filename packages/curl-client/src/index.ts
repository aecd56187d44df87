// Client
export { CurlAsyncHTTPClient, type CurlAsyncHTTPClientOptions } from './curl-async-http-client.ts'
export { CurlHandle, type CurlOptionValue } from './curl-handle.ts'
export { type CurlTimeInfo } from './curl-exchange.ts'

// Log
export { curlLog } from './curl-log.ts'

// Errors
export { CurlError, LibcurlError } from './errors.ts'
