import { StreamClosedError } from '@tornado-ts/iostream'
import { closeWithServer, leaveServer, type ClosingStream } from './closing-streams.ts'
import { nextTurn } from '../output/handler-response.ts'
import { heartbeatOf, type Beating, type Heartbeat } from './heartbeat.ts'
import { RequestHandler, type HandlerResult } from '../request-handler.ts'
import { responseOf } from '../output/response-writer.ts'
import { formatComment, formatServerSentEvent, type ServerSentEvent } from './server-sent-event.ts'

/**
 * Sends events to a page's `EventSource`. Override {@link open}, and {@link send} from wherever the events come:
 *
 * ```ts
 * class Ticker extends EventSourceHandler {
 *   override async open(): Promise<void> {
 *     for await (const price of prices({ since: this.lastEventId, signal: this.signal })) {
 *       await this.send({ id: price.id, data: price })
 *     }
 *   }
 * }
 * ```
 *
 * The stream stays open until {@link close} is called, the client goes away, or the server closes. Clients come again by themselves,
 * with {@link lastEventId}, unless {@link stopReconnecting} tells them not to. A comment now and then keeps idle connections from
 * being cut by what is between.
 *
 * @see WHATWG HTML §9.2
 */
export class EventSourceHandler<Settings extends object = object> extends RequestHandler<Settings> {
  /** Milliseconds between two looks whether the stream was idle and a comment is due; 0 for no comments. */
  static readonly heartbeatMs: number = 15_000
  /** Most bytes that may wait for a client that does not keep up. */
  static readonly maxBufferedSize: number = 1024 * 1024
  /** What happens beyond that: the client is cut off, and may come again; or it misses events. */
  static readonly slowReaderPolicy: 'close' | 'drop' = 'close'

  #stream: EventStream | null = null

  /**
   * Called when a client has come, with the groups of the path. What it throws before anything is sent or awaited is answered
   * as in any handler. That it is done does not end the stream.
   */
  open(..._args: never[]): HandlerResult {}

  /** Called once when the stream is over, whoever ended it; not for a client that was refused by {@link open}. */
  onClose(): void {}

  /** The id of the last event that the client got before the connection broke, or `null`. */
  get lastEventId(): string | null {
    const header = this.request.headers.get('Last-Event-ID')
    // Scripts that stand in for EventSource cannot always set the header.
    if (header === undefined) return this.getQueryArgument('lastEventId', null, { strip: false })
    return Buffer.from(header, 'latin1').toString()
  }

  /** Fires when the stream is over, whoever ended it. */
  get signal(): AbortSignal {
    return this.#opened.signal
  }

  /** Whether events can still be sent. */
  get isOpen(): boolean {
    return this.#stream !== null && !this.#stream.closed
  }

  /** Bytes that the client has not taken yet. */
  get bufferedSize(): number {
    return this.#stream?.bufferedSize ?? 0
  }

  /**
   * Sends an event. Resolves with `true` when the client should be sent more, and with `false` when the event was dropped because
   * the client is slow; rejects with `StreamClosedError` when the stream is over. Nobody has to await it.
   *
   * @throws {TypeError} When `event` or `id` has a line end or NUL.
   */
  send(event: ServerSentEvent): Promise<boolean> {
    return this.#opened.send(formatServerSentEvent(event))
  }

  /** Sends a comment, which the page does not see. Resolves and rejects as {@link send}. */
  comment(text: string): Promise<boolean> {
    return this.#opened.send(formatComment(text))
  }

  /** Ends the stream; the client will come again. May be called more than once. */
  close(): void {
    this.#stream?.close()
  }

  /**
   * Tells the client not to come again, by 204. In {@link open}, before anything is sent or awaited.
   *
   * @throws {Error} When the head is sent already.
   */
  stopReconnecting(): void {
    if (responseOf(this).headersWritten) throw new Error('The client has been told that events follow')
    this.setStatus(204)
    for (const name of streamFields) this.clearHeader(name)
    void this.finish()
  }

  override get(...args: never[]): HandlerResult {
    this.#setFields()
    const { heartbeatMs, maxBufferedSize, slowReaderPolicy } = this.constructor as typeof EventSourceHandler
    const stream = new EventStream(this as unknown as EventSourceHandler, {
      maxBufferedSize,
      slowReaderPolicy,
      heartbeat: heartbeatMs > 0 ? heartbeatOf(heartbeatMs) : null,
    })
    this.#stream = stream
    let opened: HandlerResult
    try {
      opened = this.open(...args)
    } catch (error) {
      stream.refuse()
      throw error
    }
    if (this.finished) {
      stream.refuse()
      return opened
    }
    stream.start()
    opened?.then(undefined, (error: unknown) => stream.fail(error))
    return stream.over
  }

