// The bare delegate of Tornado's manual: no routes, no handler, no header but what an answer needs.
import { HTTPServer } from '@tornado-ts/httpserver'
import {
  HTTPHeaders,
  ResponseStartLine,
  type HTTPConnection,
  type HTTPMessageDelegate,
  type HTTPServerConnectionDelegate,
} from '@tornado-ts/httputil'
import { loopback, type Serve } from '../server-program.ts'

const ok = new ResponseStartLine('HTTP/1.1', 200, 'OK')

class HelloDelegate implements HTTPMessageDelegate {
  readonly #connection: HTTPConnection
  readonly #answer: string

  constructor(connection: HTTPConnection, answer: string) {
    this.#connection = connection
    this.#answer = answer
  }

  headersReceived(): void {}

  dataReceived(): void {}

  finish(): void {
    const headers = new HTTPHeaders({ 'Content-Length': String(this.#answer.length) })
    void this.#connection.writeHeaders(ok, headers, this.#answer)
    this.#connection.finish()
  }

  onConnectionClose(): void {}
}

export const serve: Serve = async ({ answer }) => {
  const delegate: HTTPServerConnectionDelegate = {
    startRequest: (_serverConnection, requestConnection) => new HelloDelegate(requestConnection, answer),
  }
  const server = new HTTPServer(delegate)
  server.listen(0, { address: loopback })
  const { port } = await server.bound
  return port
}
