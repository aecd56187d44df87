import {
  FetchTask,
  HTTPProtocolError,
  HTTPQueueFullError,
  HTTPStreamClosedError,
  HTTPTimeoutError,
  type BodySource,
  type Queued,
  type TaskFifo,
  type TimeInfo,
} from '@tornado-ts/httpclient'
import { HTTPHeaders, HTTPInputError, HTTPOutputError } from '@tornado-ts/httputil'
import { info, result } from './curl-constants.ts'
import type { CurlHost } from './curl-host.ts'
import type { CurlTransfer } from './curl-transfer.ts'
import { CurlError } from './errors.ts'
import { prepareTransfer } from './prepare-transfer.ts'
import { readHead, reasonName, type ReceivedHead } from './received-head.ts'

/**
 * How long the parts of a fetch took, its last hop alone: what every client tells, and libcurl's own times. Those count
 * from the beginning of the transfer. In milliseconds.
 */
export interface CurlTimeInfo {
  readonly queueMs: number
  readonly connectMs: number
  readonly firstByteMs: number
  readonly totalMs: number
  /** Until the host was looked up. */
  readonly nameLookupMs: number
  /** Until TLS was there. */
  readonly appConnectMs: number
  /** Until the request could be sent. */
  readonly preTransferMs: number
  /** Until the first byte of the response. */
  readonly startTransferMs: number
  /** In redirects that libcurl itself followed: only with options set by `prepareCurlCallback`. */
  readonly redirectMs: number
}

/** A fetch by libcurl. Each hop is one transfer. */
export class CurlExchange extends FetchTask implements Queued {
  /** Links of the queue for a handle. */
  fifo: TaskFifo<Queued> | null = null
  before: Queued | null = null
  behind: Queued | null = null
  /** Where the client has it. */
  place = -1

  readonly #host: CurlHost
  #transfer: CurlTransfer | null = null
  /** Counts the transfers of this fetch. */
  #hop = 0
  #queueTimer: NodeJS.Timeout | null = null
  #firstByteTimer: NodeJS.Timeout | null = null
  #head: ReceivedHead | null = null
  #headError: Error | null = null
  #headDelivered = false
  /** Whoever gets the response is busy with what came. */
  #busy = false
  /** What came of a transfer that is over. */
  #rest: Buffer[] | null = null
  #trailers: HTTPHeaders | null = null
  /** libcurl's own times of the last hop, in seconds; -1 while there are none. */
  #nameLookup = -1
  #appConnect = 0
  #preTransfer = 0
  #startTransfer = 0
  #redirect = 0

  constructor(host: CurlHost, ...[request, settings, callback]: ConstructorParameters<typeof FetchTask>) {
    super(request, settings, callback)
    this.#host = host
  }

