import type { BaseIOStream, StreamReceiver } from '@tornado-ts/iostream'
import { appLog, genLog } from '@tornado-ts/log'
import type { ConnectionParams } from './connection-params.ts'
import { Deadline } from './deadline.ts'
import type { MessageCompression } from './deflate/message-compression.ts'
import { WebSocketClosedError, type WebSocketProtocolError } from './errors.ts'
import { Keepalive, type PingTarget } from './keepalive.ts'
import { MessageSender, type SenderOwner } from './message-sender.ts'
import type { MessageSink } from './message-sink.ts'
import { toBuffer, type PreparedMessage, type Sendable } from './prepared-message.ts'
import { makeClosePayload, parseClosePayload } from './protocol/close-code.ts'
import { MessageDecoder, type Received } from './protocol/message-decoder.ts'
import { maxControlSize, opcode } from './protocol/opcode.ts'
import { decodeUtf8 } from './protocol/utf8-validator.ts'

/** Whom a {@link WebSocketConnection} tells what comes. */
export interface WebSocketDelegate {
  /** A message: text as a string, else bytes. While its promise is pending no further message is delivered. */
  onWsMessage(message: string | Buffer): void | Promise<void>
  onPing(data: Buffer): void
  onPong(data: Buffer): void
  /**
   * The WebSocket is over; called once. Code and reason are those of the peer's close frame, or of ours when we gave the
   * peer up; `null` when the connection was lost, or the frame did not say. Tornado: on_ws_connection_close.
   */
  onWsConnectionClose(code: number | null, reason: string | null): void
  /** Something threw. */
  logException(error: unknown): void
}

/**
 * An open WebSocket (RFC 6455): a decoder, an encoder and time-outs over a stream, for both roles.
 *
 * All that is sent while the messages of one received chunk are handled leaves in one write. A message that is being
 * handled holds up those behind it; the peer is made to wait when 64 KiB have gathered.
 * Tornado: websocket.WebSocketProtocol13.
 */
export class WebSocketConnection implements StreamReceiver, PingTarget, SenderOwner {
  readonly stream: BaseIOStream
  /** The subprotocol that was agreed on, or `null`. */
  readonly selectedSubprotocol: string | null

  readonly #delegate: WebSocketDelegate
  readonly #params: ConnectionParams
  readonly #compression: MessageCompression | null
  readonly #decoder: MessageDecoder
  /** Made when something is first sent or received: one that is idle from the start does without. */
  #sender: MessageSender | null = null
  #state: State = 'open'
  #notified = false
  /** A handler's promise, or zlib, holds up what comes next. */
  #suspended = false
  #inputPaused = false
  #inputEnded = false
  #keepalive: Keepalive | null = null
  #closeDeadline: Deadline | null = null
  #abort: AbortController | null = null
  /** Connections that end together with this one's server. */
  #peers: Set<WebSocketConnection> | null = null

  constructor(
    stream: BaseIOStream,
    delegate: WebSocketDelegate,
    params: ConnectionParams,
    {
      selectedSubprotocol = null,
      compression = null,
    }: { selectedSubprotocol?: string | null; compression?: MessageCompression | null } = {},
  ) {
    this.stream = stream
    this.#delegate = delegate
    this.#params = params
    this.#compression = compression
    this.#decoder = new MessageDecoder(params.rules)
    this.selectedSubprotocol = selectedSubprotocol
  }

  /**
   * Begins to listen to the stream. No message is delivered before `opened` resolves, and none at all if it rejects: then
   * the connection closes with 1011 and the delegate hears nothing of it.
   */
  start(open: () => void | Promise<void>): void {
    this.stream.setReceiver(this)
    let opened: void | Promise<void>
    try {
      opened = open()
    } catch (error) {
      this.#openFailed(error)
      return
    }
    if (!isPromise(opened)) {
      this.#opened()
      return
    }
    this.#suspended = true
    opened.then(
      () => {
        this.#opened()
        this.#goOn()
      },
      (error: unknown) => this.#openFailed(error),
    )
  }

  /** Pings the peer from now on, at the interval of the options. Tornado: WebSocketProtocol13.start_pinging. */
  startPinging(): void {
    const { pingIntervalMs, pingTimeoutMs } = this.#params
    if (pingIntervalMs > 0 && this.#keepalive === null && this.#state === 'open') {
      this.#keepalive = new Keepalive(this, pingIntervalMs, pingTimeoutMs)
    }
  }

  get pingIntervalMs(): number {
    return this.#params.pingIntervalMs
  }

  get pingTimeoutMs(): number {
    return this.#params.pingTimeoutMs
  }

  /** Whether messages are compressed. */
  get isCompressed(): boolean {
    return this.#compression !== null
  }

