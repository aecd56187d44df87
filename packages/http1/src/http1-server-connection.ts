import {
  HTTPHeaders,
  RequestStartLine,
  type ConnectionContext,
  type HTTPInputError,
  type HTTPMessageDelegate,
  type HTTPServerConnectionDelegate,
} from '@tornado-ts/httputil'
import { StreamClosedError, type BaseIOStream } from '@tornado-ts/iostream'
import { appLog, genLog } from '@tornado-ts/log'
import { ConnectionClock, type Lateness } from './connection-clock.ts'
import type { DeadlineSweeper } from './deadline-sweeper.ts'
import { DecompressingDelegate } from './decompressing-delegate.ts'
import { HTTP1BaseConnection } from './http1-base-connection.ts'
import { HTTP1Connection, type ExchangeOwner } from './http1-connection.ts'
import type { HTTP1ConnectionParameters, ResolvedParameters } from './parameters.ts'
import type { RequestHead } from './protocol/message-head.ts'
import { encodeRefusal } from './refusal.ts'
import { WriteWatch } from './write-watch.ts'

/** Who the peer is, and what the connections of one server share. */
export interface HTTP1ServerConnectionOptions {
  /** @default limits and time-outs as documented there */
  params?: HTTP1ConnectionParameters | ResolvedParameters
  /** @default an unknown peer that speaks `http` */
  context?: ConnectionContext
  /** Watches the time-outs; a server passes one for all its connections. @default one of its own */
  sweeper?: DeadlineSweeper
}

/**
 * A server's connection: decodes requests one after another and hands each to a delegate.
 *
 * A request is not begun before the one before it is answered, so answers keep their order. While a delegate's promise or
 * an answer is pending, at most 64 KiB of further bytes are taken from the peer. All answers to what came
 * in one chunk leave in one write. Tornado: http1connection.HTTP1ServerConnection.
 */
export class HTTP1ServerConnection extends HTTP1BaseConnection implements ExchangeOwner {
  readonly #clock: ConnectionClock
  #delegate: HTTPServerConnectionDelegate | null = null
  #exchange: HTTP1Connection | null = null
  /** Whether the current exchange's request is complete. */
  #requestComplete = false
  #phase: Phase = 'serving'
  /** The next answer is the last. */
  #lastAnswer = false
  #closeWhenIdle = false
  #requestCount = 0
  /** Made when the peer first leaves something behind. */
  #writeWatch: WriteWatch | null = null

  constructor(stream: BaseIOStream, options: HTTP1ServerConnectionOptions = {}) {
    super('server', stream, options)
    this.#clock = new ConnectionClock(this.sweeper, this.params, this)
  }

  /** Begins to read requests for `delegate`. */
  startServing(delegate: HTTPServerConnectionDelegate): void {
    this.#delegate = delegate
    this.#clock.start()
    this.stream.setReceiver(this)
  }

