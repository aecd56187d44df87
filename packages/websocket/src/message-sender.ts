import type { BaseIOStream } from '@tornado-ts/iostream'
import { appLog } from '@tornado-ts/log'
import { alreadySent } from './already-sent.ts'
import type { ConnectionParams } from './connection-params.ts'
import type { MessageCompression } from './deflate/message-compression.ts'
import { WebSocketClosedError, WebSocketQueueFullError } from './errors.ts'
import { nextMaskingKey } from './masking-keys.ts'
import { PreparedMessage, toBuffer, toData, type Sendable } from './prepared-message.ts'
import { encodeFrame, encodeHeadText, encodeMaskedFrame, encodeTextFrame } from './protocol/frame-encoder.ts'
import { finBit, opcode, rsv1Bit } from './protocol/opcode.ts'
import { warnOfRefusal } from './refusal-warning.ts'
import { sendBudget } from './send-limits.ts'
import { SendQueue } from './send-queue.ts'

/** Whom a {@link MessageSender} tells that its connection must be failed. */
export interface SenderOwner {
  sendingFailed(closeCode: number, reason: string): void
}

/**
 * The sending half of a connection: encodes, compresses, gathers what leaves together, and keeps what the peer cannot
 * be sent yet, by the policy for slow readers.
 *
 * Messages are taken until {@link sendClose} or {@link over}.
 */
export class MessageSender {
  // What each message looks at comes first: in a broadcast the processor's caches hold little of a connection.
  readonly #stream: BaseIOStream
  readonly #params: ConnectionParams
  readonly #compression: MessageCompression | null
  #acceptsMessages = true
  /** The stream has left something behind: what is to be sent waits for it. */
  #backedUp = false
  #queue: SendQueue | null = null
  /** What is sent is gathered, and leaves at the end of the turn. */
  #gathering = false
  readonly #owner: SenderOwner
  #closeSent = false
  /** Turns until what is gathered leaves; -1 while none is planned. */
  #flushRounds = -1
  /** Text that follows `#parts`. */
  #text = ''
  #parts: (string | Uint8Array)[] | null = null
  /** The last ping that could not be answered yet; those before it need no answer (RFC 6455 §5.5.3). */
  #pendingPong: Buffer | null = null

  constructor(
    stream: BaseIOStream,
    owner: SenderOwner,
    params: ConnectionParams,
    compression: MessageCompression | null,
  ) {
    this.#stream = stream
    this.#owner = owner
    this.#params = params
    this.#compression = compression
  }

  /** Whether a close frame was sent, or waits to be. */
  get closeSent(): boolean {
    return this.#closeSent
  }

  /** Bytes that are accepted for sending and not yet taken by the operating system. */
  get bufferedAmount(): number {
    const parts = this.#parts?.reduce((sum, part) => sum + part.length, 0) ?? 0
    return this.#stream.bufferedAmount + (this.#queue?.size ?? 0) + this.#text.length + parts
  }

