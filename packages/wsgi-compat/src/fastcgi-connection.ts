import type { BaseIOStream } from '@tornado-ts/iostream'
import { FastCGIProtocolError, RequestTimeoutError } from './errors.ts'
import type { FastCGIListener, FastCGIRequest } from './fastcgi-request.ts'
import { NextRequest } from './next-request.ts'
import { abortRequest, encodeGetValues } from './protocol/encoder.ts'
import { FastCGIResponseDecoder, type EndEvent, type OutputEvent } from './protocol/response-decoder.ts'
import type { DoneCheck } from './read-buffers.ts'
import { ResponseBatch } from './response-batch.ts'
import type { ReusingReceiver } from './reusing-stream.ts'
import { ServiceTime } from './service-time.ts'

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
export class FastCGIConnection implements ReusingReceiver {
  readonly stream: BaseIOStream
  /** How many requests it has been given. */
  requestCount = 0

  readonly #owner: FastCGIConnectionOwner
  readonly #options: FastCGIConnectionOptions
  readonly #decoder = new FastCGIResponseDecoder()
  readonly #serviceTime = new ServiceTime()
  readonly #next = new NextRequest((request) => this.#nextLate(request))
  #request: FastCGIRequest | null = null
  /** What comes is of a request that was taken back. */
  #isSkipping = false
  #isClosed = false
  #closeReason: CloseReason = 'lost'
  #isAsking = false
  #isFull = false
  /** It is not read from, as the client of the running request does not keep up. */
  #isHeld = false
  #progressTimer: NodeJS.Timeout | null = null
  #drained: PromiseWithResolvers<void> | null = null
  /** Who may still look at the chunk that was received last. */
  #holders: FastCGIListener[] = []

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
    if (this.#isClosed || this.#isFull || this.#request === null || !this.#request.bodyEnded) return false
    return this.#next.isNone && this.#serviceTime.isBrisk
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
    if (this.#progressTimer === null) {
      this.#progressTimer = setTimeout(() => this.#timedOut(), this.#options.requestTimeoutMs)
      this.#progressTimer.unref()
    }
    request.onCancel = this.#onCancel
    const records = request.begin(this, this.#options.keepConnection)
    this.#serviceTime.begun()
    void this.sendBody(records)
  }

  /**
   * Sends a request behind the running one, so that the server need not wait for it. One that is not begun within a short
   * time is taken back, and returned to the owner. Only for requests that are `isRepeatable`.
   */
  beginAhead(request: FastCGIRequest): void {
    this.#next.put(request)
    this.requestCount++
    request.onCancel = null
    void this.sendBody(request.begin(this, this.#options.keepConnection))
  }

  /** No further requests are to be sent ahead. */
  takeNoMore(): void {
    this.#isFull = true
  }

  /** Sends records of the request; a promise when the writer should wait. */
  sendBody(records: readonly Uint8Array[]): void | Promise<void> {
    this.#progressTimer?.refresh()
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
    if (this.#isClosed) return
    const batches: ResponseBatch[] = []
    try {
      this.#decode(chunk, batches)
    } catch (error) {
      this.#closeReason = 'lost'
      this.#closed(error as Error)
      this.stream.close()
    }
    // Behind all of it: the next request is sent before anybody looks at this answer, so that the server is not idle.
    for (const batch of batches) {
      const taken = batch.deliver()
      if (taken !== undefined) this.#hold(taken)
      const { listener } = batch.request
      if (listener.isDone?.() !== true) this.#holders.push(listener)
    }
  }

  chunkHeld(): DoneCheck | null {
    if (this.#holders.length === 0) return null
    const holders = this.#holders
    this.#holders = []
    return () => holders.every((each) => each.isDone?.() === true)
  }

  endReceived(): void {
    this.close('lost')
  }

  writeBufferEmptied(): void {
    this.#progressTimer?.refresh()
    this.#drained?.resolve()
    this.#drained = null
  }

  streamClosed(error: Error | null): void {
    if (!this.#isClosed) this.#closed(error)
  }

  readonly #onCancel = (): void => this.close('abandoned')

  #decode(chunk: Buffer, batches: ResponseBatch[]): void {
    let outputs: OutputEvent[] = []
    this.#decoder.receive(chunk)
    while (!this.#isClosed) {
      const event = this.#decoder.next()
      if (event === null) break
      if (event.kind === 'values') this.#answered()
      else if (!this.isBusy) throw new FastCGIProtocolError('Output without a request')
      else if (event.kind === 'end') {
        if (this.#request !== null) batches.push(new ResponseBatch(this.#request, outputs, event))
        outputs = []
        this.#ended(event)
      } else outputs.push(event)
    }
    if (outputs.length === 0 || this.#request === null) return
    this.#progressTimer?.refresh()
    batches.push(new ResponseBatch(this.#request, outputs, null))
  }

  #answered(): void {
    if (!this.#isAsking) throw new FastCGIProtocolError('Answer to no question')
    this.#isAsking = false
    this.#owner.connectionIdle(this)
  }

  #ended({ protocolStatus }: EndEvent): void {
    const request = this.#request
    this.#serviceTime.ended()
    this.#request = null
    this.#isSkipping = false
    if (request !== null) request.onCancel = null
    if (!this.#options.keepConnection || request?.bodyEnded === false || protocolStatus !== 0) {
      this.close('released')
    } else if (this.#next.isNone) this.#owner.connectionIdle(this)
    else this.#beginNext()
  }

  /** The server goes on with what it was sent ahead. */
  #beginNext(): void {
    const request = this.#next.begin()
    this.#serviceTime.begun()
    this.#progressTimer?.refresh()
    if (request === null) this.#isSkipping = true
    else if (request.state === 'over') this.close('abandoned')
    else {
      this.#request = request
      request.onCancel = this.#onCancel
      this.#owner.connectionHasRoom?.(this)
    }
  }

  #nextLate(request: FastCGIRequest): void {
    this.stream.send(abortRequest)
    this.#return(request)
  }

  #return(request: FastCGIRequest): void {
    if (request.state === 'over') return
    request.again()
    this.#owner.requestReturned?.(request)
  }

  /** Reads no further until the client has taken what there is. */
  #hold(taken: Promise<void>): void {
    if (this.#isHeld) return
    this.#isHeld = true
    this.stream.pause()
    const goOn = (): void => {
      this.#isHeld = false
      this.#progressTimer?.refresh()
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
      this.#progressTimer?.refresh()
      return
    }
    this.#request = null
    this.close('timedOut')
    const { requestTimeoutMs } = this.#options
    request.fail(new RequestTimeoutError(`Application made no progress for ${requestTimeoutMs} ms`))
  }

  #closed(error: Error | null): void {
    this.#isClosed = true
    if (this.#progressTimer !== null) clearTimeout(this.#progressTimer)
    this.#progressTimer = null
    this.#drained?.resolve()
    this.#drained = null
    const request = this.#request
    this.#request = null
    if (request !== null) request.onCancel = null
    const next = this.#next.close()
    this.#owner.connectionClosed(this, this.#closeReason, error, request)
    if (next !== null) this.#return(next)
  }
}
