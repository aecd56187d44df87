// The container
export { WSGIContainer, type WSGIContainerOptions } from './wsgi-container.ts'
export type { Gateway, GatewayApplication, GatewayOptions, GatewayParams } from './gateway.ts'
export type { QueueOptions } from './fastcgi-pool.ts'

// Applications of Python
export { pythonApp, PythonApplication, type PythonAppOptions } from './python-app.ts'

// FastCGI servers
export { fastcgi, FastCGIApplication, type FastCGIAddress, type FastCGIAppOptions } from './fastcgi-app.ts'
export { FastCGIClient, type FastCGIClientOptions } from './fastcgi-client.ts'
export { FastCGIRequest, type FastCGIListener } from './fastcgi-request.ts'

// Applications of TypeScript
export type { StartResponse, WSGIEnviron, WSGIErrors, WSGIFunction, WSGIInput } from './wsgi-types.ts'
export type { FunctionApplication } from './function-runner.ts'
export { runModuleFunction } from './run-module-function.ts'
export type { FunctionCall, FunctionResult } from './run-function.ts'

// Variables of a request
export { toEnviron, toWsgiStr, type Environ, type EnvironOptions } from './environ.ts'

// Errors
export {
  FastCGIConnectionError,
  FastCGIProtocolError,
  NoWorkerError,
  RequestTimeoutError,
  WorkerStartError,
  WSGIApplicationError,
} from './errors.ts'
