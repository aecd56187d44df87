import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A request as it came over the wire. */
export interface RawRequest {
  /** Everything up to the empty line. */
  readonly head: string
  /** Lines of the head, the request line first. */
  readonly lines: readonly string[]
  readonly method: string
  readonly path: string
  readonly body: Buffer
  /** The value of a field, or `undefined`. */
  field(name: string): string | undefined
  /** How many requests came over this connection before. */
  readonly index: number
  /** Which connection it came over, from 0 on. */
  readonly connection: number
}

/** Answers with the bytes of a response; `null` closes the connection; a function does what it wants with the socket. */
export type RawHandler = (
  request: RawRequest,
  socket: Socket,
) => string | Buffer | null | undefined | void | Promise<string | Buffer | null | undefined | void>

/** A server whose every byte the test decides. */
export class RawServer implements AsyncDisposable {
  /** Of the platform. */
  readonly server: Server
  readonly sockets: Set<Socket> = new Set()
  /** All that came, in order. */
  readonly requests: RawRequest[] = []
  connections = 0

  private constructor(handler: RawHandler, server: Server) {
    this.server = server
    server.on('connection', (socket) => {
      const connection = this.connections++
      this.sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.sockets.delete(socket))
      void this.#serve(handler, socket, connection)
    })
  }

  static async start(handler: RawHandler, server: Server = createServer()): Promise<RawServer> {
    const raw = new RawServer(handler, server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return raw
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  url(path = '/'): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  /** Resolves when so many connections are open; after a long while, whatever there is. */
  async settled(open: number): Promise<void> {
    for (let turn = 0; this.sockets.size !== open && turn < 20_000; turn++)
      await new Promise((resolve) => setImmediate(resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
    await closed
  }

  async #serve(handler: RawHandler, socket: Socket, connection: number): Promise<void> {
    let received = Buffer.alloc(0)
    let index = 0
    try {
      for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        received = Buffer.concat([received, chunk])
        for (;;) {
          const taken = takeRequest(received, index, connection)
          if (taken === null) break
          received = received.subarray(taken.size)
          index++
          this.requests.push(taken.request)
          const answer = await handler(taken.request, socket)
          if (answer === null) socket.destroy()
          else if (answer !== undefined) socket.write(answer)
        }
      }
    } catch {
      // The client has gone.
    }
  }
}

function takeRequest(
  bytes: Buffer,
  index: number,
  connection: number,
): { request: RawRequest; size: number } | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return null
  const head = bytes.toString('latin1', 0, end)
  const lines = head.split('\r\n')
  const field = (name: string): string | undefined =>
    lines
      .slice(1)
      .find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
      ?.slice(name.length + 1)
      .trim()
  let at = end + 4
  let body = Buffer.alloc(0)
  const length = Number(field('Content-Length') ?? 0)
  // Whoever waits for a 100 sends the body when the handler has said so.
  const waits = field('Expect') !== undefined
  if (!waits && field('Transfer-Encoding') !== undefined) {
    for (;;) {
      const lineEnd = bytes.indexOf('\r\n', at)
      if (lineEnd === -1) return null
      const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
      const next = lineEnd + 2 + size + 2
      if (!(next <= bytes.length)) return null
      body = Buffer.concat([body, bytes.subarray(lineEnd + 2, next - 2)])
      at = next
      if (size === 0) break
    }
  } else if (!waits) {
    if (bytes.length < at + length) return null
    body = Buffer.from(bytes.subarray(at, at + length))
    at += length
  }
  const [method = '', path = ''] = lines[0]!.split(' ')
  return { request: { head, lines, method, path, body, field, index, connection }, size: at }
}

/** A response with a length. */
export function answer(
  body: string | Buffer = '',
  { status = '200 OK', fields = '' }: { status?: string; fields?: string } = {},
): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\n${fields}Content-Length: ${bytes.length}\r\n\r\n`, 'latin1'),
    bytes,
  ])
}

/** A redirect. */
export function redirect(location: string, code = 302, fields = ''): Buffer {
  return answer('elsewhere', { status: `${code} Elsewhere`, fields: `Location: ${location}\r\n${fields}` })
}
