import type { HTTPResponse } from './http-response.ts'
import { responses } from '@tornado-ts/httputil'

/** What an {@link HTTPClientError} carries besides its status. */
export interface HTTPClientErrorOptions extends ErrorOptions {
  /** The answer, when there is one. @default null */
  response?: HTTPResponse | null
}

/**
 * A fetch has failed. `code` is the status of the answer, or 599 when there is none.
 *
 * `response` is the answer, when one has come whole. Tornado: httpclient.HTTPClientError, and its alias `HTTPError`.
 */
export class HTTPClientError extends Error {
  override readonly name: string = 'HTTPClientError'
  readonly code: number
  readonly response: HTTPResponse | null

  /** @param reason Why. @default the standard reason of the code */
  constructor(code: number, reason?: string, { response = null, ...options }: HTTPClientErrorOptions = {}) {
    super(`HTTP ${code}: ${reason ?? responses[code] ?? 'Unknown'}`, options)
    this.code = code
    this.response = response
  }
}

/** Where a fetch was when its time was over. */
export type TimeoutPhase = 'queue' | 'connect' | 'first-byte' | 'request'

/**
 * A fetch took too long; `phase` tells at what: `queue` (no connection was free), `connect` (look-up, TCP, proxy, TLS),
 * `first-byte` (the server was silent) or `request` (all of it). `code` is 599.
 *
 * Tornado: simple_httpclient.HTTPTimeoutError.
 */
export class HTTPTimeoutError extends HTTPClientError {
  override readonly name: string = 'HTTPTimeoutError'
  readonly phase: TimeoutPhase

  constructor(phase: TimeoutPhase, options?: HTTPClientErrorOptions) {
    super(599, timeoutTexts[phase], options)
    this.phase = phase
  }
}

const timeoutTexts: Readonly<Record<TimeoutPhase, string>> = {
  queue: 'Timeout in request queue',
  connect: 'Timeout while connecting',
  'first-byte': 'Timeout waiting for the first byte of the response',
  request: 'Timeout during request',
}

/**
 * The server closed the connection before the response was complete. `code` is 599; `cause` is why, where that is known.
 *
 * Tornado: simple_httpclient.HTTPStreamClosedError.
 */
export class HTTPStreamClosedError extends HTTPClientError {
  override readonly name: string = 'HTTPStreamClosedError'

  constructor(message = 'Connection closed', options?: HTTPClientErrorOptions) {
    super(599, message, options)
  }
}

/** The response is malformed or beyond a limit. `code` is 599; `cause` is the `HTTPInputError` that tells what is wrong. */
export class HTTPProtocolError extends HTTPClientError {
  override readonly name: string = 'HTTPProtocolError'

  constructor(message: string, options?: HTTPClientErrorOptions) {
    super(599, message, options)
  }
}

/** More requests wait than `maxQueueSize`; this one was not sent. `code` is 599. */
export class HTTPQueueFullError extends HTTPClientError {
  override readonly name: string = 'HTTPQueueFullError'

  constructor(size: number) {
    super(599, `More than ${size} requests wait for a connection`)
  }
}

/** A fetch of a client that is closed. */
export class ClientClosedError extends Error {
  override readonly name = 'ClientClosedError'

  constructor() {
    super('Cannot fetch with a client that is closed')
  }
}

/** The client may not go to any of a host's addresses: see `addressGuard`. Nothing was sent. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError'
  readonly host: string
  /** Those that were refused. */
  readonly addresses: readonly string[]

  constructor(host: string, addresses: readonly string[]) {
    super(`Refused to connect to ${host}: ${addresses.join(', ')}`)
    this.host = host
    this.addresses = addresses
  }
}
