import { HTTPHeaders, formatTimestamp, type Timestamp } from '@tornado-ts/httputil'
import type { SSLContext, SSLOptions } from '@tornado-ts/iostream'
import type { ProxySetting } from '@tornado-ts/iostream/proxy'
import type { CookieJar } from './cookie-jar.ts'
import type { HTTPResponse } from './http-response.ts'
import type { RetryOptions } from './retry.ts'

/** Sends a piece of a body; resolves when more may be sent. */
export type WriteBody = (chunk: string | Uint8Array) => Promise<void>

/** What a body may be given as. Text is sent as UTF-8; an iterable piece by piece, as fast as the server takes it. */
export type RequestBody =
  | string
  | Uint8Array
  | URLSearchParams
  | AsyncIterable<string | Uint8Array>
  | Iterable<Uint8Array>

/** What headers may be given as. */
export type HeaderFields =
  | HTTPHeaders
  | Readonly<Record<string, string>>
  | Iterable<readonly [string, string]>

/** Options that a client has defaults for. */
export interface RequestSettings {
  /**
   * Longest time to look up the host, connect, go through the proxy and do the TLS handshake. 0 for no limit. In ms.
   * @default 20_000
   */
  connectTimeoutMs?: number | undefined
  /** Longest time from the moment the request leaves the queue to the end of the response. 0 for no limit. In ms. @default 20_000 */
  requestTimeoutMs?: number | undefined
  /** Longest time to wait for a free connection. 0 for no limit. In ms. @default 0 */
  queueTimeoutMs?: number | undefined
  /** Longest silence between the end of the request and the first byte of the response. 0 for no limit. In ms. @default 0 */
  firstByteTimeoutMs?: number | undefined
  /**
   * With `expect100Continue`, the longest wait for the server's word; then the body is sent without it (RFC 9110 §10.1.1).
   * 0 for no limit. In ms. @default 1_000
   */
  continueTimeoutMs?: number | undefined
  /** Whether the answers 301, 302, 303, 307 and 308 are followed. @default true */
  followRedirects?: boolean | undefined
  /** Most redirects that are followed; the one beyond is the response. @default 5 */
  maxRedirects?: number | undefined
  /** The User-Agent field; an empty text for none. @default 'tornado-ts' */
  userAgent?: string | undefined
  /** Asks for compressed responses, and decompresses gzip, deflate, br and zstd. @default true */
  decompressResponse?: boolean | undefined
  /** Name for basic or digest authentication. Credentials in the URL win over it. @default none */
  authUsername?: string | undefined
  /** The password that goes with it. @default '' */
  authPassword?: string | undefined
  /** `digest` sends nothing before the server has asked for it (RFC 7616). @default 'basic' */
  authMode?: 'basic' | 'digest' | undefined
  /** Address of this machine, in numbers, to connect from. @default the system's choice */
  networkInterface?: string | undefined
  /** Path of a Unix socket to connect to, whatever the URL's host. @default none */
  unixSocket?: string | undefined
  /** The Host field instead of the URL's host. Not sent to another origin. @default the URL's */
  hostHeader?: string | undefined
  /** `false` connects over IPv4 alone. @default true */
  allowIpv6?: boolean | undefined
  /** Allows any method, and a body or none with each. @default false */
  allowNonstandardMethods?: boolean | undefined
  /** Whether the server must show a certificate that is accepted, with its name. @default true */
  validateCert?: boolean | undefined
  /** File with the authorities whose certificates are accepted, PEM. @default those that Node brings */
  caCerts?: string | undefined
  /** File with this client's key, PEM. Not used for another origin. @default none */
  clientKey?: string | undefined
  /** File with this client's certificate, PEM. Not used for another origin. @default none */
  clientCert?: string | undefined
  /** All of TLS; replaces `validateCert`, `caCerts`, `clientKey` and `clientCert`. @default made of those */
  sslOptions?: SSLOptions | SSLContext | undefined
  /**
   * The proxy to go through: a URL such as `http://user:password@proxy:3128` or `socks5h://proxy`, a `Proxy`, or a function
   * that chooses one for a URL, such as `proxyFromEnvironment` makes; `null` for none. @default none
   */
  proxy?: ProxySetting | undefined
  /** Host of an HTTP proxy; with `proxyPort` the same as `proxy`. @default none */
  proxyHost?: string | undefined
  /** Port of the HTTP proxy. */
  proxyPort?: number | undefined
  /** Name for authentication at the proxy. @default none */
  proxyUsername?: string | undefined
  /** The password that goes with it. @default '' */
  proxyPassword?: string | undefined
  /** How to authenticate at the proxy. @default 'basic' */
  proxyAuthMode?: 'basic' | 'digest' | undefined
  /** Keeps cookies between requests: a `CookieJar` of `tough-cookie`, or anything with its two methods. @default none */
  cookieJar?: CookieJar | undefined
  /** Tries again after failures. @default no, but for a kept connection that had died: see the README */
  retry?: RetryOptions | undefined
  /** Largest body of a response, after decompression. In bytes. @default the client's `maxBodySize` */
  maxBodySize?: number | undefined
}

