import {
  HTTPServerRequest,
  type HTTPConnection,
  type HTTPHeaders,
  type HTTPMessageDelegate,
  type RequestStartLine,
} from '@tornado-ts/httputil'

/** Gathers a request's body, then calls a function with it. */
export class CallbackDelegate implements HTTPMessageDelegate {
  readonly #callback: (request: HTTPServerRequest) => void
  readonly #serverConnection: object
  readonly #connection: HTTPConnection
  #request: HTTPServerRequest | null = null
  #chunks: Buffer[] = []

  constructor(
    callback: (request: HTTPServerRequest) => void,
    serverConnection: object,
    connection: HTTPConnection,
  ) {
    this.#callback = callback
    this.#serverConnection = serverConnection
    this.#connection = connection
  }

  headersReceived(startLine: RequestStartLine, headers: HTTPHeaders): void {
    this.#request = new HTTPServerRequest({
      startLine,
      headers,
      connection: this.#connection,
      serverConnection: this.#serverConnection,
    })
  }

  dataReceived(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  finish(): void {
    const request = this.#request!
    if (this.#chunks.length > 0) request.body = Buffer.concat(this.#chunks)
    request.parseBody()
    this.#callback(request)
  }

  onConnectionClose(): void {
    this.#chunks = []
  }
}
