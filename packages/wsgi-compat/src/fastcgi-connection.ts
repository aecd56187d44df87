import type { BaseIOStream, StreamReceiver } from '@tornado-ts/iostream'
import { appLog } from '@tornado-ts/log'
import { FastCGIConnectionError, FastCGIProtocolError, RequestTimeoutError } from './errors.ts'
import type { FastCGIRequest } from './fastcgi-request.ts'
import { abortRequest, encodeGetValues } from './protocol/encoder.ts'
import { FastCGIResponseDecoder, type FastCGIEvent } from './protocol/response-decoder.ts'

/** What a {@link FastCGIConnection} tells whoever made it. */
export interface FastCGIConnectionOwner {
  /** It can take a request. */
  connectionIdle(connection: FastCGIConnection): void
  /** It runs a request, and could be sent another one ahead: see {@link FastCGIConnection.beginAhead}. */
  connectionHasRoom?(connection: FastCGIConnection): void
  /** A request that was sent ahead was not begun there in time, and is to run elsewhere. */
  requestReturned?(request: FastCGIRequest): void
  /** It is closed. `request` is the one it was running, and not yet told. */
  connectionClosed(
    connection: FastCGIConnection,
    reason: CloseReason,
    error: Error | null,
    request: FastCGIRequest | null,
  ): void
}

/**
 * `lost`: the server or the network closed it; `timedOut`: a request made no progress; `abandoned`: nobody wants the answer to
 * its request any more; `released`: after its request, which did not ask to keep it open, or by its owner.
 */
export type CloseReason = 'lost' | 'timedOut' | 'abandoned' | 'released'

/** Options of a {@link FastCGIConnection}. */
export interface FastCGIConnectionOptions {
  /** Whether the server is asked to leave the connection open behind a request. */
  readonly keepConnection: boolean
  /** Longest time in which a request may make no progress. In ms. */
  readonly requestTimeoutMs: number
}

/** A connection to a FastCGI server that runs one request at a time. */
export class FastCGIConnection implements StreamReceiver {
  readonly stream: BaseIOStream
  /** How many requests it has been given. */
  requestCount = 0

  readonly #owner: FastCGIConnectionOwner
  readonly #options: FastCGIConnectionOptions
  readonly #decoder = new FastCGIResponseDecoder()
  #request: FastCGIRequest | null = null
  /** Sent already; the server begins it when the running one is over. */
  #ahead: FastCGIRequest | null = null
  /** The one sent ahead was taken back: whatever comes of it is passed over. */
  #isAheadReturned = false
  #isSkipping = false
  #aheadTimer: NodeJS.Timeout | null = null
  #begunMs = 0
  /** How long requests take, lately. */
  #serviceMs = Infinity
  #isClosed = false
  #closeReason: CloseReason = 'lost'
  #isAsking = false
  #isHeld = false
  #timer: NodeJS.Timeout | null = null
  #drained: PromiseWithResolvers<void> | null = null

