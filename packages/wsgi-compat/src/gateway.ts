import type { HTTPServerRequest } from '@tornado-ts/httputil'
import type { FastCGIRequest } from './fastcgi-request.ts'
import type { QueueOptions } from './fastcgi-pool.ts'

/** Limits of a gateway, as the container has them. */
export interface GatewayOptions extends QueueOptions {
  /** Longest time in which a running request may make no progress; then it is answered 504. In ms. @default 60_000 */
  requestTimeoutMs?: number
}

/** Variables beside those of the request, or a function that tells those of each; one character a byte. */
export type GatewayParams =
  | Readonly<Record<string, string>>
  | ((request: HTTPServerRequest) => Readonly<Record<string, string>>)

/** Runs requests in other processes. */
export interface Gateway {
  readonly params: GatewayParams
  /** Resolves when requests can run. */
  ready(): Promise<void>
  submit(request: FastCGIRequest): void
  /** Replaces the processes that it has started, where it has. */
  reload?(): void
  /** Takes no further requests and resolves when those under way are over and all that it has started is gone. */
  close(): Promise<void>
}

/** An application in other processes: made by `pythonApp` and `fastcgi`, run by a `WSGIContainer`. */
export interface GatewayApplication {
  /** Starts what it takes to run it. */
  open(options: GatewayOptions): Gateway
}
