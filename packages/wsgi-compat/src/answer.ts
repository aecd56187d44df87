import {
  currentHttpDate,
  HTTPHeaders,
  ResponseStartLine,
  responses,
  type HTTPServerRequest,
} from '@tornado-ts/httputil'
import { accessLog, appLog } from '@tornado-ts/log'
import { isAscii } from 'node:buffer'

/**
 * The answer to one request: adds the fields that an application may leave out, holds the body to its announced length, and
 * writes the line of the access log at the end.
 */
export class Answer {
  readonly request: HTTPServerRequest
  /** Called once when it is over, however it ends. */
  onOver: (() => void) | null = null

  /** Called when the client is gone before that. */
  onGone: (() => void) | null = null

  readonly #serverSoftware: string
  #code = 0
  #isOver = false
  /** Bytes of the body that are still to come, or -1 when no length was announced. */
  #remaining = -1
  #isBodiless = false
  #isExcessLogged = false

  constructor(request: HTTPServerRequest, serverSoftware: string) {
    this.request = request
    this.#serverSoftware = serverSoftware
    request.connection?.setCloseCallback(() => this.#gone())
  }

  get headSent(): boolean {
    return this.#code !== 0
  }

  /** Whether the operating system has taken all that was written, as far as can be told. */
  get isTaken(): boolean {
    const connection = this.request.serverConnection as StreamOwner | null
    return connection?.stream?.bufferedAmount === 0
  }

  /** Whether it is complete, or the client is gone. */
  get isOver(): boolean {
    return this.#isOver
  }

  /**
   * Sends the head, and what there is of the body; `isWhole` says that this is all of it. A promise when the writer should
   * wait before the next piece.
   */
  begin(
    code: number,
    reason: string,
    headers: HTTPHeaders,
    chunk: Uint8Array,
    isWhole: boolean,
  ): void | Promise<void> {
    if (this.#isOver) return undefined
    this.#code = code
    const isHead = this.request.method === 'HEAD'
    this.#isBodiless = isHead || code === 204 || code === 304
    // RFC 9110 §8.6: a 204 has no length.
    if (code === 204) headers.delete('Content-Length')
    else if (code !== 304) {
      if (isWhole && !isHead && !headers.has('Content-Length')) {
        headers.setUnchecked('Content-Length', String(chunk.length))
      }
      if (!headers.has('Content-Type')) headers.setUnchecked('Content-Type', 'text/html; charset=UTF-8')
    }
    if (!headers.has('Server')) headers.setUnchecked('Server', this.#serverSoftware)
    if (!headers.has('Date')) headers.setUnchecked('Date', currentHttpDate())
    const length = headers.get('Content-Length')
    if (length !== undefined && !this.#isBodiless) this.#remaining = Number(length)
    const body = this.#take(chunk)
    const startLine = new ResponseStartLine('HTTP/1.1', code, reason)
    const sent =
      body.length === 0
        ? this.#connection.writeHeaders(startLine, headers)
        : this.#connection.writeHeaders(startLine, headers, joinable(body))
    this.#finishIfWhole()
    return sent
  }

  /** Sends a piece of the body. A promise when the writer should wait before the next one. */
  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#isOver) {
      if (this.#remaining === 0 && chunk.length > 0) this.#logExcess()
      return undefined
    }
    const body = this.#take(chunk)
    const sent = body.length === 0 ? undefined : this.#connection.write(body)
    this.#finishIfWhole()
    return sent
  }

  /** The body is complete; one shorter than announced breaks the connection off. */
  finish(): void {
    if (this.#isOver) return
    if (this.#remaining > 0) {
      appLog.error(
        `Response to ${this.#requestText} ended ${this.#remaining} bytes before its Content-Length`,
      )
      this.breakOff()
      return
    }
    this.#over()
    this.#connection.finish()
    this.#log()
  }

  /** Ends it with an error of the server: a page of its own, or if the head is sent, the connection is closed. */
  fail(status: number, extra: Readonly<Record<string, string>> = {}): void {
    if (this.#isOver) return
    if (this.headSent) {
      this.breakOff()
      return
    }
    const title = `${status}: ${responses[status] ?? 'Unknown'}`
    const page = Buffer.from(`<html><title>${title}</title><body>${title}</body></html>`)
    void this.begin(status, responses[status] ?? 'Unknown', new HTTPHeaders(extra), page, true)
    this.finish()
  }

  /** Closes the connection: the client must not take what it got for the whole. */
  breakOff(): void {
    if (this.#isOver) return
    this.#over()
    this.#connection.abort()
    this.#log()
  }

  get #connection(): NonNullable<HTTPServerRequest['connection']> {
    return this.request.connection!
  }

  get #requestText(): string {
    return `${this.request.method} ${this.request.uri}`
  }

  /** What of a piece may be sent. */
  #take(chunk: Uint8Array): Uint8Array {
    if (this.#isBodiless) return nothing
    if (this.#remaining === -1 || chunk.length <= this.#remaining) {
      if (this.#remaining !== -1) this.#remaining -= chunk.length
      return chunk
    }
    this.#logExcess()
    const kept = chunk.subarray(0, this.#remaining)
    this.#remaining = 0
    return kept
  }

  /** The client has all that was announced: what the application still does behind it is not waited for. */
  #finishIfWhole(): void {
    if (this.#isBodiless || this.#remaining === 0) this.finish()
  }

  #logExcess(): void {
    if (this.#isExcessLogged) return
    this.#isExcessLogged = true
    appLog.error(`Response to ${this.#requestText} is longer than its Content-Length; the rest is dropped`)
  }

  #gone(): void {
    if (this.#isOver) return
    this.#over()
    this.onGone?.()
    this.#log()
  }

  #over(): void {
    this.#isOver = true
    const { onOver } = this
    this.onOver = null
    onOver?.()
  }

  #log(): void {
    const status = this.#code === 0 ? 499 : this.#code
    const level = status < 400 ? 'info' : status < 500 ? 'warning' : 'error'
    if (this.#code === 0 || !accessLog.isEnabledFor(level)) return
    const { method, uri, remoteIp } = this.request
    accessLog[level](`${status} ${method} ${uri} (${remoteIp}) ${this.request.requestTime().toFixed(2)}ms`)
  }
}

/** A small body of ASCII as text, which goes out in one piece with the head: a vectored write costs twice as much. */
function joinable(body: Uint8Array): string | Uint8Array {
  if (body.length > maxJoinedSize || !isAscii(body)) return body
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
}

/** What the connections of an `HTTPServer` have; others need not. */
interface StreamOwner {
  readonly stream?: { readonly bufferedAmount?: unknown }
}

const maxJoinedSize = 8_192
const nothing: Uint8Array = new Uint8Array()