  constructor(stream: BaseIOStream, owner: FastCGIConnectionOwner, options: FastCGIConnectionOptions) {
    this.stream = stream
    this.#owner = owner
    this.#options = options
    stream.setReceiver(this)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get isBusy(): boolean {
    return this.#request !== null || this.#isSkipping
  }

  /** Whether a request can be sent ahead: the running one is sent whole, and those before it were quick. */
  get hasRoom(): boolean {
    if (this.#isClosed || this.#ahead !== null || this.#isAheadReturned || this.#serviceMs > briskMs)
      return false
    return this.#request !== null && this.#request.bodyEnded
  }

  /** Asks the server a question that it answers once it serves this connection; the owner is told then. */
  ask(): void {
    this.#isAsking = true
    this.stream.send(encodeGetValues(['FCGI_MAX_CONNS']))
  }

  /** Runs a request. */
  begin(request: FastCGIRequest): void {
    this.#request = request
    this.requestCount++
    if (this.#timer === null) {
      this.#timer = setTimeout(() => this.#timedOut(), this.#options.requestTimeoutMs)
      this.#timer.unref()
    } else this.#timer.refresh()
    request.onCancel = this.#onCancel
    const pieces = request.begin(this, this.#options.keepConnection)
    this.#begunMs = performance.now()
    void this.sendBody(pieces)
  }

  /**
   * Sends a request behind the running one, so that the server need not wait for it. One that is not begun within a short
   * time is taken back, and returned to the owner. Only for requests that are `isRepeatable`.
   */
  beginAhead(request: FastCGIRequest): void {
    this.#ahead = request
    this.requestCount++
    if (this.#aheadTimer === null) {
      this.#aheadTimer = setTimeout(() => this.#takeBack(), aheadLimitMs)
      this.#aheadTimer.unref()
    } else this.#aheadTimer.refresh()
    request.onCancel = null
    void this.sendBody(request.begin(this, this.#options.keepConnection))
  }

  /** Sends records of the request; a promise when the writer should wait. */
  sendBody(records: readonly Uint8Array[]): void | Promise<void> {
    this.#timer?.refresh()
    const isSent = records.length === 1 ? this.stream.send(records[0]!) : this.stream.sendVector(records)
    if (isSent || this.#isClosed) return undefined
    this.#drained ??= Promise.withResolvers()
    return this.#drained.promise
  }

  /** Closes at once. */
  close(reason: CloseReason): void {
    if (this.#isClosed) return
    this.#closeReason = reason
    this.#closed(null)
    this.stream.close()
  }

  chunkReceived(chunk: Buffer): void {
    const batches: Batch[] = []
    let events: FastCGIEvent[] = []
    try {
      this.#decoder.receive(chunk)
      for (;;) {
        if (this.#isClosed) break
        const event = this.#decoder.next()
        if (event === null) break
        if (event.kind === 'values') this.#answered()
        else if (!this.isBusy) throw new FastCGIProtocolError('Output without a request')
        else if (event.kind === 'end') {
          if (this.#request !== null) batches.push({ request: this.#request, events, end: event })
          events = []
          this.#ended(event.protocolStatus)
        } else events.push(event)
      }
      if (events.length > 0 && this.#request !== null) {
        this.#timer?.refresh()
        batches.push({ request: this.#request, events, end: null })
      }
    } catch (error) {
      this.#failed(error as Error)
    }
    for (const batch of batches) this.#deliver(batch)
  }

  endReceived(): void {
    this.close('lost')
  }

  writeBufferEmptied(): void {
    this.#timer?.refresh()
    this.#drained?.resolve()
    this.#drained = null
  }

  streamClosed(error: Error | null): void {
    if (!this.#isClosed) this.#closed(error)
  }

  readonly #onCancel = (): void => this.close('abandoned')

  #answered(): void {
    if (!this.#isAsking) throw new FastCGIProtocolError('Answer to no question')
    this.#isAsking = false
    this.#owner.connectionIdle(this)
  }

  /** The next request is sent before this one's answer is looked at: the server is not to be idle meanwhile. */
  #ended(protocolStatus: number): void {
    const request = this.#request
    const tookMs = performance.now() - this.#begunMs
    this.#serviceMs = this.#serviceMs === Infinity ? tookMs : this.#serviceMs * 0.8 + tookMs * 0.2
    this.#request = null
    this.#isSkipping = false
    if (request !== null) request.onCancel = null
    if (!this.#options.keepConnection || request?.bodyEnded === false || protocolStatus !== 0) {
      this.close('released')
    } else if (this.#ahead === null && !this.#isAheadReturned) this.#owner.connectionIdle(this)
    else this.#beginNext()
  }

  /** The server goes on with what it was sent ahead. */
  #beginNext(): void {
    const request = this.#ahead
    this.#ahead = null
    this.#begunMs = performance.now()
    this.#timer?.refresh()
    if (this.#isAheadReturned) {
      this.#isAheadReturned = false
      this.#isSkipping = true
    } else if (request === null || request.state === 'over') {
      this.close('abandoned')
    } else {
      this.#request = request
      request.onCancel = this.#onCancel
      this.#owner.connectionHasRoom?.(this)
    }
  }

  #takeBack(): void {
    const request = this.#ahead
    if (request === null || this.#isClosed) return
    this.#ahead = null
    this.#isAheadReturned = true
    this.stream.send(abortRequest)
    this.#returnAhead(request)
  }

  #returnAhead(request: FastCGIRequest): void {
    if (request.state === 'over') return
    request.again()
    this.#owner.requestReturned?.(request)
  }

  #deliver({ request, events, end }: Batch): void {
    const { listener } = request
    try {
      for (const event of events) {
        if (request.state === 'over') return
        if (event.kind === 'stdout') {
          request.hasOutput = true
          const taken = listener.stdoutReceived(event.data)
          if (taken !== undefined && end === null) this.#hold(taken)
        } else if (event.kind === 'stderr') listener.stderrReceived(event.data)
      }
      if (end === null || request.state === 'over') return
      if (end.protocolStatus !== 0) {
        request.fail(
          new FastCGIConnectionError(`Server refused the request: ${refusals[end.protocolStatus]}`),
        )
      } else {
        request.over()
        listener.finished(end.appStatus)
      }
    } catch (error) {
      appLog.error('Uncaught exception', error)
      request.cancel()
    }
  }

  /** Reads no further until the client has taken what there is. */
  #hold(taken: Promise<void>): void {
    if (this.#isHeld) return
    this.#isHeld = true
    this.stream.pause()
    const goOn = (): void => {
      this.#isHeld = false
      this.#timer?.refresh()
      this.stream.resume()
    }
    taken.then(goOn, goOn)
  }

  #timedOut(): void {
    const request = this.#request
    if (request === null) {
      if (this.#isSkipping) this.close('timedOut')
      return
    }
    // Not the application but the client keeps it waiting: to be read from, or for the rest of the body.
    if (this.#isHeld || (!request.bodyEnded && this.#drained === null)) {
      this.#timer?.refresh()
      return
    }
    this.#request = null
    this.close('timedOut')
    const { requestTimeoutMs } = this.#options
    request.fail(new RequestTimeoutError(`Application made no progress for ${requestTimeoutMs} ms`))
  }

  #failed(error: Error): void {
    this.#closeReason = 'lost'
    this.#closed(error)
    this.stream.close()
  }

  #closed(error: Error | null): void {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#drained?.resolve()
    this.#drained = null
    const request = this.#request
    this.#request = null
    if (request !== null) request.onCancel = null
    if (this.#aheadTimer !== null) clearTimeout(this.#aheadTimer)
    const ahead = this.#ahead
    this.#ahead = null
    this.#owner.connectionClosed(this, this.#closeReason, error, request)
    if (ahead !== null) this.#returnAhead(ahead)
  }
}

/** What one chunk brought for one request. */
interface Batch {
  readonly request: FastCGIRequest
  readonly events: readonly FastCGIEvent[]
  readonly end: Extract<FastCGIEvent, { kind: 'end' }> | null
}

/** Longest time that requests may take for another one to be sent behind them. */
const briskMs = 5
/** How long a request that was sent ahead may wait to be begun. */
const aheadLimitMs = 20

const refusals: Readonly<Record<number, string>> = {
  1: 'it runs one request a connection',
  2: 'it is overloaded',
  3: 'it does not know the role of a responder',
}