  /** As `WebSocketConnection.writeMessage`. */
  send(message: Sendable | PreparedMessage, binary?: boolean): Promise<void> {
    if (typeof message === 'string') {
      if (!this.#acceptsMessages) return rejectClosed()
      return this.#sendMessage(message, binary === true ? opcode.binary : opcode.text)
    }
    if (message instanceof PreparedMessage) return this.sendPrepared(message)
    const data = toData(message)
    if (!this.#acceptsMessages) return rejectClosed()
    return this.#sendMessage(data, (binary ?? typeof data !== 'string') ? opcode.binary : opcode.text)
  }

  sendPrepared(message: PreparedMessage): Promise<void> {
    if (!this.#acceptsMessages) return rejectClosed()
    const code = message.binary ? opcode.binary : opcode.text
    if (this.#params.role === 'client') return this.#sendMessage(message.data, code)
    const compression = this.#compression
    if (compression !== null && message.payload.length >= compression.threshold) {
      return this.#enqueue(null, message, code, message.payload.length)
    }
    const { frame } = message
    if (this.#mustWait) return this.#enqueue(frame, message, code, frame.length)
    this.#transmit(frame)
    return this.#backedUp ? this.#whenDrained() : alreadySent
  }

  /** Sends a control frame ahead of the messages that wait. */
  sendControl(code: number, payload: Uint8Array): void {
    this.#transmit(this.#encode(finBit | code, payload))
  }

  /** Answers a ping, when the peer takes it. */
  sendPong(payload: Buffer): void {
    if (this.#closeSent) return
    if (this.#backedUp) this.#pendingPong = Buffer.from(payload)
    else this.sendControl(opcode.pong, payload)
  }

  /** Sends a close frame behind all messages that wait; no further message is taken. */
  sendClose(payload: Buffer): void {
    this.#acceptsMessages = false
    this.#closeSent = true
    const frame = this.#encode(finBit | opcode.close, payload)
    if (this.#queue === null || this.#queue.isEmpty) this.#transmit(frame)
    else this.#queue.push({ frame, message: null, opcode: opcode.close, size: frame.length })
  }

  /** Drops what waits, be it a close frame. */
  dropWaiting(): void {
    if (this.#queue === null || this.#queue.isEmpty) return
    this.#queue.clear()
    // If it was in there.
    this.#closeSent = false
  }

  /** Nothing more can be sent: rejects what waits. */
  over(): void {
    this.#acceptsMessages = false
    this.#queue?.failed(new WebSocketClosedError())
  }

  /** Gathers what is sent from now on, until {@link flush} or soon after {@link flushSoon}. */
  gather(): void {
    this.#gathering = true
  }

  flush(): void {
    this.#gathering = false
    if (this.#text !== '' || this.#parts !== null) this.#sendGathered()
  }

  /**
   * A handler that answers by a promise is often done within this turn, and the next message is then handled in it as well:
   * what they send is to leave together.
   */
  flushSoon(): void {
    const isPlanned = this.#flushRounds >= 0
    this.#flushRounds = maxFlushRounds
    if (!isPlanned) this.#countDown()
  }

  /** The stream takes more. */
  drained(): void {
    this.#backedUp = false
    const pong = this.#pendingPong
    this.#pendingPong = null
    if (pong !== null) this.sendPong(pong)
    if (this.#queue !== null) this.#pump()
  }

  #countDown(): void {
    queueMicrotask(() => {
      if (this.#flushRounds-- > 0) this.#countDown()
      else if (this.#gathering) this.flush()
    })
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
      } else if (!this.#stream.sendVector([head, data], 'latin1')) this.#backedUp = true
    } else this.#transmit(this.#encode(finBit | code, data))
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
    const isFull = queue.size + size > maxQueuedSize || !sendBudget.hasRoom(size)
    if (isFull && !queue.isEmpty) {
      if (slowReaderPolicy === 'dropOldest') queue.makeRoom(size, maxQueuedSize)
      else return this.#refuse(slowReaderPolicy)
    }
    queue.push({ frame, message, opcode: code, size })
    this.#pump()
    return queue.isEmpty && !this.#backedUp ? alreadySent : queue.drained
  }

  #refuse(policy: 'wait' | 'close'): Promise<void> {
    if (policy === 'close') {
      this.#owner.sendingFailed(1008, 'reader too slow')
      return rejectClosed()
    }
    warnOfRefusal()
    const limit = Math.min(this.#params.maxQueuedSize, sendBudget.maxQueuedSize)
    return silently(new WebSocketQueueFullError(`More than ${limit} bytes would wait for slow peers`))
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
    this.#owner.sendingFailed(1011, '')
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
      if (!this.#stream.send(frame, 'latin1')) this.#backedUp = true
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

  #sendGathered(): void {
    const text = this.#text
    const parts = this.#parts
    this.#text = ''
    this.#parts = null
    if (parts === null) {
      if (!this.#stream.send(text, 'latin1')) this.#backedUp = true
      return
    }
    if (text !== '') parts.push(text)
    if (!this.#stream.sendVector(parts, 'latin1')) this.#backedUp = true
  }
}

const maxGatheredSize = 65_536
const maxGatheredParts = 128
/** Turns of microtasks that a handler's promise may take and still be gathered with what follows. */
const maxFlushRounds = 4
/** Larger payloads are not copied into their frames. In bytes. */
const largeSize = 16_384

function rejectClosed(): Promise<never> {
  return silently(new WebSocketClosedError())
}

/** A rejection that need not be observed. */
function silently(error: Error): Promise<never> {
  const rejected = Promise.reject(error)
  rejected.catch(() => {})
  return rejected
}
