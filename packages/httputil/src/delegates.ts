import type { PeerCertificate } from 'node:tls'
import type { HTTPHeaders } from './headers.ts'
import type { RequestStartLine, ResponseStartLine } from './start-line.ts'

/** Who is at the other end of a connection, and how it is reached. */
export interface ConnectionContext {
  /** The peer's address, or `0.0.0.0` when it has none (a Unix socket). */
  readonly remoteIp: string
  readonly protocol: 'http' | 'https'
  /** The certificate that the peer has shown, `null` when it has shown none. Absent without TLS. */
  readonly getSslCertificate?: () => PeerCertificate | null
  /** Fires when the server takes its leave: what goes on by itself, such as a WebSocket, should end. */
  readonly closing?: AbortSignal
}

/**
 * The application's side of a server connection: answers each request with a delegate for its message.
 * Tornado: httputil.HTTPServerConnectionDelegate.
 */
export interface HTTPServerConnectionDelegate {
  /** A request begins. `serverConnection` identifies the connection it came by. */
  startRequest(serverConnection: object, requestConnection: HTTPConnection): HTTPMessageDelegate
  /** The connection is closed; called once. */
  onClose?(serverConnection: object): void
}

/**
 * Receives one message: `headersReceived`, any number of `dataReceived`, `trailersReceived` when there are any, then
 * exactly one of `finish` and `onConnectionClose`.
 *
 * While a promise it returned is pending, nothing more of the message is delivered and the peer is made to wait.
 * Tornado: httputil.HTTPMessageDelegate.
 */
export interface HTTPMessageDelegate {
  /** The head is there. A client's delegate gets it again after each informational (1xx) response. */
  headersReceived(startLine: RequestStartLine | ResponseStartLine, headers: HTTPHeaders): void | Promise<void>
  /** A piece of the body, without transfer coding. */
  dataReceived(chunk: Buffer): void | Promise<void>
  /**
   * The fields behind the body, just before `finish`; only when a chunked message had any (RFC 9112 §7.1.2). They are not
   * merged into the head: what they say about framing, routing or authority must not be believed (RFC 9110 §6.5.1).
   */
  trailersReceived?(trailers: HTTPHeaders): void
  /** The message is complete. */
  finish(): void
  /** The connection closed, or the message broke off, before it was complete. */
  onConnectionClose(): void
}

/**
 * One exchange of a connection, as the application writes to it. Tornado: httputil.HTTPConnection.
 *
 * A call answers a promise only when the caller should wait before it writes more: it resolves when the buffer has
 * emptied and rejects with `StreamClosedError` when the connection closes. Nobody has to await it.
 */
export interface HTTPConnection {
  readonly context: ConnectionContext
  /** Fires when the peer is gone before the exchange is over. */
  readonly signal: AbortSignal
  /**
   * Sends the head, and the first piece of the body with it. An informational (1xx) head may precede the real one.
   *
   * @throws {HTTPOutputError} When the start line or the framing fields are not valid.
   */
  writeHeaders(
    startLine: RequestStartLine | ResponseStartLine,
    headers: HTTPHeaders,
    chunk?: string | Uint8Array,
  ): void | Promise<void>
  /**
   * Sends a piece of the body; text as UTF-8.
   *
   * @throws {HTTPOutputError} Beyond the announced length.
   */
  write(chunk: string | Uint8Array): void | Promise<void>
  /**
   * The message is complete.
   *
   * @param trailers Fields to send behind the body. Only a chunked one has room for them; otherwise they are not sent.
   * @throws {HTTPOutputError} Short of the announced length, or for a trailer that must not be sent as one.
   */
  finish(trailers?: HTTPHeaders): void
  /** Breaks the message off: the connection closes, so that the peer does not take what it got for the whole. */
  abort(): void
  /** Calls back once if the connection closes before the exchange is over. `null` takes it back. */
  setCloseCallback(callback: (() => void) | null): void
  /** Most bytes of body for this message. */
  setMaxBodySize(maxBodySize: number): void
  /** Longest time the body of this message may take to arrive. */
  setBodyTimeout(bodyTimeoutMs: number): void
}
