import type { BaseIOStream, StreamReceiver } from '@tornado-ts/iostream'
import { appLog, genLog } from '@tornado-ts/log'
import { alreadySent } from './already-sent.ts'
import type { ConnectionParams } from './connection-params.ts'
import { Deadline } from './deadline.ts'
import type { MessageCompression } from './deflate/message-compression.ts'
import { WebSocketClosedError, WebSocketQueueFullError, type WebSocketProtocolError } from './errors.ts'
import { Keepalive, type PingTarget } from './keepalive.ts'
import { nextMaskingKey } from './masking-keys.ts'
import { PreparedMessage, toBuffer, toData, type Sendable } from './prepared-message.ts'
import { makeClosePayload, parseClosePayload } from './protocol/close-code.ts'
import { encodeFrame, encodeHeadText, encodeMaskedFrame, encodeTextFrame } from './protocol/frame-encoder.ts'
import { MessageDecoder, type Received } from './protocol/message-decoder.ts'
import { finBit, maxControlSize, opcode, rsv1Bit } from './protocol/opcode.ts'
import { decodeUtf8 } from './protocol/utf8-validator.ts'
import { SendQueue } from './send-queue.ts'

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
export class WebSocketConnection implements StreamReceiver, PingTarget {
  readonly stream: BaseIOStream
  /** The subprotocol that was agreed on, or `null`. */
  readonly selectedSubprotocol: string | null

