import { jsonEncode } from '@tornado-ts/escape'
import {
  currentHttpDate,
  formatTimestamp,
  HTTPHeaders,
  responses,
  ResponseStartLine,
  type HTTPConnection,
} from '@tornado-ts/httputil'
import { ResponseBody } from './response-body.ts'
import type { TransformedOutput } from './transformed-output.ts'
import { version } from '../version.ts'

/** A header value as a handler may give it: text, a decimal number, or a time that becomes an HTTP date. */
export type HeaderValue = string | number | bigint | Date | Uint8Array

/** The response that a handler is making: what it has set and written, and how much of that is sent. */
export class HandlerResponse {
  headers: HTTPHeaders = noHeaders
  statusCode = 200
  reason = 'OK'
  headersWritten = false
  finished = false
  readonly body: ResponseBody = new ResponseBody()
  /** What the response goes through; `null` for nothing. */
  output: TransformedOutput | null = null
  /** What follows the body. */
  trailers: HTTPHeaders | null = null
  #cookies: Map<string, string> | null = null
  #sentAtOnce = 0

  /** As new, but for what is sent already. `nowMs` is on the clock of `performance.now()`. */
  reset(nowMs: number): void {
    this.headers = defaultHeaders(nowMs)
    this.trailers = null
    this.body.clear()
    this.statusCode = 200
    this.reason = 'OK'
  }

  /** @throws {RangeError} When the status is not an integer from 100 to 999. */
  setStatus(statusCode: number, reason?: string): void {
    if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 999) {
      throw new RangeError(`Invalid status ${statusCode}`)
    }
    this.statusCode = statusCode
    this.reason = reason === undefined ? (responses[statusCode] ?? 'Unknown') : safeReason(reason)
  }

  /** The last line for a name counts; they are sent in the order of their names' first. */
  setCookie(name: string, line: string): void {
    this.#cookies ??= new Map()
    this.#cookies.set(name, line)
  }

  /** @throws {TypeError} For what is neither text, bytes nor a plain object. */
  write(chunk: string | Uint8Array | object): void {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) {
      this.body.write(chunk)
      return
    }
    if (!isJsonObject(chunk)) {
      const hint = Array.isArray(chunk) ? '. Arrays are not accepted: wrap it in an object' : ''
      throw new TypeError(`write() accepts only strings, bytes and plain objects${hint}`)
    }
    this.headers.set('Content-Type', 'application/json; charset=UTF-8')
    this.body.write(jsonEncode(chunk))
  }

  /** Sends what is written and not sent yet, behind the head if that is not sent either. */
  send(connection: HTTPConnection): void | Promise<void> {
    if (this.output !== null) return this.output.send(this, connection)
    const chunk = this.body.take()
    if (this.headersWritten) return chunk.length === 0 ? undefined : connection.write(chunk)
    this.headersWritten = true
    if (this.#cookies !== null) this.addCookiesTo(this.headers)
    const startLine = new ResponseStartLine('HTTP/1.1', this.statusCode, this.reason)
    return connection.writeHeaders(startLine, this.headers, chunk)
  }

  /**
   * Whether it is time that others run, after a piece that was sent at once. A writer whose client takes everything would never
   * wait, and never learn that the client has gone.
   */
  takesTurn(): boolean {
    return ++this.#sentAtOnce % piecesPerTurn === 0
  }

  /** Adds what was set by {@link setCookie}. */
  addCookiesTo(headers: HTTPHeaders): void {
    if (this.#cookies === null) return
    for (const line of this.#cookies.values()) headers.add('Set-Cookie', line)
  }

  /**
   * Sets the fields that tell of the whole body, none of which is sent yet.
   *
   * @throws {Error} When the status allows no body and there is one.
   */
  completeHead(): void {
    const { statusCode } = this
    if (statusCode === 204 || statusCode === 304 || statusCode < 200) {
      if (!this.body.empty) throw new Error(`Cannot send a body with status ${statusCode}`)
      for (const name of bodyHeaders) this.headers.delete(name)
    } else if (this.trailers === null && !this.headers.has('Content-Length')) {
      this.headers.setUnchecked('Content-Length', String(this.body.size))
    }
  }
}

/** The text of a header value. @throws {TypeError} For a value of another type. */
export function headerText(value: HeaderValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof Date) return formatTimestamp(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  throw new TypeError(`Unsupported header value ${String(value)}`)
}

/** Resolves on the next turn of the event loop, when what has come in is read. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const piecesPerTurn = 16
const server = `TornadoServer/${version}`
/** Fields that describe a body, which a response without one must not have. */
const bodyHeaders = ['Content-Encoding', 'Content-Language', 'Content-Type']

/** Stands where a response is not begun yet. */
const noHeaders = new HTTPHeaders()
/** The response of all handlers whose connection has gone over to another protocol: there is nothing left of it. */
export const detachedResponse: HandlerResponse = new HandlerResponse()
detachedResponse.statusCode = 101
detachedResponse.headersWritten = true
detachedResponse.finished = true

let headersOfSecond = noHeaders
let headersEndMs = 0

/** The three headers of every response. They are made once a second, for `Date` tells the second. */
function defaultHeaders(nowMs: number): HTTPHeaders {
  if (nowMs >= headersEndMs) {
    headersEndMs = nowMs + 1000 - (Date.now() % 1000)
    headersOfSecond = new HTTPHeaders([
      ['Server', server],
      ['Content-Type', 'text/html; charset=UTF-8'],
      ['Date', currentHttpDate()],
    ])
    headersOfSecond.prepareWire()
  }
  return headersOfSecond.copy()
}

function safeReason(reason: string): string {
  return /^[\t\x20-\x3b\x3d-\x7e\x80-\xff]+$/.test(reason) ? reason : 'Unknown'
}

function isJsonObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || 'toJSON' in value
}