  /** Closes at once; resolves when the stream is closed. Tornado: HTTP1ServerConnection.close. */
  close(): Promise<void> {
    if (this.#phase === 'detached' || (this.stream.closed() && !this.closeAwaited)) return Promise.resolve()
    if (this.#delegate === null) {
      this.stream.close()
      return Promise.resolve()
    }
    const closed = this.whenClosed()
    this.#abandon(null)
    return closed
  }

  /**
   * From now on the next answer says that it is the last, and the connection ends with it. Without a request it stays
   * open: the peer may be about to send one.
   */
  announceClose(): void {
    this.#lastAnswer = true
  }

  /** Closes when the request under way is answered, or now when there is none; resolves when the stream is closed. */
  closeGracefully(): Promise<void> {
    if (this.stream.closed() || this.#phase === 'detached') return Promise.resolve()
    if (this.#delegate === null) return this.close()
    const closed = this.whenClosed()
    this.#closeWhenIdle = true
    if (this.#exchange === null && this.decoder.bufferedSize === 0) this.#endIfDone()
    return closed
  }

  /** Whether the connection ends after the response that is being written. */
  get closing(): boolean {
    return this.#lastAnswer || this.#closeWhenIdle || this.params.noKeepAlive
  }

  get bodyPending(): boolean {
    return !this.#requestComplete && this.decoder.bodyPending
  }

  chunkReceived(chunk: Buffer): void {
    if (this.#phase !== 'serving') {
      this.#clock.lingerOn()
      return
    }
    this.#clock.received(chunk.length)
    this.decoder.receive(chunk)
    if (!this.#blocked) this.process()
    else if (this.pauseIfFull()) this.#clock.held()
  }

  endReceived(): void {
    // While lingering, both sides have ended once what is queued is sent: then the stream closes by itself.
    if (this.#phase !== 'serving') return
    this.decoder.receiveEnd()
    this.peerEnded = true
    // A peer that has gone looks the same as one that has only ended its side; nobody waits for a long poll like that.
    if (this.#requestComplete && this.#exchange !== null) this.#abandon(null)
    else if (!this.#blocked) this.process()
  }

  writeBufferEmptied(): void {
    this.#writeWatch?.stop()
    this.output.emptied()
    this.goOn()
  }

  streamClosed(error: Error | null): void {
    this.#phase = 'closed'
    this.#clock.stop()
    this.#writeWatch?.stop()
    if (this.output.drained !== undefined) this.output.giveUp(new StreamClosedError(error))
    const exchange = this.#exchange
    this.#exchange = null
    if (exchange !== null) this.callApplication(() => exchange.connectionClosed(this.#requestComplete, error))
    this.callApplication(() => this.#delegate?.onClose?.(this))
    this.tellClosed()
  }

  late(what: Lateness): void {
    if (what === 'head') this.#timedOut('Timeout reading head')
    else if (what === 'body') this.#timedOut('Timeout reading body')
    else if (what === 'bodyRate') this.#timedOut('Body arrives too slowly')
    else if (what === 'next') this.decoder.forget()
    else if (what === 'idle') this.#endConnection()
    else if (this.stream.writing()) this.#clock.lingerAnew()
    else this.stream.close()
  }

  flush(): void | Promise<void> {
    // All answers to one chunk leave together.
    if (this.processing && this.output.mayGrow) return this.output.drained
    return this.#sendGathered()
  }

  exchangeFinished(): void {
    if (this.#phase === 'detached') return
    const exchange = this.#exchange!
    if (!this.#requestComplete) {
      if (!this.processing) this.process()
    } else if (!exchange.keepAlive) {
      this.#exchange = null
      this.#endConnection()
    } else {
      this.#exchange = null
      if (!this.processing) this.goOn()
    }
  }

  exchangeFailed(error: Error): void {
    genLog.error('Cannot complete a response', error)
    void this.#sendGathered()
    this.#abandon(error)
  }

  exchangeAborted(): void {
    void this.#sendGathered()
    this.stream.close()
  }

  setMaxBodySize(maxBodySize: number): void {
    this.decoder.maxBodySize = maxBodySize
  }

  setBodyTimeout(bodyTimeoutMs: number): void {
    this.#clock.setBodyTimeout(bodyTimeoutMs)
    if (!this.processing) this.#setDeadline()
  }

  detach(): BaseIOStream {
    void this.#sendGathered()
    this.#phase = 'detached'
    this.#exchange = null
    this.#clock.stop()
    this.#writeWatch?.stop()
    const stream = this.releaseStream()
    this.callApplication(() => this.#delegate?.onClose?.(this))
    this.tellClosed()
    return stream
  }

  get #blocked(): boolean {
    if (this.suspended || this.#phase !== 'serving') return true
    // A peer that does not read its answers gets no further ones.
    return this.#exchange === null ? this.output.drained !== undefined : this.#requestComplete
  }

  protected override get takesInput(): boolean {
    return !this.#blocked
  }

  protected override process(): void {
    if (this.#phase !== 'serving') return
    this.processing = true
    try {
      for (;;) {
        if (this.#exchange !== null && this.#exchange.finished && !this.#requestComplete && !this.suspended)
          this.#settleEarlyAnswer()
        if (this.#blocked) break
        const event = this.decoder.next()
        if (event === null) {
          if (this.#exchange === null) this.#endIfDone()
          break
        }
        if (event.kind === 'request') this.#requestBegan(event)
        else if (event.kind === 'data') this.suspendFor(this.#exchange!.delegate!.dataReceived(event.data))
        else if (event.kind === 'end') this.#requestEnded(event.trailers)
      }
    } catch (error) {
      this.failed(error)
    }
    this.processing = false
    if (!this.output.isEmpty) void this.#sendGathered()
    this.#setDeadline()
  }

  /** Ends the connection if what has been answered was the last. */
  #endIfDone(): void {
    if (this.peerEnded || (this.#closeWhenIdle && this.decoder.betweenMessages)) this.#endConnection()
  }

  #requestBegan(head: RequestHead): void {
    const exchange = new HTTP1Connection(this, head)
    this.#exchange = exchange
    this.#requestComplete = false
    this.#clock.requestBegan()
    const { maxRequestsPerConnection, decompressRequest } = this.params
    if (++this.#requestCount >= maxRequestsPerConnection) this.#lastAnswer = true
    let delegate = this.#delegate!.startRequest(this, exchange)
    if (decompressRequest) delegate = this.#decompressing(delegate, exchange)
    exchange.delegate = delegate
    const received = delegate.headersReceived(
      new RequestStartLine(head.method, head.target, head.version),
      HTTPHeaders.fromReceived(head.fields),
    )
    if (!head.expectsContinue) this.suspendFor(received)
    else if (received === undefined) this.#sendContinue(exchange, head)
    else this.suspendFor(received.then(() => this.#sendContinue(exchange, head)))
  }

  #decompressing(delegate: HTTPMessageDelegate, exchange: HTTP1Connection): HTTPMessageDelegate {
    return new DecompressingDelegate(delegate, {
      chunkSize: this.params.chunkSize,
      maxBodySize: () => this.decoder.maxBodySize,
      onFailure: (error) => {
        if (this.#exchange === exchange) this.failed(error)
        else if (!hasName(error, 'HTTPInputError')) appLog.error('Uncaught exception', error)
      },
    })
  }

  /** Invites the body, unless the application has answered or it is too large anyway (RFC 9110 §10.1.1). */
  #sendContinue(exchange: HTTP1Connection, { framing }: RequestHead): void {
    if (exchange.headersWritten || framing === 0 || this.#phase !== 'serving') return
    if (typeof framing === 'number' && framing > this.decoder.maxBodySize) return
    exchange.continueSent = true
    this.sendText('HTTP/1.1 100 Continue\r\n\r\n')
    void this.flush()
  }

  #requestEnded(trailers: HTTPHeaders | null): void {
    const exchange = this.#exchange!
    this.#requestComplete = true
    try {
      if (trailers !== null) exchange.delegate!.trailersReceived?.(trailers)
      exchange.delegate!.finish()
    } catch (error) {
      if (this.#exchange === exchange) throw error
      // The answer is complete: one about this error would be taken for the next request's.
      appLog.error('Uncaught exception', error)
      this.#endConnection()
      return
    }
    if (exchange.finished && this.#exchange === exchange) this.exchangeFinished()
  }

  /** Answered before the request was complete: without a rest that is a request like others. */
  #settleEarlyAnswer(): void {
    const exchange = this.#exchange!
    const rest = this.decoder.next()
    if (rest?.kind === 'end') this.#requestEnded(rest.trailers)
    else if (this.#exchange === exchange) this.#answeredEarly()
  }

  /** The rest of the request is not delivered, and nothing can be told from it about a next one. */
  #answeredEarly(): void {
    const exchange = this.#exchange!
    this.#exchange = null
    this.callApplication(() => exchange.connectionClosed(false, null))
    this.#endConnection()
  }

  /** Ends this side after what is queued, and reads on for a while so that a peer still sending can read the answer. */
  #endConnection(): void {
    if (this.#phase !== 'serving') return
    this.#phase = 'lingering'
    void this.#sendGathered()
    this.stream.endWriting()
    if (this.stream.writing()) this.#watchWriting()
    this.resumeInput()
    this.#clock.linger()
  }

  /** Closes at once; nothing more is decoded or sent. */
  #abandon(error: Error | null): void {
    this.#phase = 'closed'
    this.stream.close(error)
  }

  protected override failed(error: unknown): void {
    if (this.#phase !== 'serving') {
      // That the connection is gone is nothing that the application must be told by its log.
      if (!hasName(error, 'StreamClosedError')) appLog.error('Uncaught exception', error)
      return
    }
    if (hasName(error, 'HTTPInputError')) {
      genLog.info(`Malformed HTTP message from ${this.context.remoteIp}: ${error.message}`)
      this.#refuse((error as HTTPInputError).status, error.message)
    } else {
      appLog.error('Uncaught exception', error)
      this.#refuse(500, '')
    }
  }

  #timedOut(reason: string): void {
    genLog.info(`${reason} from ${this.context.remoteIp}`)
    this.#refuse(408, reason)
  }

  /** Answers with an error of the connection's own, if nothing is written yet, and ends it. */
  #refuse(status: number, explanation: string): void {
    const exchange = this.#exchange
    this.#exchange = null
    const unanswered = exchange === null || !exchange.headersWritten
    const answered = exchange?.finished
    if (exchange !== null) this.callApplication(() => exchange.connectionClosed(this.#requestComplete, null))
    if (this.#phase !== 'serving') return
    if (answered) {
      this.#endConnection()
      return
    }
    if (!unanswered) {
      void this.#sendGathered()
      this.#abandon(null)
      return
    }
    this.sendText(encodeRefusal(status, explanation, exchange?.method))
    this.#endConnection()
  }

  #sendGathered(): void | Promise<void> {
    try {
      if (this.output.send()) return undefined
    } catch (error) {
      // The peer must not take what was sent before for a whole response.
      genLog.error(`Cannot send to ${this.context.remoteIp}`, error)
      this.#abandon(error as Error)
      return undefined
    }
    this.#watchWriting()
    return this.output.drained
  }

  #watchWriting(): void {
    this.#writeWatch ??= new WriteWatch(this.stream, this.sweeper, this.params.writeTimeoutMs, () => {
      genLog.info(`Timeout writing to ${this.context.remoteIp}`)
      this.#abandon(null)
    })
    this.#writeWatch.start()
  }

  #setDeadline(): void {
    if (this.#phase !== 'serving') return
    if (this.#exchange !== null) {
      if (this.#requestComplete) this.#clock.awaitAnswer()
      else this.#clock.awaitBody()
    } else if (this.decoder.betweenMessages) this.#clock.awaitRequest()
    else this.#clock.awaitHead()
  }
}

/**
 * `serving` requests; `lingering` after the last answer, discarding what still arrives; `detached` from the stream; `closed`.
 */
type Phase = 'serving' | 'lingering' | 'detached' | 'closed'

/** By name: another copy of the package that it comes from may have made it. */
function hasName(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name
}