  readonly #delegate: WebSocketDelegate
  readonly #params: ConnectionParams
  readonly #compression: MessageCompression | null
  readonly #decoder: MessageDecoder
  #state: State = 'open'
  #notified = false
  #closeSent = false
  /** A handler's promise, or zlib, holds up what comes next. */
  #suspended = false
  #inputPaused = false
  #inputEnded = false
  /** The stream has left something behind: what is to be sent waits for it. */
  #backedUp = false
  /** What is sent is gathered, and leaves at the end of the turn. */
  #gathering = false
  /** Turns until it does; -1 while none is planned. */
  #flushRounds = -1
  /** Text that follows `#parts`. */
  #text = ''
  #parts: (string | Uint8Array)[] | null = null
  #queue: SendQueue | null = null
  /** The last ping that could not be answered yet; those before it need no answer (RFC 6455 §5.5.3). */
  #pendingPong: Buffer | null = null
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
    const parts = this.#parts?.reduce((sum, part) => sum + part.length, 0) ?? 0
    return this.stream.bufferedAmount + (this.#queue?.size ?? 0) + this.#text.length + parts
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
    if (typeof message === 'string') {
      if (this.#state !== 'open') return rejectClosed()
      return this.#sendMessage(message, binary === true ? opcode.binary : opcode.text)
    }
    if (message instanceof PreparedMessage) {
      if (this.#state !== 'open') return rejectClosed()
      return this.#sendPrepared(message)
    }
    const data = toData(message)
    if (this.#state !== 'open') return rejectClosed()
    return this.#sendMessage(data, (binary ?? typeof data !== 'string') ? opcode.binary : opcode.text)
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
    this.#sendControl(opcode.ping, payload)
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
    this.#sendClose(payload)
    this.#startCloseDeadline()
  }

  /** Cuts the connection at once. Tornado: WebSocketProtocol._abort. */
  abort(): void {
    this.stream.close()
  }

  sendPing(): void {
    if (this.#state === 'open') this.#sendControl(opcode.ping, emptyPayload)
  }

  pingTimedOut(): void {
    this.#giveUp(1000, 'ping timed out')
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
    this.#backedUp = false
    const pong = this.#pendingPong
    this.#pendingPong = null
    if (pong !== null && !this.#closeSent) this.#sendControl(opcode.pong, pong)
    if (this.#queue !== null) this.#pump()
  }

  streamClosed(): void {
    this.#closeDeadline?.stop()
    this.#over(null, null)
    this.#state = 'closed'
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
    this.#gathering = true
    try {
      while (!this.#suspended && this.#state !== 'ended' && this.#state !== 'closed') {
        const received = this.#decoder.next()
        if (received === null) break
        this.#deliver(received)
      }
    } catch (error) {
      this.#protocolFailed(error as WebSocketProtocolError)
    }
    if (this.#suspended) this.#flushSoon()
    else this.#flushGathered()
  }

  /**
   * A handler that answers by a promise is often done within this turn, and the next message is then handled in it as well:
   * what they send is to leave together.
   */
  #flushSoon(): void {
    const isPlanned = this.#flushRounds >= 0
    this.#flushRounds = maxFlushRounds
    if (!isPlanned) this.#countDown()
  }

  #countDown(): void {
    queueMicrotask(() => {
      if (this.#flushRounds-- > 0) this.#countDown()
      else if (this.#gathering) this.#flushGathered()
    })
  }

  #deliver(received: Received): void {
    if (received.compressed) {
      this.#inflate(received)
      return
    }
    switch (received.opcode) {
      case opcode.ping:
        if (!this.#closeSent) this.#answerPing(received.data as Buffer)
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
      this.#gathering = true
      this.#deliverMessage(message)
      if (!this.#suspended) this.#goOn()
      else this.#flushSoon()
    })
  }

  /** What stood in the way is gone. */
  #goOn(): void {
    this.#suspended = false
    if (this.#state === 'ended' || this.#state === 'closed') {
      this.#flushGathered()
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

  #answerPing(data: Buffer): void {
    if (this.#backedUp) this.#pendingPong = Buffer.from(data)
    else this.#sendControl(opcode.pong, data)
  }

  #closeReceived(payload: Buffer): void {
    const { code, reason } = parseClosePayload(payload)
    // A peer that has closed takes no more messages.
    this.#dropQueue()
    if (!this.#closeSent) this.#sendClose(makeClosePayload(code ?? undefined, undefined))
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
    this.#dropQueue()
    if (!this.#closeSent) {
      this.#state = 'closing'
      this.#sendClose(makeClosePayload(code, reason))
    }
    this.#startCloseDeadline()
    this.#end(code, reason === '' ? null : reason)
    // Whoever fails does not wait for the other to close (RFC 6455 §7.1.7).
    if (this.#params.role === 'client') this.#endWriting()
  }

  #dropQueue(): void {
    if (this.#queue === null || this.#queue.isEmpty) return
    this.#queue.clear()
    // If it was in there.
    this.#closeSent = false
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
    this.#flushGathered()
    this.stream.endWriting()
    if (this.#inputEnded) this.stream.close()
  }

  /** Tells the delegate, and gives back what is not needed any more. */
  #over(code: number | null, reason: string | null): void {
    this.#keepalive?.stop()
    this.#keepalive = null
    this.#peers?.delete(this)
    this.#peers = null
    this.#queue?.failed(new WebSocketClosedError())
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

  #sendMessage(data: string | Uint8Array, code: number): Promise<void> {
    const compression = this.#compression
    if (compression !== null) {
      const size = typeof data === 'string' ? Buffer.byteLength(data) : data.length
      if (size >= compression.threshold) return this.#enqueue(null, data, code, size)
    }
    if (this.#mustWait) {
      const frame = this.#encode(finBit | code, typeof data === 'string' ? data : Buffer.from(data))
      return this.#enqueue(frame, null, code, frame.length)
    }
    if (typeof data !== 'string' && data.length > largeSize && this.#params.role === 'server') {
      // Not copied: the bytes must stay as they are until they are sent.
      const head = encodeHeadText(finBit | code, data.length)
      if (this.#gathering) {
        this.#transmit(head)
        this.#transmit(data)
      } else if (!this.stream.sendVector([head, data], 'latin1')) this.#backedUp = true
    } else this.#transmit(this.#encode(finBit | code, data))
    return this.#backedUp ? this.#whenDrained() : alreadySent
  }

  #sendPrepared(message: PreparedMessage): Promise<void> {
    const code = message.binary ? opcode.binary : opcode.text
    if (this.#params.role === 'client') return this.#sendMessage(message.data, code)
    const compression = this.#compression
    if (compression !== null && message.payload.length >= compression.threshold) {
      return this.#enqueue(null, message, code, message.payload.length)
    }
    const { frame } = message
    if (this.#mustWait) return this.#enqueue(frame, null, code, frame.length)
    this.#transmit(frame)
    return this.#backedUp ? this.#whenDrained() : alreadySent
  }

  get #mustWait(): boolean {
    return this.#backedUp || (this.#queue !== null && !this.#queue.isEmpty)
  }

  #enqueue(
    frame: string | Uint8Array | null,
    message: string | Uint8Array | PreparedMessage | null,
    code: number,
    size: number,
  ): Promise<void> {
    const { maxQueuedSize, slowReaderPolicy } = this.#params
    const queue = (this.#queue ??= new SendQueue())
    if (queue.size + size > maxQueuedSize && !queue.isEmpty) {
      if (slowReaderPolicy === 'dropOldest') queue.makeRoom(size, maxQueuedSize)
      else return this.#refuse(queue, slowReaderPolicy)
    }
    queue.push({ frame, message, opcode: code, size })
    this.#pump()
    return queue.isEmpty && !this.#backedUp ? alreadySent : queue.drained
  }

  #refuse(queue: SendQueue, policy: 'wait' | 'close'): Promise<void> {
    if (policy === 'close') {
      this.#giveUp(1008, 'reader too slow')
      return rejectClosed()
    }
    if (!queue.warned)
      genLog.warning('A message for a slow WebSocket was refused: await what writeMessage answers')
    queue.warned = true
    return silently(
      new WebSocketQueueFullError(`More than ${this.#params.maxQueuedSize} bytes would wait for a slow peer`),
    )
  }

  #whenDrained(): Promise<void> {
    this.#queue ??= new SendQueue()
    return this.#queue.drained
  }

  /** Sends what waits, as far as the peer and zlib let it. */
  #pump(): void {
    const queue = this.#queue!
    while (!this.#backedUp && !queue.compressing) {
      const head = queue.head
      if (head === undefined) break
      if (head.frame === null) {
        this.#compress(head.message!, head.opcode)
        return
      }
      queue.shift()
      this.#transmit(head.frame)
    }
    if (!queue.isEmpty || this.#backedUp) return
    queue.emptied()
  }

  #compress(message: string | Uint8Array | PreparedMessage, code: number): void {
    const compression = this.#compression!
    this.#queue!.compressing = true
    if (message instanceof PreparedMessage) {
      message.compressedFrame(compression).then(
        (frame) => {
          compression.sentFromElsewhere()
          this.#compressed(frame)
        },
        (error: unknown) => this.#compressFailed(error),
      )
      return
    }
    compression.compress(toBuffer(message), (error, bytes) => {
      if (bytes === null) this.#compressFailed(error)
      else this.#compressed(this.#encode(finBit | rsv1Bit | code, bytes))
    })
  }

  #compressed(frame: string | Uint8Array): void {
    const queue = this.#queue!
    queue.compressing = false
    // A queue that was cleared meanwhile has no message of this frame.
    if (queue.head?.frame !== null) return
    queue.shift()
    this.#transmit(frame)
    this.#pump()
  }

  #compressFailed(error: unknown): void {
    this.#queue!.compressing = false
    appLog.error('Cannot compress a message', error)
    this.#giveUp(1011, '')
  }

  #sendControl(code: number, payload: Uint8Array): void {
    this.#transmit(this.#encode(finBit | code, payload))
  }

  #sendClose(payload: Buffer): void {
    this.#closeSent = true
    const frame = this.#encode(finBit | opcode.close, payload)
    if (this.#queue === null || this.#queue.isEmpty) this.#transmit(frame)
    else this.#queue.push({ frame, message: null, opcode: opcode.close, size: frame.length })
  }

  /** Text, one character a byte, where that spares a buffer: it gathers by being joined. */
  #encode(first: number, data: string | Uint8Array): string | Uint8Array {
    if (this.#params.role === 'client') return encodeMaskedFrame(first, data, nextMaskingKey())
    if (typeof data !== 'string') return encodeFrame(first, data)
    const size = Buffer.byteLength(data)
    // As many bytes as characters: it is ASCII.
    return size === data.length ? encodeHeadText(first, size) + data : encodeTextFrame(first, data, size)
  }

  #transmit(frame: string | Uint8Array): void {
    if (!this.#gathering) {
      if (!this.stream.send(frame, 'latin1')) this.#backedUp = true
      return
    }
    if (typeof frame === 'string') {
      this.#text += frame
      if (this.#text.length > maxGatheredSize) this.#sendGathered()
      return
    }
    this.#parts ??= []
    if (this.#text !== '') this.#parts.push(this.#text)
    this.#parts.push(frame)
    this.#text = ''
    if (this.#parts.length > maxGatheredParts || frame.length > maxGatheredSize) this.#sendGathered()
  }

  #flushGathered(): void {
    this.#gathering = false
    if (this.#text !== '' || this.#parts !== null) this.#sendGathered()
  }

  #sendGathered(): void {
    const text = this.#text
    const parts = this.#parts
    this.#text = ''
    this.#parts = null
    if (parts === null) {
      if (!this.stream.send(text, 'latin1')) this.#backedUp = true
      return
    }
    if (text !== '') parts.push(text)
    if (!this.stream.sendVector(parts, 'latin1')) this.#backedUp = true
  }
}

/** `closing`: our close frame is on its way. `ended`: the WebSocket is over, the TCP connection not yet. */
type State = 'open' | 'closing' | 'ended' | 'closed'

/** Bytes taken from the peer while a message is handled. */
const maxWaitingSize = 65_536
const maxGatheredSize = 65_536
const maxGatheredParts = 128
/** Turns of microtasks that a handler's promise may take and still be gathered with what follows. */
const maxFlushRounds = 4
/** Larger payloads are not copied into their frames. In bytes. */
const largeSize = 16_384

const emptyPayload: Buffer = Buffer.alloc(0)

function isPromise(value: void | Promise<void>): value is Promise<void> {
  return typeof (value as Promise<void> | undefined)?.then === 'function'
}

function rejectClosed(): Promise<never> {
  return silently(new WebSocketClosedError())
}

/** A rejection that need not be observed. */
function silently(error: Error): Promise<never> {
  const rejected = Promise.reject(error)
  rejected.catch(() => {})
  return rejected
}
