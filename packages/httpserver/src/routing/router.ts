import {
  HTTPHeaders,
  HTTPServerRequest,
  ResponseStartLine,
  type HTTPConnection,
  type HTTPMessageDelegate,
  type HTTPServerConnectionDelegate,
  type RequestStartLine,
} from '@tornado-ts/httputil'
import type { MatchResult } from './matcher.ts'

/** What a router that found a rule hands on to the target's router. */
export interface FindHandlerOptions extends MatchResult {
  /** The rule's own arguments for its target. */
  readonly targetKwargs?: Readonly<Record<string, unknown>>
}

/** Finds who answers a request. Tornado: routing.Router. */
export abstract class Router implements HTTPServerConnectionDelegate {
  /** The delegate for a request whose head has arrived, or `null` when this router has none. */
  abstract findHandler(request: HTTPServerRequest, options?: FindHandlerOptions): HTTPMessageDelegate | null

  startRequest(serverConnection: object, requestConnection: HTTPConnection): HTTPMessageDelegate {
    return new RoutingDelegate(this, serverConnection, requestConnection)
  }
}

/** Waits for a request's head, then hands everything to the delegate that the router finds for it. */
class RoutingDelegate implements HTTPMessageDelegate {
  readonly #router: Router
  readonly #serverConnection: object
  readonly #connection: HTTPConnection
  #delegate: HTTPMessageDelegate | null = null

  constructor(router: Router, serverConnection: object, connection: HTTPConnection) {
    this.#router = router
    this.#serverConnection = serverConnection
    this.#connection = connection
  }

  headersReceived(startLine: RequestStartLine, headers: HTTPHeaders): void | Promise<void> {
    const request = new HTTPServerRequest({
      startLine,
      headers,
      connection: this.#connection,
      serverConnection: this.#serverConnection,
    })
    this.#delegate = this.#router.findHandler(request) ?? new NotFoundDelegate(this.#connection)
    return this.#delegate.headersReceived(startLine, headers)
  }

  dataReceived(chunk: Buffer): void | Promise<void> {
    return this.#delegate!.dataReceived(chunk)
  }

  trailersReceived(trailers: HTTPHeaders): void {
    this.#delegate!.trailersReceived?.(trailers)
  }

  finish(): void {
    this.#delegate!.finish()
  }

  onConnectionClose(): void {
    this.#delegate?.onConnectionClose()
  }
}

/** Answers a bare 404. */
class NotFoundDelegate implements HTTPMessageDelegate {
  readonly #connection: HTTPConnection

  constructor(connection: HTTPConnection) {
    this.#connection = connection
  }

  headersReceived(): void {}

  dataReceived(): void {}

  finish(): void {
    const headers = new HTTPHeaders({ 'Content-Length': '0' })
    void this.#connection.writeHeaders(new ResponseStartLine('HTTP/1.1', 404, 'Not Found'), headers)
    this.#connection.finish()
  }

  onConnectionClose(): void {}
}