/** What an {@link HTTPRequest} is made of, besides the URL. */
export interface HTTPRequestOptions extends RequestSettings {
  /** @default 'GET' */
  method?: string | undefined
  /** Fields to send. Copied; those that the client makes itself may be replaced. */
  headers?: HeaderFields | undefined
  /** POST, PUT and PATCH must have a body, or a `bodyProducer`; other methods must not. */
  body?: RequestBody | null | undefined
  /** Writes the body: called with `write`, it awaits each call. Without a `Content-Length` field the body is sent in chunks. */
  bodyProducer?: ((write: WriteBody) => Promise<void> | void) | undefined
  /**
   * Sends the body only after the server has said `100 Continue`, or when it says nothing for `continueTimeoutMs`.
   * @default false
   */
  expect100Continue?: boolean | undefined
  /** Asks for the resource only if it has changed since. Milliseconds since the epoch, or a `Date`. */
  ifModifiedSince?: Timestamp | undefined
  /** Called with each piece of the body, which the response then does not hold. While its promise is pending the server waits. */
  streamingCallback?: ((chunk: Buffer) => void | Promise<void>) | undefined
  /** Called with the status line, each header line and the empty line, each with its CR LF. */
  headerCallback?: ((line: string) => void) | undefined
  /** Called once with the head of the final response, before its body; the body of that object is empty. */
  headCallback?: ((response: HTTPResponse) => void) | undefined
  /**
   * Called with the handle of the libcurl client before it is used; other clients do not call it. After a redirect it is
   * called again, wherever that leads: credentials that it sets are sent there, too.
   */
  prepareCurlCallback?: ((handle: never) => void) | undefined
  /** Gives up; the fetch rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/**
 * A request. Options that are not given take the client's defaults, then those that are documented.
 *
 * Tornado: httpclient.HTTPRequest.
 */
export class HTTPRequest implements HTTPRequestOptions {
  url: string
  method: string
  body: RequestBody | null
  bodyProducer: ((write: WriteBody) => Promise<void> | void) | undefined
  expect100Continue: boolean
  streamingCallback: ((chunk: Buffer) => void | Promise<void>) | undefined
  headerCallback: ((line: string) => void) | undefined
  headCallback: ((response: HTTPResponse) => void) | undefined
  prepareCurlCallback: ((handle: never) => void) | undefined
  signal: AbortSignal | undefined
  connectTimeoutMs: number | undefined
  requestTimeoutMs: number | undefined
  queueTimeoutMs: number | undefined
  firstByteTimeoutMs: number | undefined
  continueTimeoutMs: number | undefined
  followRedirects: boolean | undefined
  maxRedirects: number | undefined
  userAgent: string | undefined
  decompressResponse: boolean | undefined
  authUsername: string | undefined
  authPassword: string | undefined
  authMode: 'basic' | 'digest' | undefined
  networkInterface: string | undefined
  unixSocket: string | undefined
  hostHeader: string | undefined
  allowIpv6: boolean | undefined
  allowNonstandardMethods: boolean | undefined
  validateCert: boolean | undefined
  caCerts: string | undefined
  clientKey: string | undefined
  clientCert: string | undefined
  sslOptions: SSLOptions | SSLContext | undefined
  proxy: ProxySetting | undefined
  proxyHost: string | undefined
  proxyPort: number | undefined
  proxyUsername: string | undefined
  proxyPassword: string | undefined
  proxyAuthMode: 'basic' | 'digest' | undefined
  cookieJar: CookieJar | undefined
  retry: RetryOptions | undefined
  maxBodySize: number | undefined
  /** Milliseconds since the epoch when the object was made. */
  readonly startTime: number = Date.now()
  /** Made when it is first asked for: most requests have no fields of their own. */
  #headers: HTTPHeaders | null

