import { once } from 'node:events'
import { connect, type AddressInfo, type Server, type Socket } from 'node:net'

/** A proxy of the tests: it connects to this machine, whatever the host, and tells what it was asked for. */
export abstract class ProxyServer implements AsyncDisposable {
  readonly seen: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  protected async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** Connects the socket with a port of this machine, and says which it has become. */
  protected tunnel(socket: Socket, port: number, success: string | Buffer, failure: string | Buffer): void {
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write(success)
      socket.pipe(upstream)
      upstream.pipe(socket)
      socket.on('close', () => upstream.destroy())
      upstream.on('close', () => socket.destroy())
    })
    upstream.on('error', () => socket.end(failure))
  }
}
