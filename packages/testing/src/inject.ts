import { HTTP1ClientConnection } from '@tornado-ts/http1'
import { HTTPRequest, HTTPResponse } from '@tornado-ts/httpclient'
import { HTTPServer, type HTTPServerOptions, type RequestTarget } from '@tornado-ts/httpserver'
import { HTTPHeaders, RequestStartLine, type ResponseStartLine } from '@tornado-ts/httputil'
import { BaseIOStream } from '@tornado-ts/iostream'
import { getAsyncTestTimeoutMs } from './async-test-timeout.ts'
import { runWithLimit } from './gen-test.ts'
import { MemoryConnection } from './memory-connection.ts'

/** What {@link inject} asks. */
export interface InjectOptions {
  /** @default 'GET', or 'POST' with a body */
  method?: string
  /** `Host` is `localhost` and `Content-Length` the size of the body unless they are given. */
  headers?: HTTPHeaders | Readonly<Record<string, string>> | Iterable<readonly [string, string]>
  /** Text is sent as UTF-8; parameters as a form. @default none */
  body?: string | Uint8Array | URLSearchParams
  /** The address that the request seems to come from. @default '127.0.0.1' */
  remoteIp?: string
  /** @default 'http' */
  protocol?: 'http' | 'https'
  /** Settings of the server. @default its own */
  serverOptions?: HTTPServerOptions
  /** Longest time for the answer; 0 for no limit. @default 5_000, or the environment's `ASYNC_TEST_TIMEOUT` in seconds */
  timeoutMs?: number
}

/** What can be asked: an `Application`, a router, another delegate, or a function that is called with the request. */
export type InjectTarget = RequestTarget

/**
 * Asks an application without a socket: the request goes through the server's whole HTTP/1.1, over memory.
 *
 * @param path As it stands in the request line: path and query, percent-encoded.
 * @throws {TimeoutError} (rejection) When the answer takes too long.
 * @throws {Error} (rejection) When the connection closes before the answer is complete.
 */
export async function inject(
  target: InjectTarget,
  path: string,
  options: InjectOptions = {},
): Promise<HTTPResponse> {
  const { remoteIp = '127.0.0.1', protocol = 'http', serverOptions = {} } = options
  const { timeoutMs = getAsyncTestTimeoutMs() } = options
  const { body } = options
  const bytes = body === undefined ? null : body instanceof Uint8Array ? body : Buffer.from(String(body))
  const method = options.method ?? (bytes === null ? 'GET' : 'POST')
  const headers = new HTTPHeaders(options.headers ?? {})
  if (!headers.has('Host')) headers.set('Host', 'localhost')
  if (bytes !== null) {
    if (!headers.has('Content-Length')) headers.set('Content-Length', String(bytes.length))
    if (body instanceof URLSearchParams) {
      headers.setDefault('Content-Type', 'application/x-www-form-urlencoded')
    }
  }

  await using server = new HTTPServer(target, { protocol, ...serverOptions })
  const { transport } = new MemoryConnection(server, remoteIp)
  await using connection = new HTTP1ClientConnection(new BaseIOStream(transport))
  const collector = new ResponseCollector()
  return await runWithLimit(async () => {
    void connection.writeHeaders(new RequestStartLine(method, path, 'HTTP/1.1'), headers)
    if (bytes !== null && bytes.length > 0) void connection.write(bytes)
    connection.finish()
    await connection.readResponse(collector)
    const url = `${protocol}://${headers.get('Host') ?? 'localhost'}${path}`
    return collector.response(
      new HTTPRequest(url, { method, headers, ...(bytes === null ? {} : { body: bytes }) }),
    )
  }, timeoutMs)
}

/** Gathers a response, the last head being that of the answer. */
class ResponseCollector {
  #startLine: ResponseStartLine | null = null
  #headers: HTTPHeaders | null = null
  #trailers: HTTPHeaders | null = null
  readonly #chunks: Buffer[] = []
  #isComplete = false

  headersReceived(startLine: unknown, headers: HTTPHeaders): void {
    this.#startLine = startLine as ResponseStartLine
    this.#headers = headers
  }

  dataReceived(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  trailersReceived(trailers: HTTPHeaders): void {
    this.#trailers = trailers
  }

  finish(): void {
    this.#isComplete = true
  }

  onConnectionClose(): void {}

  response(request: HTTPRequest): HTTPResponse {
    if (this.#startLine === null || this.#headers === null || !this.#isComplete) {
      throw new Error('Connection was closed before the answer was complete')
    }
    return new HTTPResponse(request, this.#startLine.code, {
      headers: this.#headers,
      chunks: this.#chunks,
      reason: this.#startLine.reason,
      trailers: this.#trailers,
    })
  }
}
