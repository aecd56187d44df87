import { genLog } from '@tornado-ts/log'
import { RequestHandler, type HeaderValue, type StandardSchema } from '@tornado-ts/web'
import { computeAcceptValue } from './accept-value.ts'
import {
  defaultMaxMessageSize,
  resolveConnectionParams,
  type ConnectionParams,
  type SlowReaderPolicy,
} from './connection-params.ts'
import type { CompressionOptions } from './deflate/compression-options.ts'
import { WebSocketClosedError } from './errors.ts'
import type { MessageSink } from './message-sink.ts'
import { readTypedMessage } from './message-schema.ts'
import type { PreparedMessage, Sendable } from './prepared-message.ts'
import { isSameOrigin, supportedVersions } from './protocol/handshake.ts'
import {
  acceptCompression,
  keyOf,
  originOf,
  pickSubprotocol,
  speaksOtherVersion,
  wrongUpgrade,
} from './server-handshake.ts'
import { closeWithServer } from './server-peers.ts'
import { WebSocketConnection, type WebSocketDelegate } from './websocket-connection.ts'

/**
 * Serves a WebSocket: subclass it, override {@link onMessage}, and give it a rule of an `Application`.
 *
 * Until the upgrade it is a `RequestHandler`: `prepare`, cookies, `currentUser` and errors work as everywhere, and whatever
 * status `prepare` ends with is the answer. From {@link open} on it is a WebSocket: what belongs to a response throws.
 *
 * @example
 * class EchoHandler extends WebSocketHandler {
 *   override onMessage(message: string | Buffer): void {
 *     void this.writeMessage(message)
 *   }
 * }
 *
 * Tornado: websocket.WebSocketHandler.
 *
 * @typeParam Settings The application's own settings, as `this.settings` shows them.
 * @typeParam Message What {@link onMessage} gets; with a {@link messageSchema}, what that makes of a message.
 */
