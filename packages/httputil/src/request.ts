import type { PeerCertificate } from 'node:tls'
import { parseRequestCookies } from './cookies/cookie.ts'
import type { ConnectionContext, HTTPConnection } from './delegates.ts'
import type { HTTPFile } from './forms/file.ts'
import { parseBodyArguments } from './forms/form.ts'
import { HTTPHeaders } from './headers.ts'
import { splitHostAndPort } from './host.ts'
import { parseQueryArguments, type RawArguments } from './forms/query.ts'
import type { RequestStartLine } from './start-line.ts'
import { TextFields } from './text-fields.ts'

/** What an {@link HTTPServerRequest} is made of. */
export interface HTTPServerRequestInit {
  startLine: RequestStartLine
  /** @default none */
  headers?: HTTPHeaders
  /** @default empty */
  body?: Buffer
  /** Where the answer goes; without one the request can be read but not answered. @default null */
  connection?: HTTPConnection | null
  /** Identifies the connection that several requests may share. @default null */
  serverConnection?: object | null
}

/**
 * A request as a server sees it. Everything that has to be parsed is parsed when it is first asked for.
 *
 * Tornado: httputil.HTTPServerRequest.
 */
export class HTTPServerRequest {
  readonly method: string
  /** The request target as received: `/path?query`, or an absolute URL. */
  readonly uri: string
  /** `HTTP/1.1` and the like. */
  readonly version: string
  readonly headers: HTTPHeaders
  /** The body, once it is complete; empty when the handler takes it in pieces. */
  body: Buffer
  readonly connection: HTTPConnection | null
  readonly serverConnection: object | null
  /** When the head had arrived, on the clock of `performance.now()`. */
  readonly startedMs: number = performance.now()

  #pathEnd = -1
  #context: ConnectionContext | null = null
  #arguments: RawArguments | null = null
  #queryArguments: RawArguments | null = null
  #bodyArguments: RawArguments | null = null
  #files: Map<string, HTTPFile[]> | null = null
  #cookies: Map<string, string> | null = null

  constructor({
    startLine,
    headers = new HTTPHeaders(),
    body = emptyBody,
    connection = null,
    serverConnection = null,
  }: HTTPServerRequestInit) {
    this.method = startLine.method
    this.uri = startLine.path
    this.version = startLine.version
    this.headers = headers
    this.body = body
    this.connection = connection
    this.serverConnection = serverConnection
  }

  /** The target before its first `?`, not decoded; of an absolute target what follows the authority (RFC 9112 §3.2.2). */
  get path(): string {
    const end = this.#queryStart()
    if (this.uri.charCodeAt(0) !== 0x2f) {
      const start = absoluteTarget.exec(this.uri)?.[0].length
      if (start !== undefined) return this.uri.slice(start, end) || '/'
    }
    return end === this.uri.length ? this.uri : this.uri.slice(0, end)
  }