  /** Tells libcurl's own times as well, when there are any. */
  addTimes(times: Partial<TimeInfo>): void {
    if (this.#nameLookup < 0) return
    const all = times as { -readonly [Name in keyof CurlTimeInfo]?: number }
    all.nameLookupMs = this.#nameLookup * 1000
    all.appConnectMs = this.#appConnect * 1000
    all.preTransferMs = this.#preTransfer * 1000
    all.startTransferMs = this.#startTransfer * 1000
    all.redirectMs = this.#redirect * 1000
  }

  /** Whether what comes has to wait. */
  get isBusy(): boolean {
    return this.#busy
  }

  protected override beginExchange(): void {
    const host = this.#host
    this.#hop++
    this.#head = null
    this.#headError = null
    this.#headDelivered = false
    this.#busy = false
    this.#rest = null
    this.#trailers = null
    this.submittedMs = performance.now()
    if (host.isFull) {
      this.fail(new HTTPQueueFullError(host.maxQueueSize))
      return
    }
    if (host.submit(this)) return
    const timeoutMs = this.request.queueTimeoutMs ?? this.settings.queueTimeoutMs
    if (timeoutMs > 0)
      this.#queueTimer = setTimeout(() => this.fail(new HTTPTimeoutError('queue')), timeoutMs)
  }

  /** There is a handle for it. */
  admitted(transfer: CurlTransfer): void {
    this.#clearTimers()
    this.#transfer = transfer
    this.startedMs = performance.now()
    const { request, settings } = this
    try {
      transfer.use(this, request.maxBodySize ?? settings.maxBodySize)
      prepareTransfer(transfer, this, this.#host)
      transfer.begin()
    } catch (error) {
      this.fail(error as Error)
      return
    }
    const { body } = this
    if (body !== null && !(body instanceof Uint8Array)) void this.#produce(transfer, body)
    const firstByteTimeoutMs = request.firstByteTimeoutMs ?? settings.firstByteTimeoutMs
    if (firstByteTimeoutMs > 0) this.#awaitFirstByte(transfer, firstByteTimeoutMs, this.startedMs)
  }

  /** The server is silent since it has the request; what came before that does not count. */
  #awaitFirstByte(transfer: CurlTransfer, timeoutMs: number, sinceMs: number): void {
    const look = (): void => {
      const nowMs = performance.now()
      const { body } = this
      const isSent = transfer.hasSent(body instanceof Uint8Array ? body.byteLength : 0)
      const readyMs = this.startedMs + transfer.time(info.preTransfer) * 1000
      const silentSinceMs = isSent ? Math.max(sinceMs, readyMs) : nowMs
      if (nowMs - silentSinceMs >= timeoutMs) this.fail(new HTTPTimeoutError('first-byte'))
      else this.#awaitFirstByte(transfer, timeoutMs, silentSinceMs)
    }
    this.#firstByteTimer = setTimeout(look, Math.max(1, Math.ceil(sinceMs + timeoutMs - performance.now())))
  }

  protected override breakExchange(): void {
    this.#clearTimers()
    this.#rest = null
    const transfer = this.#transfer
    this.#transfer = null
    if (transfer === null) this.#host.withdraw(this)
    else this.#host.release(transfer, this.request.prepareCurlCallback === undefined)
  }

  /** From within libcurl: whether it will not send the request again by itself, after a head with this status. */
  isFinal(code: number): boolean {
    if (code < 200 || code === 407) return false
    const mayFollow = this.request.prepareCurlCallback !== undefined
    return !(mayFollow && (code === 401 || (code >= 300 && code < 400)))
  }

  /** From within libcurl: whether the head is one; a bad one ends the transfer, so that its connection is not used again. */
  headIsGood(): boolean {
    if (this.#head !== null) return true
    const transfer = this.#transfer
    if (this.#headError !== null || transfer === null) return false
    try {
      this.#head = readHead(transfer.headFrom(0), {
        requestMethod: this.method,
        maxHeaderSize: this.#host.maxHeaderSize,
        // A callback gets the fields that were sent alone.
        addsReason: this.request.headerCallback === undefined,
      })
      return true
    } catch (error) {
      this.#headError = toProtocolError(error)
      return false
    }
  }

  /** Hands on what has come, as long as whoever gets it is not busy. */
  deliver(): void {
    if (this.over) return
    try {
      this.#deliver()
    } catch (error) {
      this.fail(toProtocolError(error))
    }
  }

  /** libcurl is done with it. */
  transferEnded(code: number): void {
    const transfer = this.#transfer!
    if (code !== result.ok && !transfer.refused) {
      this.fail(this.#toError(transfer, code))
      return
    }
    if (transfer.refused) this.#headError = null
    if (!this.headIsGood()) {
      this.#host.release(transfer, false)
      this.#transfer = null
      this.fail(this.#headError!)
      return
    }
    try {
      const { size, mayHaveTrailers } = this.#head!
      const trailers = mayHaveTrailers ? transfer.headFrom(size) : null
      if (trailers !== null && trailers.length > 2)
        this.#trailers = HTTPHeaders.parse(trailers.toString('latin1'))
    } catch (error) {
      this.fail(toProtocolError(error))
      return
    }
    this.#readTimes(transfer)
    this.#rest = transfer.takeChunks()
    this.#clearTimers()
    this.#transfer = null
    this.#host.release(transfer, this.request.prepareCurlCallback === undefined)
    this.deliver()
  }

  #deliver(): void {
    while (!this.#busy) {
      let pending: void | Promise<void>
      if (!this.#headDelivered) {
        this.#headDelivered = true
        if (this.#firstByteTimer !== null) clearTimeout(this.#firstByteTimer)
        const { startLine, headers } = this.#head!
        pending = this.headersReceived(startLine, headers)
        if (this.request.headerCallback !== undefined) {
          const addReason = (): void => headers.set(reasonName, startLine.reason)
          if (pending instanceof Promise) pending = pending.then(addReason)
          else addReason()
        }
      } else {
        const chunk = this.#rest === null ? this.#transfer?.nextChunk() : this.#rest.shift()
        if (chunk === undefined || chunk === null) break
        pending = this.dataReceived(chunk)
      }
      if (this.over) return
      if (pending instanceof Promise) {
        this.#busy = true
        pending.then(
          () => {
            this.#busy = false
            this.deliver()
          },
          (error: Error) => this.fail(toProtocolError(error)),
        )
      }
    }
    if (this.#busy) return
    if (this.#rest === null) {
      this.#transfer?.goOn()
      return
    }
    this.#rest = null
    if (this.#trailers !== null) this.trailersReceived(this.#trailers)
    this.finish()
    this.exchangeEnded()
  }

  async #produce(transfer: CurlTransfer, body: BodySource): Promise<void> {
    // The next hop may get the same handle.
    const hop = this.#hop
    const isCurrent = (): boolean => this.#transfer === transfer && this.#hop === hop
    const length = this.headers.get('Content-Length')
    let remaining = length === undefined ? Infinity : Number(length)
    try {
      await body.produce(async (chunk) => {
        if (!isCurrent()) throw new HTTPStreamClosedError('The request is over')
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
        remaining -= bytes.byteLength
        if (remaining < 0) throw new HTTPOutputError('Tried to write more data than Content-Length')
        await transfer.upload(bytes)
      })
      if (!isCurrent()) return
      if (remaining > 0 && remaining !== Infinity)
        throw new HTTPOutputError(`Tried to write ${remaining} bytes less than Content-Length`)
      transfer.endUpload()
    } catch (error) {
      // After an early answer nobody wants the rest.
      if (isCurrent()) this.fail(error as Error)
    }
  }

  #readTimes(transfer: CurlTransfer): void {
    this.#nameLookup = transfer.time(info.nameLookup)
    this.#appConnect = transfer.time(info.appConnect)
    this.#preTransfer = transfer.time(info.preTransfer)
    this.#startTransfer = transfer.time(info.startTransfer)
    // Without a callback that tells it to, libcurl follows none.
    if (this.request.prepareCurlCallback !== undefined) this.#redirect = transfer.time(info.redirect)
    this.connectMs = Math.max(transfer.time(info.connect), this.#appConnect) * 1000
  }

  #toError(transfer: CurlTransfer, code: number): Error {
    if (this.#headError !== null) return this.#headError
    if (code === result.writeError && transfer.overflowed)
      return new HTTPProtocolError('The body of the response exceeds its limit')
    const text = transfer.errorText(code)
    const cause = new CurlError(code, text)
    if (code === result.timedOut)
      return new HTTPTimeoutError(transfer.connected ? 'request' : 'connect', { cause })
    if (malformed.has(code) || (code === result.receiveError && aboutForm.test(text)))
      return new HTTPProtocolError(text, { cause })
    if (closed.has(code)) return new HTTPStreamClosedError(`Connection closed: ${text}`, { cause })
    return cause
  }

  #clearTimers(): void {
    if (this.#queueTimer !== null) clearTimeout(this.#queueTimer)
    if (this.#firstByteTimer !== null) clearTimeout(this.#firstByteTimer)
    this.#queueTimer = null
    this.#firstByteTimer = null
  }
}

function toProtocolError(error: unknown): Error {
  if (error instanceof HTTPInputError) return new HTTPProtocolError(error.message, { cause: error })
  return error as Error
}

const closed: ReadonlySet<number> = new Set([
  result.partialFile,
  result.gotNothing,
  result.sendError,
  result.sendFailRewind,
  result.receiveError,
])
const malformed: ReadonlySet<number> = new Set([
  result.unsupportedProtocol,
  result.weirdServerReply,
  result.http2,
  result.http2Stream,
  result.outOfMemory,
  // A trailer or a first field that is none, of all things.
  result.badArgument,
  result.badContentEncoding,
  result.tooLarge,
])
/** libcurl has one number for a connection that breaks and for chunks that are none. */
const aboutForm = /chunk|header|invalid|illegal|malformed|unsupported/i