  /** @throws {HTTPOutputError | TypeError} When a header field may not be sent. */
  constructor(url: string | URL, options: HTTPRequestOptions = {}) {
    this.url = typeof url === 'string' ? url : url.href
    this.method = options.method ?? 'GET'
    this.#headers = options.headers === undefined ? null : new HTTPHeaders(options.headers)
    this.body = options.body ?? null
    this.bodyProducer = options.bodyProducer
    this.expect100Continue = options.expect100Continue ?? false
    this.streamingCallback = options.streamingCallback
    this.headerCallback = options.headerCallback
    this.headCallback = options.headCallback
    this.prepareCurlCallback = options.prepareCurlCallback
    this.signal = options.signal
    this.connectTimeoutMs = options.connectTimeoutMs
    this.requestTimeoutMs = options.requestTimeoutMs
    this.queueTimeoutMs = options.queueTimeoutMs
    this.firstByteTimeoutMs = options.firstByteTimeoutMs
    this.continueTimeoutMs = options.continueTimeoutMs
    this.followRedirects = options.followRedirects
    this.maxRedirects = options.maxRedirects
    this.userAgent = options.userAgent
    this.decompressResponse = options.decompressResponse
    this.authUsername = options.authUsername
    this.authPassword = options.authPassword
    this.authMode = options.authMode
    this.networkInterface = options.networkInterface
    this.unixSocket = options.unixSocket
    this.hostHeader = options.hostHeader
    this.allowIpv6 = options.allowIpv6
    this.allowNonstandardMethods = options.allowNonstandardMethods
    this.validateCert = options.validateCert
    this.caCerts = options.caCerts
    this.clientKey = options.clientKey
    this.clientCert = options.clientCert
    this.sslOptions = options.sslOptions
    this.proxy = options.proxy
    this.proxyHost = options.proxyHost
    this.proxyPort = options.proxyPort
    this.proxyUsername = options.proxyUsername
    this.proxyPassword = options.proxyPassword
    this.proxyAuthMode = options.proxyAuthMode
    this.cookieJar = options.cookieJar
    this.retry = options.retry
    this.maxBodySize = options.maxBodySize
    if (options.ifModifiedSince !== undefined) this.ifModifiedSince = options.ifModifiedSince
  }

  get headers(): HTTPHeaders {
    return (this.#headers ??= new HTTPHeaders())
  }

  set headers(headers: HeaderFields) {
    this.#headers = new HTTPHeaders(headers)
  }

  /** Whether there are fields besides those that the client makes. */
  get hasHeaders(): boolean {
    return this.#headers !== null && this.#headers.lineCount > 0
  }

  /** The field If-Modified-Since, which the headers hold: reading gives `undefined`. */
  get ifModifiedSince(): Timestamp | undefined {
    return undefined
  }

  set ifModifiedSince(timestamp: Timestamp | undefined) {
    if (timestamp === undefined) this.headers.delete('If-Modified-Since')
    else this.headers.set('If-Modified-Since', formatTimestamp(timestamp))
  }
}
