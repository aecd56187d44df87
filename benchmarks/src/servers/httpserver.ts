// The bare delegate of Tornado's manual: no routes, no handler, no header but what an answer needs.
import { HTTPServer } from '@tornado-ts/httpserver'
import {
  HTTPHeaders,
  ResponseStartLine,
  type HTTPConnection,
  type HTTPMessageDelegate,
  type HTTPServerConnectionDelegate,
} from '@tornado-ts/httputil'
import type { AppSpec, TransferApp } from '../app-spec.ts'
import { loopback } from '../server-program.ts'

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

class UploadDelegate implements HTTPMessageDelegate {
  readonly #connection: HTTPConnection
  #size = 0

  constructor(connection: HTTPConnection) {
    this.#connection = connection
  }

  headersReceived(): void {}

  dataReceived(chunk: Buffer): void {
    this.#size += chunk.length
  }

  finish(): void {
    const answer = String(this.#size)
    const headers = new HTTPHeaders({ 'Content-Length': String(answer.length) })
    void this.#connection.writeHeaders(ok, headers, answer)
    this.#connection.finish()
  }

  onConnectionClose(): void {}
}

class DownloadDelegate implements HTTPMessageDelegate {
  readonly #connection: HTTPConnection
  readonly #size: number

  constructor(connection: HTTPConnection, size: number) {
    this.#connection = connection
    this.#size = size
  }

  headersReceived(): void {}

  dataReceived(): void {}

  finish(): void {
    // The load ends by closing its connections.
    this.#send().catch(() => {})
  }

  onConnectionClose(): void {}

  async #send(): Promise<void> {
    const piece = Buffer.alloc(65_536, 'x')
    void this.#connection.writeHeaders(ok, new HTTPHeaders())
    for (let sent = 0; sent < this.#size; sent += piece.length) {
      const taken = this.#connection.write(piece)
      if (taken !== undefined) await taken
    }
    this.#connection.finish()
  }
}

export async function serve(app: AppSpec | TransferApp): Promise<number> {
  const delegate: HTTPServerConnectionDelegate = {
    startRequest: (_serverConnection, connection) => {
      if (app.kind === 'upload') return new UploadDelegate(connection)
      if (app.kind === 'download') return new DownloadDelegate(connection, app.size)
      return new HelloDelegate(connection, app.answer)
    },
  }
  const server = new HTTPServer(delegate)
  server.listen(0, { address: loopback })
  const { port } = await server.bound
  return port
}
