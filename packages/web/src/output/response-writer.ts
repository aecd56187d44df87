import {
  ifNoneMatchMatches,
  buildSetCookie,
  type HTTPConnection,
  type SetCookieOptions,
} from '@tornado-ts/httputil'
import {
  detachedResponse,
  HandlerResponse,
  headerText,
  nextTurn,
  type HeaderValue,
} from './handler-response.ts'
import type { OutputTransform } from './output-transform.ts'
import { RequestReader } from '../input/request-reader.ts'
import { createSignedValue } from '../security/signed-value.ts'
import { putTrailer } from './trailers.ts'

/** The response that a handler is making. For the layers of the handler itself. */
export let responseOf: <Settings extends object>(writer: ResponseWriter<Settings>) => HandlerResponse
/** Lets go of a handler's response: its connection has gone over to another protocol. */
export let releaseResponse: <Settings extends object>(writer: ResponseWriter<Settings>) => void
/** Where a handler's response goes. */
export let connectionOf: <Settings extends object>(writer: ResponseWriter<Settings>) => HTTPConnection

/** What a handler sets and writes of its response: status, headers, cookies, body. The base of `RequestHandler`. */
export class ResponseWriter<Settings extends object = object> extends RequestReader<Settings> {
  #response: HandlerResponse = new HandlerResponse()

  static {
    responseOf = (writer) => writer.#response
    releaseResponse = (writer) => {
      writer.#response = detachedResponse
    }
    connectionOf = (writer) => writer.#connection()
  }

  /**
   * Sets the status. A reason that could not stand in a status line, or that holds `<`, becomes `Unknown`.
   *
   * @param reason @default the standard phrase, or `Unknown`
   * @throws {RangeError} When the status is not an integer from 100 to 999.
   */
  setStatus(statusCode: number, reason?: string): void {
    this.#response.setStatus(statusCode, reason)
  }

  getStatus(): number {
    return this.#response.statusCode
  }

  /** Sets a header, in place of all its values. @throws {HTTPOutputError} When name or value cannot be sent. */
  setHeader(name: string, value: HeaderValue): void {
    this.#response.headers.set(name, headerText(value))
  }

  /** Adds a header and keeps its other values. @throws {HTTPOutputError} When name or value cannot be sent. */
  addHeader(name: string, value: HeaderValue): void {
    this.#response.headers.add(name, headerText(value))
  }

  /** Removes a header, if it is there. */
  clearHeader(name: string): void {
    this.#response.headers.delete(name)
  }

  /**
   * Sets a cookie, in place of one of that name that was set before. It is sent with the head.
   *
   * @throws {TypeError} For a name, value or attribute that cannot be sent.
   */
  setCookie(name: string, value: string | Uint8Array, options: SetCookieOptions = {}): void {
    const text = typeof value === 'string' ? value : Buffer.from(value).toString('latin1')
    this.#response.setCookie(name, buildSetCookie(name, text, options))
  }

  /**
   * Ends a cookie of the client. Domain and path must be those it was set with.
   *
   * @throws {TypeError} When told when it ends.
   */
  clearCookie(
    name: string,
    options: Omit<SetCookieOptions, 'expires' | 'expiresDays' | 'maxAgeMs'> = {},
  ): void {
    for (const given of ['expires', 'expiresDays', 'maxAgeMs']) {
      if (given in options) throw new TypeError(`clearCookie() takes no ${given}`)
    }
    this.setCookie(name, '', { ...options, expires: Date.now() - yearMs })
  }

  /**
   * Sets a cookie whose value and name are signed with the time, so that it can be trusted when it comes back. It is not
   * encrypted.
   *
   * @param options.expiresDays Days until it ends; `null` for the browser's session. @default 30
   * @param options.version Layout of the signature. @default 2
   * @throws {Error} Without the setting `cookieSecret`.
   */
  setSignedCookie(
    name: string,
    value: string | Uint8Array,
    { expiresDays = 30, version, ...options }: SetSignedCookieOptions = {},
  ): void {
    this.setCookie(name, this.createSignedValue(name, value, version), {
      ...options,
      ...(expiresDays === null ? {} : { expiresDays }),
    })
  }

  /** The older name of {@link setSignedCookie}. */
  setSecureCookie(name: string, value: string | Uint8Array, options?: SetSignedCookieOptions): void {
    this.setSignedCookie(name, value, options)
  }

