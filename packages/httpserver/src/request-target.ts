import type {
  HTTPConnection,
  HTTPMessageDelegate,
  HTTPServerConnectionDelegate,
  HTTPServerRequest,
} from '@tornado-ts/httputil'
import { CallbackDelegate } from './callback-delegate.ts'

/** Answers a request whose body is complete, through `request.connection`. */
export type RequestCallback = (request: HTTPServerRequest) => void

/** What a server serves: a delegate, such as an `Application` or a router, or a function. */
export type RequestTarget = HTTPServerConnectionDelegate | RequestCallback

/** The delegate for the message of a request that begins. */
export function startRequestOf(
  target: RequestTarget,
  serverConnection: object,
  connection: HTTPConnection,
): HTTPMessageDelegate {
  if (typeof target === 'function') return new CallbackDelegate(target, serverConnection, connection)
  return target.startRequest(serverConnection, connection)
}