export class WebSocketHandler<Settings extends object = object, Message = string | Buffer>
  extends RequestHandler<Settings>
  implements WebSocketDelegate
{
  /** Those of every handler but `HEAD`: what a GET would answer to it is no response. */
  static override readonly SUPPORTED_METHODS: readonly string[] = RequestHandler.SUPPORTED_METHODS.filter(
    (method) => method !== 'HEAD',
  )

  /** The code of the peer's close frame; `null` before it and without one. */
  closeCode: number | null = null
  /** The reason in the peer's close frame; `null` before it and without one. */
  closeReason: string | null = null

  #connection: WebSocketConnection | null = null
  #upgraded = false

  // What applications override

  /**
   * The WebSocket is open. It gets the groups of the path as `get` of another handler would. While its promise is pending
   * no message is delivered. When it throws, the WebSocket closes with 1011, without {@link onClose}.
   */
  open(..._args: never[]): void | Promise<void> {}

  /**
   * A message has come: text as a string, else bytes. Messages are delivered one at a time: while its promise is pending
   * the next waits, and soon the peer as well. When it throws, the WebSocket closes with 1011.
   */
  onMessage(_message: Message): void | Promise<void> {
    throw new Error('A WebSocketHandler must override onMessage')
  }

  /**
   * The WebSocket is over; called exactly once if {@link open} has succeeded, whatever the cause. Code and reason are also
   * in {@link closeCode} and {@link closeReason}: those of the peer's close frame, or of ours when the peer broke the
   * protocol, was too slow or did not answer pings; `null` when the connection was lost.
   */
  onClose(_code: number | null, _reason: string | null): void {}

  /** A ping has come; it is answered already. */
  onPing(_data: Buffer): void {}

  /** A pong has come, usually the answer to a {@link ping}. */
  onPong(_data: Buffer): void {}

  /**
   * Whether a page of `origin` may open this WebSocket; others get 403. Browsers send the origin of the page and let any
   * page connect, cookies and all, so this is what stops other sites. By default host and port must be those of the
   * request. Clients that send no origin are not asked for one.
   */
  checkOrigin(origin: string): boolean | Promise<boolean> {
    return isSameOrigin(origin, this.request.host)
  }

  /**
   * Picks one of the subprotocols that the client offers, in its order; called once, with `[]` if it offers none. By default
   * none is picked.
   */
  selectSubprotocol(_subprotocols: string[]): string | null | undefined {
    return null
  }

  /**
   * Options of permessage-deflate, `{}` for the defaults; `null`, the default, for no compression. Answer the same object
   * each time.
   */
  getCompressionOptions(): CompressionOptions | null {
    return null
  }

  /**
   * Any Standard Schema. With one, text messages are parsed as JSON and held against it, and {@link onMessage} gets what it
   * makes of them; what does not fit goes to {@link onInvalidMessage}.
   */
  get messageSchema(): StandardSchema<unknown, Message> | null {
    return null
  }

  /** A message does not fit the {@link messageSchema}. By default the WebSocket closes with 1007, or 1003 for bytes. */
  onInvalidMessage(_message: string | Buffer, error: Error): void | Promise<void> {
    this.close(typeof _message === 'string' ? 1007 : 1003, error.message.slice(0, 40))
  }

  // Values that may be overridden for a class or a connection; read once, at the upgrade

  /** How often the peer is pinged; 0 for never. Setting `websocketPingIntervalMs`. @default 0 */
  get pingIntervalMs(): number {
    return this.settings.websocketPingIntervalMs ?? 0
  }

  /**
   * How long after a ping something must have come from the peer, whatever it is; 0 for no matter how long. Setting
   * `websocketPingTimeoutMs`. @default the interval
   */
  get pingTimeoutMs(): number {
    return this.settings.websocketPingTimeoutMs ?? this.pingIntervalMs
  }

  /** Largest message, in bytes, also after inflating; beyond it the WebSocket closes with 1009. Setting `websocketMaxMessageSize`. @default 10_485_760 */
  get maxMessageSize(): number {
    return this.settings.websocketMaxMessageSize ?? defaultMaxMessageSize
  }

  /** Most bytes of messages that wait for a slow peer. Setting `websocketMaxQueuedSize`. @default 16_777_216 */
  get maxQueuedSize(): number | undefined {
    return this.settings.websocketMaxQueuedSize
  }

  /**
   * What happens beyond {@link maxQueuedSize}: `wait` refuses further messages (who awaits `writeMessage` never gets there),
   * `dropOldest` drops those that have waited longest, `close` closes with 1008. Setting `websocketSlowReaderPolicy`.
   * @default 'wait'
   */
  get slowReaderPolicy(): SlowReaderPolicy | undefined {
    return this.settings.websocketSlowReaderPolicy
  }

  // What applications call

  /** The subprotocol that was agreed on, or `null`. */
  get selectedSubprotocol(): string | null {
    return this.#connection?.selectedSubprotocol ?? null
  }

  /** The connection beneath; `null` before the upgrade, after {@link close}, and when the WebSocket is over. */
  get wsConnection(): WebSocketConnection | null {
    return this.#connection === null || this.#connection.isClosing() ? null : this.#connection
  }

  /**
   * Sends a message: text as text, bytes as binary, unless `binary` says otherwise, and an object as JSON text. Bytes beyond
   * 16 KiB are not copied: leave them as they are until they are sent.
   *
   * The promise resolves when the peer should be sent more: at once while it keeps up, else when nothing waits any more.
   * It need not be awaited.
   *
   * @throws {WebSocketClosedError} (rejection) When the WebSocket is closed or closing, or closes before.
   * @throws {WebSocketQueueFullError} (rejection) By the policy `wait`, beyond {@link maxQueuedSize}; nothing was taken.
   * @throws {TypeError} For what cannot be a message.
   */
  writeMessage(message: Sendable | PreparedMessage, binary?: boolean): Promise<void> {
    return this.#open().writeMessage(message, binary)
  }

  /**
   * Pings the peer.
   *
   * @throws {WebSocketClosedError} When the WebSocket is closed or closing.
   * @throws {RangeError} Beyond 125 bytes.
   */
  ping(data: string | Uint8Array = ''): void {
    this.#open().ping(data)
  }

  /**
   * Closes the WebSocket: what was written is sent first. Without a code the close frame is empty; a reason alone goes with
   * 1000. A peer that does not answer within 5 s is cut off. Does nothing when it is closed or closing.
   *
   * @throws {RangeError} For a code that may not be sent, and for a reason beyond 123 bytes.
   */
  close(code?: number, reason?: string): void {
    this.#connection?.close(code, reason)
  }

  /** Sends small messages at once (`true`) or lets the operating system gather them. @default the server's streams: true */
  setNodelay(value: boolean): void {
    this.#open().stream.setNodelay(value)
  }

  /** Bytes that were written and that the operating system has not taken yet. */
  get bufferedAmount(): number {
    return this.#connection?.bufferedAmount ?? 0
  }

  /** Fires when the WebSocket is over; before the upgrade, when the client is gone. */
  get signal(): AbortSignal {
    return this.#connection?.signal ?? this.request.signal
  }

  /** The connection beneath, as Tornado calls it. */
  getWebsocketProtocol(): WebSocketConnection | null {
    return this.wsConnection
  }

  // The upgrade

  override async get(...args: never[]): Promise<void> {
    const { headers } = this.request
    const wrong = wrongUpgrade(headers)
    if (wrong !== null) {
      this.#refuse(400, wrong)
      return
    }
    const origin = originOf(headers)
    if (origin !== undefined) {
      const accepted = this.checkOrigin(origin)
      if (!(typeof accepted === 'boolean' ? accepted : await accepted)) {
        this.#refuse(403, 'Cross origin websockets not allowed')
        return
      }
    }
    if (speaksOtherVersion(headers)) {
      this.setHeader('Sec-WebSocket-Version', supportedVersions)
      this.setHeader('Upgrade', 'websocket')
      this.setHeader('Connection', 'Upgrade')
      this.#refuse(426, 'Upgrade Required')
      return
    }
    const key = keyOf(this.request)
    if (key === null) this.#refuse(400, 'Missing/Invalid WebSocket headers')
    else this.#upgrade(key, args)
  }

  // Of a response, which a WebSocket has not

  override write(chunk: string | Uint8Array | object): void {
    this.#checkResponse()
    super.write(chunk)
  }

  override flush(): Promise<void> {
    this.#checkResponse()
    return super.flush()
  }

  override finish(chunk?: string | Uint8Array | object): Promise<void> {
    this.#checkResponse()
    return super.finish(chunk)
  }

  override redirect(url: string, options?: { permanent?: boolean; status?: number }): void {
    this.#checkResponse()
    super.redirect(url, options)
  }

  override setHeader(name: string, value: HeaderValue): void {
    this.#checkResponse()
    super.setHeader(name, value)
  }

  override addHeader(name: string, value: HeaderValue): void {
    this.#checkResponse()
    super.addHeader(name, value)
  }

  override setCookie(...args: Parameters<RequestHandler['setCookie']>): void {
    this.#checkResponse()
    super.setCookie(...args)
  }

  override setStatus(statusCode: number, reason?: string): void {
    this.#checkResponse()
    super.setStatus(statusCode, reason)
  }

  // What the connection tells

  /** Where a channel sends to; `null`: through {@link writeMessage}. @internal */
  wsMessageSink(): MessageSink | null {
    const isOverridden = this.writeMessage !== WebSocketHandler.prototype.writeMessage
    return this.#connection === null || isOverridden ? null : this.#connection.wsMessageSink()
  }

  /** @internal */
  onWsMessage(message: string | Buffer): void | Promise<void> {
    const { messageSchema } = this
    if (messageSchema === null) return this.onMessage(message as Message)
    return readTypedMessage(this, messageSchema, message)
  }

  /** The connection is over. Tornado: WebSocketHandler.on_ws_connection_close. */
  onWsConnectionClose(code: number | null, reason: string | null): void {
    this.closeCode = code
    this.closeReason = reason
    this.onClose(code, reason)
  }

  #refuse(status: number, text: string): void {
    genLog.debug(`WebSocket refused with ${status}: ${text}`)
    this.setStatus(status)
    void this.finish(text)
  }

  #upgrade(key: string, args: never[]): void {
    const { headers, connection } = this.request
    const selected = pickSubprotocol(headers, (offered) => this.selectSubprotocol(offered))
    if (selected !== null) this.setHeader('Sec-WebSocket-Protocol', selected)
    const accepted = acceptCompression(headers, () => this.getCompressionOptions())
    const compression = accepted?.compression ?? null
    if (accepted !== null) this.setHeader('Sec-WebSocket-Extensions', accepted.field)
    let params: ConnectionParams
    let stream: WebSocketConnection['stream']
    const closing = connection?.context.closing
    try {
      params = this.#resolveParams(compression !== null)
      this.setStatus(101)
      this.setHeader('Upgrade', 'websocket')
      this.setHeader('Connection', 'Upgrade')
      this.setHeader('Sec-WebSocket-Accept', computeAcceptValue(key))
      this.finish().catch(() => {})
      stream = this.detach()
    } catch (error) {
      compression?.close()
      throw error
    }
    this.#upgraded = true
    this.request.release()
    this.#connection = new WebSocketConnection(stream, this, params, {
      selectedSubprotocol: selected,
      compression,
    })
    if (closing !== undefined) closeWithServer(this.#connection, closing)
    this.#connection.start(() => this.open(...args))
  }

  #resolveParams(allowCompressed: boolean): ConnectionParams {
    const { pingIntervalMs, pingTimeoutMs, maxMessageSize, maxQueuedSize, slowReaderPolicy } = this
    return resolveConnectionParams('server', allowCompressed, {
      pingIntervalMs,
      pingTimeoutMs,
      maxMessageSize,
      maxQueuedSize,
      slowReaderPolicy,
    })
  }

  #open(): WebSocketConnection {
    if (this.#connection === null) throw new WebSocketClosedError('WebSocket is not open yet')
    return this.#connection
  }

  #checkResponse(): void {
    if (this.#upgraded) throw new Error('Method not supported for Web Sockets')
  }
}