  /** The head that GET would have. */
  override head(..._args: never[]): HandlerResult {
    this.#setFields()
    return this.flush()
  }

  override onConnectionClose(): void {
    this.#stream?.gone()
  }

  #setFields(): void {
    for (const [name, value] of Object.entries(fields)) this.setHeader(name, value)
  }

  get #opened(): EventStream {
    if (this.#stream === null) throw new Error('Events are sent from open() on')
    return this.#stream
  }
}

interface EventStreamOptions {
  readonly maxBufferedSize: number
  readonly slowReaderPolicy: 'close' | 'drop'
  readonly heartbeat: Heartbeat | null
}

/** The stream of one handler: what is under way to the client, and its end. */
class EventStream implements Beating, ClosingStream {
  readonly #handler: EventSourceHandler
  readonly #options: EventStreamOptions
  readonly #over: PromiseWithResolvers<void> = Promise.withResolvers()
  #abort: AbortController | null = null
  /** Nothing was sent since the last heartbeat. */
  #idle = true
  bufferedSize = 0
  closed = false

  constructor(handler: EventSourceHandler, options: EventStreamOptions) {
    this.#handler = handler
    this.#options = options
  }

  /** Settled when the stream is over. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController()
      if (this.closed) this.#abort.abort(new StreamClosedError())
    }
    return this.#abort.signal
  }

  /** Sends the head, so that the page learns that it is connected. */
  start(): void {
    this.#options.heartbeat?.add(this)
    if (!responseOf(this.#handler).headersWritten) void this.#flush(0)
    const { closing } = this.#handler.request.connection!.context
    if (closing !== undefined) closeWithServer(this, closing)
  }

  send(text: string): Promise<boolean> {
    if (this.closed) return rejected()
    const { maxBufferedSize, slowReaderPolicy } = this.#options
    const size = Buffer.byteLength(text)
    if (this.bufferedSize > 0 && this.bufferedSize + size > maxBufferedSize) {
      if (slowReaderPolicy === 'drop') return dropped
      this.#cutOff()
      return rejected()
    }
    this.#idle = false
    responseOf(this.#handler).body.write(text)
    return this.#flush(size)
  }

  beat(): void {
    // Whoever does not take what is under way is not helped by more.
    if (this.#idle && this.bufferedSize === 0) void this.send(':\n\n')
    this.#idle = true
  }

  close(): void {
    if (this.closed) return
    this.#end()
    if (!responseOf(this.#handler).finished) void this.#handler.finish()
    this.#over.resolve()
  }

  /** The client has gone. */
  gone(): void {
    if (this.closed) return
    this.#end()
    this.#over.reject(new StreamClosedError())
  }

  /** There was no stream. */
  refuse(): void {
    this.closed = true
    this.#abort?.abort(new StreamClosedError())
  }

  /** The handler has failed: the response cannot be completed. */
  fail(error: unknown): void {
    if (this.closed) return
    this.#end()
    this.#over.reject(error as Error)
  }

  #flush(size: number): Promise<boolean> {
    const response = responseOf(this.#handler)
    const sent = response.send(this.#handler.request.connection!)
    if (sent === undefined) return response.takesTurn() ? nextTurn().then(() => true) : done
    this.bufferedSize += size
    const settled = sent.then(() => {
      this.bufferedSize -= size
      return true
    })
    settled.catch(() => undefined)
    return settled
  }

  /** The client comes again when it likes, and tells what it has got. */
  #cutOff(): void {
    this.#end()
    this.#handler.request.connection!.abort()
    this.#over.reject(new StreamClosedError())
  }

  #end(): void {
    this.closed = true
    this.#options.heartbeat?.delete(this)
    const closing = this.#handler.request.connection?.context.closing
    if (closing !== undefined) leaveServer(this, closing)
    this.#abort?.abort(new StreamClosedError())
    try {
      this.#handler.onClose()
    } catch (error) {
      this.#handler.logException(error)
    }
  }
}

function rejected(): Promise<never> {
  const promise = Promise.reject(new StreamClosedError())
  promise.catch(() => undefined)
  return promise
}

const done: Promise<boolean> = Promise.resolve(true)
const dropped: Promise<boolean> = Promise.resolve(false)

const fields = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // nginx and its like would wait for a full buffer.
  'X-Accel-Buffering': 'no',
}
const streamFields = Object.keys(fields)
