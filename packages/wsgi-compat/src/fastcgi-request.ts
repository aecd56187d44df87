import type { FastCGIConnection } from './fastcgi-connection.ts'
import { encodeBody, encodeRequest, endOfBody, type Params } from './protocol/encoder.ts'

/** Receives the response to a {@link FastCGIRequest}: any number of pieces, then exactly one of `finished` and `failed`. */
export interface FastCGIListener {
  /** Output of the application. While the promise it may answer is pending, no more is read of this request. */
  stdoutReceived(chunk: Buffer): void | Promise<void>
  /** What the application has to say to the log. */
  stderrReceived(chunk: Buffer): void
  /** Whether it needs none of the chunks any more, so that their memory may be used again. @default never */
  isDone?(): boolean
  /** The response is complete; the status is 0 unless the application has failed meanwhile. */
  finished(appStatus: number): void
  /** There is no response, or no more of it. */
  failed(error: Error): void
}

/** One request on its way to a responder: waits for a connection, runs on one, and is over. */
export class FastCGIRequest {
  readonly params: Params
  readonly listener: FastCGIListener
  /** Set by the pool when it begins to wait there. */
  waitsSinceMs = 0
  /** Set by the pool: takes it out of the queue, or its connection away. */
  onCancel: ((request: FastCGIRequest) => void) | null = null
  /** Whether any output has come. */
  hasOutput = false

  #state: 'waiting' | 'running' | 'over' = 'waiting'
  #connection: FastCGIConnection | null = null
  /** What came of the body while it waited. */
  #waiting: Uint8Array[] = []
  #begun: PromiseWithResolvers<void> | null = null
  #bodyEnded = false
  #wasBodiless = false

  constructor(params: Params, listener: FastCGIListener) {
    this.params = params
    this.listener = listener
  }

  get state(): 'waiting' | 'running' | 'over' {
    return this.#state
  }

  /** Whether the whole request, body included, is at hand. */
  get bodyEnded(): boolean {
    return this.#bodyEnded
  }

  /** Whether it could be sent once more: nothing is lost, and doing it twice changes nothing (RFC 9110 §9.2.2). */
  get isRepeatable(): boolean {
    const method = this.params['REQUEST_METHOD']
    const isBodiless =
      this.#state === 'waiting' ? this.#bodyEnded && this.#waiting.length === 0 : this.#wasBodiless
    if (this.hasOutput || !isBodiless) return false
    return method === 'GET' || method === 'HEAD'
  }

  /** Sends a piece of the body. A promise when the caller should wait before the next one. */
  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#state === 'running') return this.#connection!.sendBody(encodeBody(chunk))
    if (this.#state === 'over') return undefined
    this.#waiting.push(chunk)
    this.#begun ??= Promise.withResolvers()
    return this.#begun.promise
  }

  /** The body is complete. */
  end(): void {
    this.#bodyEnded = true
    if (this.#state === 'running') void this.#connection!.sendBody([endOfBody])
  }

  /** The client does not want the answer any more; the listener hears nothing further. */
  cancel(): void {
    if (this.#state === 'over') return
    const { onCancel } = this
    this.over()
    onCancel?.(this)
  }

  /** For the connection: everything that is to be sent now. */
  begin(connection: FastCGIConnection, keepConnection: boolean): Uint8Array[] {
    this.#state = 'running'
    this.#connection = connection
    const isBodiless = this.#bodyEnded && this.#waiting.length === 0
    this.#wasBodiless = isBodiless
    const pieces: Uint8Array[] = [encodeRequest(this.params, keepConnection, isBodiless)]
    if (!isBodiless) {
      for (const chunk of this.#waiting) pieces.push(...encodeBody(chunk))
      this.#waiting = []
      if (this.#bodyEnded) pieces.push(endOfBody)
    }
    this.#begun?.resolve()
    return pieces
  }

  /** For the pool: back to where it was before {@link begin}. */
  again(): void {
    this.#state = 'waiting'
    this.#connection = null
  }

  /** For the connection and the pool: nothing more happens with it. */
  over(): void {
    this.#state = 'over'
    this.#connection = null
    this.#waiting = []
    this.#begun?.resolve()
    this.onCancel = null
  }

  /** For the connection and the pool: ends it with an error. */
  fail(error: Error): void {
    if (this.#state === 'over') return
    this.over()
    this.listener.failed(error)
  }
}
