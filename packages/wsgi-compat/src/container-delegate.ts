import {
  HTTPServerRequest,
  type HTTPConnection,
  type HTTPHeaders,
  type HTTPMessageDelegate,
  type RequestStartLine,
} from '@tornado-ts/httputil'

/** Where a request goes once its head, and perhaps its body, is there. */
export interface RequestSink {
  /** Most bytes of a body that are gathered before the application is asked. */
  readonly requestBufferSize: number
  /** The request is complete, body included. */
  requestComplete(request: HTTPServerRequest): void
  /** The body is larger than what is gathered: it is handed over as it comes, or not at all (`null`) if it is answered. */
  requestBegan(request: HTTPServerRequest): BodySink | null
}

/** Takes a body as it arrives. */
export interface BodySink {
  write(chunk: Uint8Array): void | Promise<void>
  end(): void
  /** The client is gone before the body was complete. */
  cancel(): void
}

/**
 * Gathers the body of a request, so that a slow client does not keep a worker waiting; one that is large goes on to the
 * application as it arrives.
 */
export class ContainerDelegate implements HTTPMessageDelegate {
  readonly #sink: RequestSink
  readonly #serverConnection: object
  readonly #connection: HTTPConnection
  #request: HTTPServerRequest | null = null
  #gathered: Buffer[] = []
  #gatheredSize = 0
  #isStreamed = false
  #body: BodySink | null = null

  constructor(sink: RequestSink, serverConnection: object, connection: HTTPConnection) {
    this.#sink = sink
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

  dataReceived(chunk: Buffer): void | Promise<void> {
    if (this.#isStreamed) return this.#body?.write(chunk)
    this.#gathered.push(chunk)
    this.#gatheredSize += chunk.length
    if (this.#gatheredSize <= this.#sink.requestBufferSize) return undefined
    this.#isStreamed = true
    this.#body = this.#sink.requestBegan(this.#request!)
    return this.#body?.write(this.#takeGathered())
  }

  finish(): void {
    if (this.#isStreamed) {
      this.#body?.end()
      return
    }
    const request = this.#request!
    if (this.#gatheredSize > 0) request.body = this.#takeGathered()
    this.#sink.requestComplete(request)
  }

  onConnectionClose(): void {
    this.#gathered = []
    this.#body?.cancel()
  }

  #takeGathered(): Buffer {
    const gathered = this.#gathered
    this.#gathered = []
    return gathered.length === 1 ? gathered[0]! : Buffer.concat(gathered)
  }
}