  /**
   * The text of a signed value, to keep elsewhere than in a cookie.
   *
   * @throws {Error} Without the setting `cookieSecret`.
   */
  createSignedValue(name: string, value: string | Uint8Array, version?: number): string {
    this.requireSetting('cookieSecret', 'signed cookies')
    const { cookieSecret, keyVersion } = this.settings
    return createSignedValue(cookieSecret!, name, value, {
      ...(version === undefined ? {} : { version }),
      ...(keyVersion === undefined ? {} : { keyVersion }),
    })
  }

  /**
   * Writes a piece of the body: text as UTF-8, bytes as they are, a plain object as JSON with the content type
   * `application/json; charset=UTF-8`. It is sent by {@link flush} or {@link finish}.
   *
   * @throws {TypeError} For anything else. An array is refused too: wrap it in an object.
   */
  write(chunk: string | Uint8Array | object): void {
    if (this.#response.finished) throw new Error('Cannot write() after finish()')
    this.#response.write(chunk)
  }

  /**
   * Sends what is written so far, with the head if it is not sent yet; the length is then unknown and HTTP/1.1 sends chunks.
   * Resolves when the client should be sent more; rejects with `StreamClosedError` when it is gone.
   *
   * A loop around it lets others run: now and then it resolves on a later turn of the event loop, however fast the client is.
   */
  flush(): Promise<void> {
    const response = this.#response
    return response.send(this.#connection()) ?? (response.takesTurn() ? nextTurn() : resolved)
  }

  /**
   * Sets a field that is sent behind the body, in place of all its values: a checksum of a stream, for instance.
   *
   * Before the head is sent it is announced there, and the response gets no length. Afterwards it must have been, by
   * `setHeader('Trailer', name)`, and the head must tell no length. Clients of HTTP/1.0, and responses without a body, get none.
   *
   * @throws {HTTPOutputError} When name or value cannot be sent, or not behind a body (RFC 9110 §6.5.1).
   * @throws {Error} When it comes too late.
   */
  setTrailer(name: string, value: HeaderValue): void {
    putTrailer(this.#response, this.request.version, { name, value: headerText(value), replace: true })
  }

  /** Adds a field that is sent behind the body, and keeps its other values: see {@link setTrailer}. */
  addTrailer(name: string, value: HeaderValue): void {
    putTrailer(this.#response, this.request.version, { name, value: headerText(value), replace: false })
  }

  /**
   * What this response goes through: one of each of the application's `transforms`. Override it to leave some out, for a page that
   * must not be compressed, for instance.
   */
  makeTransforms(): OutputTransform[] {
    return this.application.transforms.map((transform) => new transform(this.request))
  }

  /** The entity tag of what is written, or `null` for none; by default a SHA-1 of it. */
  computeEtag(): string | null {
    return this.#response.body.entityTag()
  }

  /** Sets the `Etag` header from {@link computeEtag}, unless that answers `null`. */
  setEtagHeader(): void {
    if (this.computeEtag === ResponseWriter.prototype.computeEtag) {
      this.#response.headers.setUnchecked('Etag', this.computeEtag()!)
      return
    }
    const etag = this.computeEtag()
    if (etag !== null) this.setHeader('Etag', etag)
  }

  /** Whether the client has the response already: its `If-None-Match` names the `Etag` header, by weak comparison. */
  checkEtagHeader(): boolean {
    const known = this.request.headers.get('If-None-Match')
    return known !== undefined && ifNoneMatchMatches(known, this.#response.headers.get('Etag'))
  }

  /** Whether the response is ended. */
  protected get finished(): boolean {
    return this.#response.finished
  }

  #connection(): HTTPConnection {
    const { connection } = this.request
    if (connection === null) throw new Error('This request has no connection to be answered on')
    return connection
  }
}

/** Options of {@link ResponseWriter.setSignedCookie}. */
export interface SetSignedCookieOptions extends Omit<SetCookieOptions, 'expiresDays'> {
  /** Days until it ends; `null` for the browser's session. @default 30 */
  expiresDays?: number | null
  /** Layout of the signature. @default 2 */
  version?: number
}

const yearMs = 365 * 86_400_000
const resolved: Promise<void> = Promise.resolve()
