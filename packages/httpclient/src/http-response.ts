import { HTTPHeaders, responses } from '@tornado-ts/httputil'
import { HTTPClientError } from './errors.ts'
import type { HTTPRequest } from './http-request.ts'

/** How long the parts of a fetch took, its last hop alone. In milliseconds; a part that there was not is 0. */
export interface TimeInfo {
  /** Waiting for a free connection. */
  readonly queueMs: number
  /** Look-up, TCP, proxy and TLS; 0 on a kept connection. */
  readonly connectMs: number
  /** From the request to the first byte of the response. */
  readonly firstByteMs: number
  /** From leaving the queue to the end of the response. */
  readonly totalMs: number
}

/** What an {@link HTTPResponse} is made of. */
export interface HTTPResponseInit {
  readonly headers?: HTTPHeaders | undefined
  /** The body, in pieces; `null` when it was streamed. */
  readonly chunks?: readonly Buffer[] | null | undefined
  readonly effectiveUrl?: string | undefined
  readonly error?: Error | null | undefined
  readonly requestTimeMs?: number | undefined
  readonly timeInfo?: Partial<TimeInfo> | undefined
  readonly reason?: string | undefined
  readonly startTime?: number | undefined
  readonly trailers?: HTTPHeaders | null | undefined
}

/** A response. Tornado: httpclient.HTTPResponse. */
export class HTTPResponse {
  /** The request as it was given, whatever redirects did to it. */
  readonly request: HTTPRequest
  /** The status, or 599 when there was no response. */
  readonly code: number
  /** The reason phrase; where none was sent, as in HTTP/2, that of the table, or `Unknown`. */
  readonly reason: string
  readonly headers: HTTPHeaders
  /** The fields behind a chunked body, or `null`. */
  readonly trailers: HTTPHeaders | null
  /** Where the response came from, after redirects. */
  readonly effectiveUrl: string
  /** The time of the last hop, without its time in the queue. In milliseconds. */
  readonly requestTimeMs: number
  readonly timeInfo: Partial<TimeInfo>
  /** When the last hop began, in milliseconds since the epoch. */
  readonly startTime: number
  readonly #given: Error | null
  #chunks: readonly Buffer[] | null
  #error: Error | null = null

  constructor(request: HTTPRequest, code: number, init: HTTPResponseInit = {}) {
    this.request = request
    this.code = code
    this.reason = init.reason || (responses[code] ?? 'Unknown')
    this.headers = init.headers ?? new HTTPHeaders()
    this.trailers = init.trailers ?? null
    this.effectiveUrl = init.effectiveUrl ?? request.url
    this.requestTimeMs = init.requestTimeMs ?? 0
    this.timeInfo = init.timeInfo ?? {}
    this.startTime = init.startTime ?? 0
    this.#given = init.error ?? null
    this.#chunks = init.chunks ?? null
  }

  /** The body, or `null` when it was streamed, or there was no response. */
  get buffer(): Buffer | null {
    const chunks = this.#chunks
    if (chunks === null) return null
    if (chunks.length === 1) return chunks[0]!
    const whole = Buffer.concat(chunks)
    this.#chunks = [whole]
    return whole
  }

  /** The body; empty when {@link buffer} is `null`. */
  get body(): Buffer {
    return this.buffer ?? emptyBody
  }

  /** Why the fetch failed; an {@link HTTPClientError} for a status outside 200 to 299; else `null`. */
  get error(): Error | null {
    if (this.#given !== null) return this.#given
    if (this.code >= 200 && this.code < 300) return null
    return (this.#error ??= new HTTPClientError(this.code, this.reason, { response: this }))
  }

  /** Whether there was a response, and {@link error} tells its status alone. */
  get isComplete(): boolean {
    return this.#given === null
  }

  /** The body as text: UTF-8, what is not becomes U+FFFD. */
  text(): string {
    return this.body.toString('utf8')
  }

  /**
   * The body parsed as JSON.
   *
   * @throws {SyntaxError} When it is none.
   */
  json(): unknown {
    return JSON.parse(this.text())
  }

  /** Throws {@link error}, if there is one. */
  rethrow(): void {
    const { error } = this
    if (error !== null) throw error
  }
}

const emptyBody: Buffer = Buffer.alloc(0)
