import {
  HTTPHeaders,
  ResponseStartLine,
  type HTTPConnection,
  type HTTPMessageDelegate,
  type HTTPServerConnectionDelegate,
  type RequestStartLine,
} from '@tornado-ts/httputil'

/** Answers every request with what it has seen of it, `METHOD target body`. */
export class EchoApplication implements HTTPServerConnectionDelegate {
  startRequest(_serverConnection: object, requestConnection: HTTPConnection): HTTPMessageDelegate {
    return new EchoDelegate(requestConnection)
  }
}

class EchoDelegate implements HTTPMessageDelegate {
  readonly #connection: HTTPConnection
  #line = ''
  #chunks: Buffer[] = []

  constructor(connection: HTTPConnection) {
    this.#connection = connection
  }

  headersReceived({ method, path }: RequestStartLine): void {
    this.#line = `${method} ${path}`
  }

  dataReceived(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  finish(): void {
    const body = Buffer.concat(this.#chunks)
    const answer = Buffer.concat([
      Buffer.from(body.length === 0 ? this.#line : `${this.#line} `, 'latin1'),
      body,
    ])
    const headers = new HTTPHeaders({ 'Content-Length': String(answer.length) })
    void this.#connection.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers, answer)
    this.#connection.finish()
  }

  onConnectionClose(): void {
    this.#chunks = []
  }
}
