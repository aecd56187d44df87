import type {
  ConnectionContext,
  HTTPConnection,
  HTTPHeaders,
  HTTPMessageDelegate,
  RequestStartLine,
  ResponseStartLine,
} from '@tornado-ts/httputil'

/** A connection whose exchange can be told that it is with another peer. */
export interface ReassignableConnection extends HTTPConnection {
  context: ConnectionContext
}

/**
 * Lets the fields that a proxy has set decide who the client of one request is.
 *
 * The next request on the connection may be another client's: the context is set for the exchange alone.
 * Tornado: httpserver._ProxyAdapter.
 */
export class ProxyDelegate implements HTTPMessageDelegate {
  readonly #delegate: HTTPMessageDelegate
  readonly #connection: ReassignableConnection
  readonly #readContext: (headers: HTTPHeaders, peer: ConnectionContext) => ConnectionContext

  constructor(
    delegate: HTTPMessageDelegate,
    connection: ReassignableConnection,
    readContext: (headers: HTTPHeaders, peer: ConnectionContext) => ConnectionContext,
  ) {
    this.#delegate = delegate
    this.#connection = connection
    this.#readContext = readContext
  }

  headersReceived(
    startLine: RequestStartLine | ResponseStartLine,
    headers: HTTPHeaders,
  ): void | Promise<void> {
    this.#connection.context = this.#readContext(headers, this.#connection.context)
    return this.#delegate.headersReceived(startLine, headers)
  }

  dataReceived(chunk: Buffer): void | Promise<void> {
    return this.#delegate.dataReceived(chunk)
  }

  trailersReceived(trailers: HTTPHeaders): void {
    this.#delegate.trailersReceived?.(trailers)
  }

  finish(): void {
    this.#delegate.finish()
  }

  onConnectionClose(): void {
    this.#delegate.onConnectionClose()
  }
}
