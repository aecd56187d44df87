import {
  FetchTask,
  HTTPProtocolError,
  HTTPQueueFullError,
  HTTPStreamClosedError,
  HTTPTimeoutError,
  type BodySource,
} from '@tornado-ts/httpclient'
import { HTTPHeaders, HTTPInputError } from '@tornado-ts/httputil'
import { info, result } from './curl-constants.ts'
import type { CurlHost } from './curl-host.ts'
import type { CurlTransfer } from './curl-transfer.ts'
import { CurlError } from './errors.ts'
import { prepareTransfer } from './prepare-transfer.ts'
import { readHead, type ReceivedHead } from './received-head.ts'

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
export class CurlExchange extends FetchTask {
  readonly #host: CurlHost
  #transfer: CurlTransfer | null = null
  #queueTimer: NodeJS.Timeout | null = null
  #firstByteTimer: NodeJS.Timeout | null = null
  #head: ReceivedHead | null = null
  #headError: Error | null = null
  #headSize = 0
  #headDelivered = false
  /** Whoever gets the response is busy with what came. */
  #busy = false
  /** What came of a transfer that is over. */
  #rest: Buffer[] | null = null
  #trailers: HTTPHeaders | null = null
  /** libcurl's own times of the last hop. */
  times: Partial<CurlTimeInfo> = {}

  constructor(host: CurlHost, ...[request, settings, callback]: ConstructorParameters<typeof FetchTask>) {
    super(request, settings, callback)
    this.#host = host
  }

  /** Whether what comes has to wait. */
  get isBusy(): boolean {
    return this.#busy
  }

  protected override beginExchange(): void {
    const host = this.#host
    this.#head = null
    this.#headError = null
    this.#headSize = 0
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
    if (firstByteTimeoutMs > 0)
      this.#firstByteTimer = setTimeout(
        () => this.fail(new HTTPTimeoutError('first-byte')),
        firstByteTimeoutMs,
      )
  }

  protected override breakExchange(): void {
    this.#clearTimers()
    this.#rest = null
    const transfer = this.#transfer
    this.#transfer = null
    if (transfer === null) this.#host.withdraw(this)
    else this.#host.release(transfer, this.request.prepareCurlCallback === undefined)
  }

  /** From within libcurl: whether the head is one; a bad one ends the transfer, so that its connection is not used again. */
  headIsGood(): boolean {
    if (this.#head !== null) return true
    const transfer = this.#transfer
    if (this.#headError !== null || transfer === null) return false
    try {
      const bytes = transfer.headFrom(0)
      this.#headSize = bytes.length
      this.#head = readHead(bytes, this.method, this.#host.maxHeaderSize)
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
      const trailers = transfer.headFrom(this.#headSize)
      if (trailers.length > 2) this.#trailers = HTTPHeaders.parse(trailers.toString('latin1'))
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
        // As Tornado has it: HTTP/2 knows no reason phrase, and this tells what there was.
        headers.set('X-Http-Reason', startLine.reason)
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
    try {
      await body.produce(async (chunk) => {
        if (this.#transfer !== transfer) throw new HTTPStreamClosedError('The request is over')
        await transfer.upload(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
      })
      if (this.#transfer === transfer) transfer.endUpload()
    } catch (error) {
      // After an early answer nobody wants the rest.
      if (this.#transfer === transfer) this.fail(error as Error)
    }
  }

  #readTimes(transfer: CurlTransfer): void {
    const nameLookupMs = transfer.time(info.nameLookup) * 1000
    const appConnectMs = transfer.time(info.appConnect) * 1000
    this.times = {
      nameLookupMs,
      appConnectMs,
      preTransferMs: transfer.time(info.preTransfer) * 1000,
      startTransferMs: transfer.time(info.startTransfer) * 1000,
      redirectMs: transfer.time(info.redirect) * 1000,
    }
    this.connectMs = Math.max(transfer.time(info.connect) * 1000, appConnectMs)
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