  /** Closes together with others. */
  joinPeers(peers: Set<WebSocketConnection>): void {
    if (this.#notified) return
    peers.add(this)
    this.#peers = peers
  }

  /** Whether the connection is closed or about to be: nothing more can be sent. Tornado: is_closing. */
  isClosing(): boolean {
    return this.#state !== 'open'
  }

  /** Bytes that are accepted for sending and not yet taken by the operating system. */
  get bufferedAmount(): number {
    return this.#sender?.bufferedAmount ?? this.stream.bufferedAmount
  }

  /** Fires when the WebSocket is over. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#notified && !this.#abort.signal.aborted) this.#abort.abort(new WebSocketClosedError())
    return this.#abort.signal
  }

  get deaf(): boolean {
    return this.#inputPaused
  }

  /**
   * Sends a message: text as text, bytes as binary, unless `binary` says otherwise, and an object as JSON.
   *
   * The promise resolves when the peer should be sent more: at once while it keeps up, else when nothing waits any more.
   *
   * @throws {WebSocketClosedError} (rejection) When the WebSocket is closed or closing, or closes before.
   * @throws {WebSocketQueueFullError} (rejection) By the policy `wait`, beyond `maxQueuedSize`; nothing was taken.
   * @throws {TypeError} For what cannot be a message.
   */
  writeMessage(message: Sendable | PreparedMessage, binary?: boolean): Promise<void> {
    return this.#out.send(message, binary)
  }

  /** @internal */
  wsMessageSink(): MessageSink {
    return this.#out
  }

  /**
   * Sends a ping.
   *
   * @throws {WebSocketClosedError} When the WebSocket is closed or closing.
   * @throws {RangeError} Beyond 125 bytes.
   * @throws {TypeError} For what is neither text nor bytes.
   */
  ping(data: string | Uint8Array = ''): void {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw new TypeError('The data of a ping is text or bytes')
    }
    const payload = toBuffer(data)
    if (payload.length > maxControlSize) {
      throw new RangeError(`Cannot ping with ${payload.length} bytes: at most ${maxControlSize}`)
    }
    if (this.#state !== 'open') throw new WebSocketClosedError()
    this.#out.sendControl(opcode.ping, payload)
  }

  /**
   * Says goodbye: sends a close frame behind what was written, and ends the connection when the peer has answered, or after
   * `closeTimeoutMs`. Does nothing when the WebSocket is closed or closing.
   *
   * @throws {RangeError} For a code that may not be sent, and for a reason beyond 123 bytes.
   */
  close(code?: number, reason?: string): void {
    const payload = makeClosePayload(code, reason)
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#keepalive?.stop()
    this.#out.sendClose(payload)
    this.#startCloseDeadline()
  }

  /** Cuts the connection at once. Tornado: WebSocketProtocol._abort. */
  abort(): void {
    this.stream.close()
  }

  sendPing(): void {
    if (this.#state === 'open') this.#out.sendControl(opcode.ping, emptyPayload)
  }

  pingTimedOut(): void {
    this.#giveUp(1000, 'ping timed out')
  }

  sendingFailed(closeCode: number, reason: string): void {
    this.#giveUp(closeCode, reason)
  }

  chunkReceived(chunk: Buffer): void {
    if (this.#keepalive !== null) this.#keepalive.heard = true
    if (this.#state === 'ended') return
    this.#decoder.receive(chunk)
    if (!this.#suspended) this.#process()
    else if (!this.#inputPaused && this.#decoder.bufferedSize > maxWaitingSize) {
      this.#inputPaused = true
      this.stream.pause()
    }
  }

  endReceived(): void {
    this.#inputEnded = true
    if (this.#state === 'ended') {
      if (this.#params.role === 'client') this.stream.close()
    } else if (!this.#suspended || this.#decoder.bufferedSize === 0) this.stream.close()
  }

  writeBufferEmptied(): void {
    this.#sender?.drained()
  }

  streamClosed(): void {
    this.#closeDeadline?.stop()
    this.#over(null, null)
    this.#state = 'closed'
  }

  get #out(): MessageSender {
    this.#sender ??= new MessageSender(this.stream, this, this.#params, this.#compression)
    return this.#sender
  }

  #opened(): void {
    this.#suspended = false
    this.startPinging()
  }

  #openFailed(error: unknown): void {
    this.#log(error)
    // Who was never open has nothing to close.
    this.#notified = true
    this.#compression?.close()
    this.#suspended = false
    this.#giveUp(1011, '')
  }

  #process(): void {
    this.#out.gather()
    try {
      while (!this.#suspended && this.#state !== 'ended' && this.#state !== 'closed') {
        const received = this.#decoder.next()
        if (received === null) break
        this.#deliver(received)
      }
    } catch (error) {
      this.#protocolFailed(error as WebSocketProtocolError)
    }
    if (this.#suspended) this.#out.flushSoon()
    else this.#out.flush()
  }

  #deliver(received: Received): void {
    if (received.compressed) {
      this.#inflate(received)
      return
    }
    switch (received.opcode) {
      case opcode.ping:
        this.#out.sendPong(received.data as Buffer)
        this.#call(() => this.#delegate.onPing(received.data as Buffer))
        return
      case opcode.pong:
        this.#call(() => this.#delegate.onPong(received.data as Buffer))
        return
      case opcode.close:
        this.#closeReceived(received.data as Buffer)
        return
      default:
        this.#deliverMessage(received.data)
    }
  }

  #deliverMessage(data: string | Buffer): void {
    let pending: void | Promise<void>
    try {
      pending = this.#delegate.onWsMessage(data)
    } catch (error) {
      this.#handlerFailed(error)
      return
    }
    if (!isPromise(pending)) return
    this.#suspended = true
    pending.then(
      () => this.#goOn(),
      (error: unknown) => {
        this.#handlerFailed(error)
        this.#goOn()
      },
    )
  }

  #inflate({ opcode: code, data }: Received): void {
    this.#suspended = true
    this.#compression!.inflate(data as Buffer, this.#params.maxMessageSize, (error, bytes) => {
      if (this.#state === 'ended' || this.#state === 'closed') return
      this.#suspended = false
      if (bytes === null) {
        this.#protocolFailed(error as WebSocketProtocolError)
        return
      }
      const message = code === opcode.text ? decodeUtf8(bytes, 0, bytes.length) : bytes
      if (message === null) {
        this.#giveUp(1007, 'Text is not UTF-8')
        return
      }
      this.#out.gather()
      this.#deliverMessage(message)
      if (!this.#suspended) this.#goOn()
      else this.#out.flushSoon()
    })
  }

  /** What stood in the way is gone. */
  #goOn(): void {
    this.#suspended = false
    if (this.#state === 'ended' || this.#state === 'closed') {
      this.#sender?.flush()
      return
    }
    this.#process()
    if (this.#suspended) return
    if (this.#inputEnded) this.stream.close()
    else if (this.#inputPaused) {
      this.#inputPaused = false
      this.stream.resume()
    }
  }

  #closeReceived(payload: Buffer): void {
    const { code, reason } = parseClosePayload(payload)
    // A peer that has closed takes no more messages.
    this.#out.dropWaiting()
    if (!this.#out.closeSent) this.#out.sendClose(makeClosePayload(code ?? undefined, undefined))
    this.#startCloseDeadline()
    this.#end(code, reason)
  }

  #call(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.#handlerFailed(error)
    }
  }

