import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** Requests that stay open until there is news. */
const waiting = /^(?:GET|POST) \/a\/message\/(?:socket|events|updates)/

/** A way to a server that can go silent as a network does: nothing arrives any more, and nobody is told. */
export class Tunnel {
  readonly #server: Server
  readonly #near = new Map<Socket, { far: Socket; waits: boolean }>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async to(url: string): Promise<Tunnel> {
    const tunnel = new Tunnel(createServer())
    tunnel.#server.on('connection', (near) => tunnel.#dig(near, Number(new URL(url).port)))
    tunnel.#server.listen(0, '127.0.0.1')
    await once(tunnel.#server, 'listening')
    return tunnel
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** Whatever waits for news waits for ever. What connects from now on gets through. */
  silence(): void {
    for (const [near, { far, waits }] of this.#near) {
      if (waits) near.removeAllListeners('data').resume()
      else near.destroy()
      far.removeAllListeners('close').destroy()
    }
  }

  close(): void {
    for (const [near, { far }] of this.#near) {
      near.destroy()
      far.destroy()
    }
    this.#server.close()
  }

  #dig(near: Socket, port: number): void {
    const far = connect(port, '127.0.0.1')
    const hole = { far, waits: false }
    this.#near.set(near, hole)
    near.on('data', (data: Buffer) => {
      const text = data.toString('latin1')
      if (/^(?:GET|POST) /.test(text)) hole.waits = waiting.test(text)
      far.write(data)
    })
    far.on('data', (data: Buffer) => near.write(data))
    far.on('close', () => near.destroy())
    near.on('close', () => {
      this.#near.delete(near)
      far.destroy()
    })
    for (const socket of [near, far]) socket.on('error', () => {})
  }
}
