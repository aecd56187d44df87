import type { HTTPHeaders } from '@tornado-ts/httputil'
import type { BaseIOStream } from '@tornado-ts/iostream'
import { appLog } from '@tornado-ts/log'
import type { ConnectionParams } from '../connection-params.ts'
import type { MessageCompression } from '../deflate/message-compression.ts'
import type { PreparedMessage, Sendable } from '../prepared-message.ts'
import { WebSocketConnection, type WebSocketDelegate } from '../websocket-connection.ts'

/** What a {@link WebSocketClientConnection} is made of. */
export interface ClientConnectionInit {
  readonly stream: BaseIOStream
  readonly params: ConnectionParams
  readonly headers: HTTPHeaders
  readonly selectedSubprotocol: string | null
  readonly compression: MessageCompression | null
  readonly onMessageCallback: ((message: string | Buffer | null) => void | Promise<void>) | undefined
}

/**
 * A client's open WebSocket: what {@link websocketConnect} resolves with.
 *
 * Messages are read with {@link readMessage} or by iterating; a message that nobody reads makes the server wait.
 *
 * @example
 * await using socket = await websocketConnect('ws://127.0.0.1:8888/feed')
 * await socket.writeMessage('hello')
 * for await (const message of socket) console.log(message)
 *
 * Tornado: websocket.WebSocketClientConnection.
 */
export class WebSocketClientConnection
  implements WebSocketDelegate, AsyncDisposable, AsyncIterable<string | Buffer>
{
  /** The fields of the server's 101 response. */
  readonly headers: HTTPHeaders
  /** The code of the server's close frame; `null` before it and without one. */
  closeCode: number | null = null
  /** The reason in the server's close frame; `null` before it and without one. */
  closeReason: string | null = null

  readonly #connection: WebSocketConnection
  readonly #callback: ((message: string | Buffer | null) => void | Promise<void>) | undefined
  readonly #closed = Promise.withResolvers<void>()
  readonly #readers: PromiseWithResolvers<string | Buffer | null>[] = []
  /** A message that nobody has asked for; the next is not delivered before it is taken. */
  #held: { readonly message: string | Buffer; readonly taken: () => void } | null = null
  #over = false

  constructor(init: ClientConnectionInit) {
    const { stream, params, headers, selectedSubprotocol, compression, onMessageCallback } = init
    this.headers = headers
    this.#callback = onMessageCallback
    this.#connection = new WebSocketConnection(stream, this, params, { selectedSubprotocol, compression })
    this.#connection.start(() => {})
  }

  /** The subprotocol that the server has picked, or `null`. */
  get selectedSubprotocol(): string | null {
    return this.#connection.selectedSubprotocol
  }

  /** Whether messages are compressed. */
  get isCompressed(): boolean {
    return this.#connection.isCompressed
  }

  /** Fires when the WebSocket is over. */
  get signal(): AbortSignal {
    return this.#connection.signal
  }

  /** Bytes that were written and that the operating system has not taken yet. */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount
  }

  /**
   * Sends a message: text as text, bytes as binary, unless `binary` says otherwise, and an object as JSON text. The promise
   * resolves when the server should be sent more, and need not be awaited.
   *
   * @throws {WebSocketClosedError} (rejection) When the WebSocket is closed or closing, or closes before.
   * @throws {WebSocketQueueFullError} (rejection) By the policy `wait`, beyond `maxQueuedSize`; nothing was taken.
   * @throws {TypeError} For what cannot be a message.
   */
  writeMessage(message: Sendable | PreparedMessage, binary?: boolean): Promise<void> {
    return this.#connection.writeMessage(message, binary)
  }

  /**
   * Resolves with the next message, text as a string, else bytes; `null` when the WebSocket is over. One message is kept
   * until it is read, then the server is made to wait. Calls may overlap: they are served in order.
   */
  readMessage(): Promise<string | Buffer | null> {
    const held = this.#held
    if (held !== null) {
      this.#held = null
      held.taken()
      return Promise.resolve(held.message)
    }
    if (this.#over) return Promise.resolve(null)
    const reader = Promise.withResolvers<string | Buffer | null>()
    this.#readers.push(reader)
    return reader.promise
  }

  /** Yields messages until the WebSocket is over. Leaving the loop does not close it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer, void, undefined> {
    for (;;) {
      const message = await this.readMessage()
      if (message === null) return
      yield message
    }
  }

  /**
   * Pings the server.
   *
   * @throws {WebSocketClosedError} When the WebSocket is closed or closing.
   * @throws {RangeError} Beyond 125 bytes.
   */
  ping(data: string | Uint8Array = ''): void {
    this.#connection.ping(data)
  }

  /**
   * Closes the WebSocket: what was written is sent first. The server has `closeTimeoutMs` to answer. Messages that still come
   * can be read meanwhile. Does nothing when it is closed or closing.
   *
   * @throws {RangeError} For a code that may not be sent, and for a reason beyond 123 bytes.
   */
  close(code?: number, reason?: string): void {
    this.#connection.close(code, reason)
  }

  /** Closes with 1000, drops what is not read, and resolves when the WebSocket is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close(1000)
    while (!this.#over) {
      this.#held?.taken()
      this.#held = null
      await Promise.race([this.#closed.promise, this.readMessage()])
    }
  }

  /** The connection beneath, as Tornado calls it. */
  getWebsocketProtocol(): WebSocketConnection {
    return this.#connection
  }

  /** A ping has come; it is answered already. Override it to know. */
  onPing(_data: Buffer): void {}

  /** A pong has come. Override it to know. */
  onPong(_data: Buffer): void {}

  /** A message has come: it goes to the callback, to who waits for one, or is kept. Tornado: WebSocketClientConnection.on_message. */
  onMessage(message: string | Buffer): void | Promise<void> {
    if (this.#callback !== undefined) return this.#callback(message)
    const reader = this.#readers.shift()
    if (reader !== undefined) {
      reader.resolve(message)
      return undefined
    }
    return new Promise<void>((taken) => {
      this.#held = { message, taken }
    })
  }

  /** @internal */
  onWsMessage(message: string | Buffer): void | Promise<void> {
    return this.onMessage(message)
  }

  /** The WebSocket is over. Tornado: WebSocketClientConnection.on_ws_connection_close. */
  onWsConnectionClose(code: number | null, reason: string | null): void {
    this.closeCode = code
    this.closeReason = reason
    this.#over = true
    for (const reader of this.#readers.splice(0)) reader.resolve(null)
    this.#closed.resolve()
    const told = this.#callback?.(null)
    if (told !== undefined) told.catch((error: unknown) => this.logException(error))
  }

  logException(error: unknown): void {
    appLog.error('Uncaught exception in a WebSocket client', error)
  }
}
