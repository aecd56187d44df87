import type { HTTPHeaders } from '@tornado-ts/httputil'
import { wholeState } from './middleware.ts'
import { RequestHandler } from '../request-handler.ts'

/**
 * What a function that answers requests is given: all that a {@link RequestHandler} has, and the request's own fields at hand.
 *
 * @typeParam Settings The application's own settings.
 * @typeParam State What middleware around the function has added.
 */
export class RequestContext<
  Settings extends object = object,
  State extends object = object,
> extends RequestHandler<Settings> {
  /** The arguments of the rule. */
  kwargs: Readonly<Record<string, unknown>> = {}

  override initialize(kwargs: Readonly<Record<string, unknown>>): void {
    this.kwargs = kwargs
  }

  /** What middleware around the function has added. */
  get state(): Readonly<State> {
    return wholeState(this) as State
  }

  /** `GET`, `POST` and so on. */
  get method(): string {
    return this.request.method
  }

  /** The target of the request as received: path and query. */
  get uri(): string {
    return this.request.uri
  }

  /** The path, not decoded. */
  get path(): string {
    return this.request.path
  }

  get headers(): HTTPHeaders {
    return this.request.headers
  }

  /** The body as bytes. */
  get body(): Buffer {
    return this.request.body
  }

  /** The client's address. */
  get remoteIp(): string {
    return this.request.remoteIp
  }

  /** Fires when the client goes away before it is answered. */
  get signal(): AbortSignal {
    return this.request.signal
  }
}

/**
 * What a function answers a request with: text, bytes, an object that is sent as JSON, or nothing, when it has written or
 * finished the response itself. What else a method of a handler may answer it may answer too.
 */
export type FunctionResult = string | Uint8Array | object | void

/**
 * A function that answers requests. It gets the context of the request, and the groups of the path in order when they have no
 * names. An optional group that took no part is `null`: declare it `string | null`.
 */
export type HandlerFunction<Settings extends object = object, State extends object = object> = (
  request: RequestContext<Settings, State>,
  ...pathArgs: string[]
) => FunctionResult | Promise<FunctionResult>

/** Functions by the method of HTTP that they answer, in lower case: `{ get, post }`. HEAD is answered by `get`. */
export interface HandlerFunctions<Settings extends object = object, State extends object = object> {
  readonly get?: HandlerFunction<Settings, State>
  readonly head?: HandlerFunction<Settings, State>
  readonly post?: HandlerFunction<Settings, State>
  readonly put?: HandlerFunction<Settings, State>
  readonly patch?: HandlerFunction<Settings, State>
  readonly delete?: HandlerFunction<Settings, State>
  readonly options?: HandlerFunction<Settings, State>
  readonly query?: HandlerFunction<Settings, State>
}