  #handlerFailed(error: unknown): void {
    this.#log(error)
    this.#giveUp(1011, '')
  }

  #protocolFailed(error: WebSocketProtocolError): void {
    if (error.name !== 'WebSocketProtocolError') {
      this.#handlerFailed(error)
      return
    }
    genLog.debug(`WebSocket closed with ${error.closeCode}: ${error.message}`)
    this.#giveUp(error.closeCode, error.message)
  }

  /** Fails the connection (RFC 6455 §7.1.7): the peer is told, and nothing more of it is looked at. */
  #giveUp(code: number, reason: string): void {
    if (this.#state === 'ended' || this.#state === 'closed') return
    this.#out.dropWaiting()
    if (!this.#out.closeSent) {
      this.#state = 'closing'
      this.#out.sendClose(makeClosePayload(code, reason))
    }
    this.#startCloseDeadline()
    this.#end(code, reason === '' ? null : reason)
    // Whoever fails does not wait for the other to close (RFC 6455 §7.1.7).
    if (this.#params.role === 'client') this.#endWriting()
  }

  /** Nothing more is received. The server ends its side; a client waits for that. */
  #end(code: number | null, reason: string | null): void {
    this.#state = 'ended'
    if (this.#inputPaused) {
      this.#inputPaused = false
      this.stream.resume()
    }
    if (this.#params.role === 'server') this.#endWriting()
    this.#over(code, reason)
  }

  #endWriting(): void {
    this.#sender?.flush()
    this.stream.endWriting()
    if (this.#inputEnded) this.stream.close()
  }

  /** Tells the delegate, and gives back what is not needed any more. */
  #over(code: number | null, reason: string | null): void {
    this.#keepalive?.stop()
    this.#keepalive = null
    this.#peers?.delete(this)
    this.#peers = null
    this.#out.over()
    if (this.#notified) return
    this.#notified = true
    this.#compression?.close()
    this.#abort?.abort(new WebSocketClosedError())
    try {
      this.#delegate.onWsConnectionClose(code, reason)
    } catch (error) {
      this.#log(error)
    }
  }

  #startCloseDeadline(): void {
    this.#closeDeadline ??= new Deadline(this.#params.closeTimeoutMs, () => this.stream.close())
  }

  #log(error: unknown): void {
    try {
      this.#delegate.logException(error)
    } catch (failure) {
      appLog.error('Error in exception logger', failure)
    }
  }
}

/** `closing`: our close frame is on its way. `ended`: the WebSocket is over, the TCP connection not yet. */
type State = 'open' | 'closing' | 'ended' | 'closed'

/** Bytes taken from the peer while a message is handled. */
const maxWaitingSize = 65_536
const emptyPayload: Buffer = Buffer.alloc(0)

function isPromise(value: void | Promise<void>): value is Promise<void> {
  return typeof (value as Promise<void> | undefined)?.then === 'function'
}
