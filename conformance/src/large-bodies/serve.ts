// A server in a process of its own. Its port is the first message; to any message it answers how much memory it uses.
import { HTTPServer } from '@tornado-ts/httpserver'
import {
  HTTPHeaders,
  ResponseStartLine,
  type HTTPConnection,
  type HTTPMessageDelegate,
} from '@tornado-ts/httputil'

const ok = new ResponseStartLine('HTTP/1.1', 200, 'OK')

/** Counts a body and answers its size; to `GET` answers so many bytes as the path says. */
class Transfer implements HTTPMessageDelegate {
  readonly #connection: HTTPConnection
  #size = 0
  #wanted = 0

  constructor(connection: HTTPConnection) {
    this.#connection = connection
    connection.setMaxBodySize(2 ** 40)
  }

  headersReceived(...[startLine]: Parameters<HTTPMessageDelegate['headersReceived']>): void {
    if ('path' in startLine) this.#wanted = Number(startLine.path.slice(1))
  }

  dataReceived(chunk: Buffer): void {
    this.#size += chunk.length
  }

  finish(): void {
    if (this.#wanted > 0) void this.#send(this.#wanted)
    else {
      const text = String(this.#size)
      void this.#connection.writeHeaders(ok, new HTTPHeaders({ 'Content-Length': String(text.length) }), text)
      this.#connection.finish()
    }
  }

  onConnectionClose(): void {}

  async #send(size: number): Promise<void> {
    const piece = Buffer.alloc(65_536, 'x')
    void this.#connection.writeHeaders(ok, new HTTPHeaders())
    for (let sent = 0; sent < size; sent += piece.length) await this.#connection.write(piece)
    this.#connection.finish()
  }
}

const server = new HTTPServer({ startRequest: (_, connection) => new Transfer(connection) })
server.listen(0, { address: '127.0.0.1' })
const { port } = await server.bound
process.send!({ port })
process.on('message', () => process.send!({ residentSize: process.memoryUsage.rss() }))
process.once('disconnect', () => process.exit())
