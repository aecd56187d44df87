import type { BaseIOStream, StreamReceiver } from '@tornado-ts/iostream'
import { appLog } from '@tornado-ts/log'
import { FastCGIConnectionError, FastCGIProtocolError, RequestTimeoutError } from './errors.ts'
import type { FastCGIRequest } from './fastcgi-request.ts'
import { encodeGetValues } from './protocol/encoder.ts'
import { FastCGIResponseDecoder, type FastCGIEvent } from './protocol/response-decoder.ts'

/** What a {@link FastCGIConnection} tells whoever made it. */
export interface FastCGIConnectionOwner {
  /** It can take a request. */
  connectionIdle(connection: FastCGIConnection): void
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
    return this.#request !== null
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
    void this.sendBody(pieces)
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
    if (this.#isClosed) return
    const request = this.#request
    const events: FastCGIEvent[] = []
    let end: Extract<FastCGIEvent, { kind: 'end' }> | null = null
    try {
      this.#decoder.receive(chunk)
      for (let event = this.#decoder.next(); event !== null; event = this.#decoder.next()) {
        if (event.kind === 'values') this.#answered()
        else if (request === null || end !== null) throw new FastCGIProtocolError('Output without a request')
        else if (event.kind === 'end') end = event
        else events.push(event)
      }
    } catch (error) {
      this.#failed(error as Error)
      return
    }
    if (request === null) return
    if (end !== null) this.#ended(request, end.protocolStatus)
    else this.#timer?.refresh()
    this.#deliver(request, events, end)
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
  #ended(request: FastCGIRequest, protocolStatus: number): void {
    this.#request = null
    request.onCancel = null
    if (!this.#options.keepConnection || !request.bodyEnded || protocolStatus !== 0) this.close('released')
    else this.#owner.connectionIdle(this)
  }

  #deliver(
    request: FastCGIRequest,
    events: readonly FastCGIEvent[],
    end: Extract<FastCGIEvent, { kind: 'end' }> | null,
  ): void {
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
    if (request === null) return
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
    this.#owner.connectionClosed(this, this.#closeReason, error, request)
  }
}

const refusals: Readonly<Record<number, string>> = {
  1: 'it runs one request a connection',
  2: 'it is overloaded',
  3: 'it does not know the role of a responder',
}