  /** The target after its first `?`, not decoded; empty when there is none. */
  get query(): string {
    return this.uri.slice(this.#queryStart() + 1)
  }

  /** The values of query and body, by name; those of the body come last. Byte strings: see `RawArguments`. */
  get arguments(): RawArguments {
    if (this.#arguments !== null) return this.#arguments
    if (this.#bodyArguments === null || this.#bodyArguments.size === 0) return this.queryArguments
    const merged: RawArguments = new Map()
    for (const source of [this.queryArguments, this.#bodyArguments]) {
      for (const [name, values] of source) merged.set(name, [...(merged.get(name) ?? []), ...values])
    }
    return (this.#arguments = merged)
  }

  /** The values of the query. @throws {HTTPInputError} When it has more than 1000 fields. */
  get queryArguments(): RawArguments {
    return (this.#queryArguments ??= parseQueryArguments(this.query))
  }

  /** The values of a form body, once {@link parseBody} has run. */
  get bodyArguments(): RawArguments {
    return (this.#bodyArguments ??= new Map())
  }

  /** The files of a multipart body by field name, once {@link parseBody} has run. */
  get files(): Map<string, HTTPFile[]> {
    return (this.#files ??= new Map())
  }

  /**
   * Parses a urlencoded or multipart {@link body} into {@link bodyArguments} and {@link files}; other bodies are left alone.
   *
   * @throws {HTTPInputError} When the body is not what its content type says.
   */
  parseBody(): void {
    const contentType = this.headers.get('Content-Type')
    // Most bodies that are no form are JSON.
    if (contentType === undefined || contentType === 'application/json') return
    parseBodyArguments(contentType, this.body, this.bodyArguments, this.files, this.headers)
    this.#arguments = null
  }

  /** The request's cookies, leniently parsed; bad names are dropped. */
  get cookies(): Map<string, string> {
    if (this.#cookies === null) {
      const lines = this.headers.getList('Cookie')
      this.#cookies = lines.length === 0 ? new Map() : parseRequestCookies(lines.join('; '))
    }
    return this.#cookies
  }

  /** The peer's address; behind a trusted proxy, the client's. */
  get remoteIp(): string {
    return this.#connectionContext().remoteIp
  }

  /** `http` or `https`; behind a trusted proxy, what the client used. */
  get protocol(): 'http' | 'https' {
    return this.#connectionContext().protocol
  }

  /**
   * The certificate that the client has shown in the handshake of TLS; `null` when it has shown none, or the connection
   * to this server is plain. A server asks for it with `certReqs` in its `sslOptions`.
   */
  getSslCertificate(): PeerCertificate | null {
    return this.#connectionContext().getSslCertificate?.() ?? null
  }

  /**
   * Who the request is for, port included: the authority of an absolute target (RFC 9112 §3.2.2), else the `Host` header;
   * `127.0.0.1` for an HTTP/1.0 request without one.
   */
  get host(): string {
    if (this.uri.charCodeAt(0) === 0x2f) return this.headers.get('Host') ?? '127.0.0.1'
    return absoluteTarget.exec(this.uri)?.[1] ?? this.headers.get('Host') ?? '127.0.0.1'
  }

  /** {@link host} in lower case and without its port. */
  get hostName(): string {
    return splitHostAndPort(this.host.toLowerCase())[0]
  }

  /** Fires when the peer is gone before the answer is complete. */
  get signal(): AbortSignal {
    return this.connection?.signal ?? neverAborted
  }

  /** The URL of the request: protocol, host and target, or the target when it is absolute. */
  fullUrl(): string {
    if (this.uri.charCodeAt(0) !== 0x2f && absoluteTarget.test(this.uri)) return this.uri
    return `${this.protocol}://${this.host}${this.uri}`
  }

  /** Milliseconds since the head had arrived. */
  requestTime(): number {
    return performance.now() - this.startedMs
  }

  /**
   * Lets go of the connection, which has gone over to another protocol, and of the bytes that the request came in: what is
   * left is small enough to be kept for as long as a WebSocket is open. All of it can still be read.
   */
  release(): void {
    this.#connectionContext()
    const own = this as { -readonly [Key in keyof this]: this[Key] }
    own.connection = null
    own.serverConnection = null
    own.headers = HTTPHeaders.fromReceived(new TextFields(this.headers.getAll()))
  }

  toString(): string {
    const { protocol, host, method, uri, version, remoteIp } = this
    const fields = Object.entries({ protocol, host, method, uri, version, remoteIp })
    return `HTTPServerRequest(${fields.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')})`
  }

  #queryStart(): number {
    if (this.#pathEnd === -1) {
      const mark = this.uri.indexOf('?')
      this.#pathEnd = mark === -1 ? this.uri.length : mark
    }
    return this.#pathEnd
  }

  #connectionContext(): ConnectionContext {
    // Kept: a proxy's view of the peer holds for one request and is gone when somebody asks later.
    return (this.#context ??= this.connection?.context ?? unknownPeer)
  }
}

/** Its authority without user information, which no server should go by (RFC 9110 §4.2.4). */
const absoluteTarget = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@]+)/
const emptyBody: Buffer = Buffer.alloc(0)
const unknownPeer: ConnectionContext = { remoteIp: '0.0.0.0', protocol: 'http' }
const neverAborted: AbortSignal = new AbortController().signal
