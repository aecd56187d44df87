import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { ProxyServer } from './proxy-server.ts'

/** Speaks SOCKS 4, 4a and 5. {@link seen}: the version and the host, as it was asked for. */
export class SocksProxy extends ProxyServer {
  readonly #credentials: string | null

  private constructor(credentials: string | null) {
    super(createServer((socket) => void this.#serve(socket)))
    this.#credentials = credentials
  }

  /** @param credentials As `name:password`; version 4 knows the name alone. */
  static async start(credentials: string | null = null): Promise<SocksProxy> {
    const proxy = new SocksProxy(credentials)
    await proxy.listen()
    return proxy
  }

  async #serve(socket: Socket): Promise<void> {
    const first = await nextChunk(socket)
    if (first[0] === 4) {
      const [user = '', name = ''] = first.subarray(8).toString().split('\0')
      const host = first[4] === 0 ? name : [...first.subarray(4, 8)].join('.')
      this.seen.push(`4 ${host} ${user}`.trim())
      if (this.#credentials !== null && user !== this.#credentials.split(':')[0]) {
        socket.end(Buffer.from([0, 93, 0, 0, 0, 0, 0, 0]))
        return
      }
      const reply = (code: number): Buffer => Buffer.from([0, code, 0, 0, 0, 0, 0, 0])
      this.tunnel(socket, first.readUInt16BE(2), reply(90), reply(91))
      return
    }
    const method = this.#credentials === null ? 0 : 2
    if (!first.subarray(2).includes(method)) {
      socket.end(Buffer.from([5, 0xff]))
      return
    }
    socket.write(Buffer.from([5, method]))
    if (method === 2) {
      const login = await nextChunk(socket)
      const name = login.subarray(2, 2 + login[1]!).toString()
      const isRight = `${name}:${login.subarray(3 + login[1]!).toString()}` === this.#credentials
      socket.write(Buffer.from([1, isRight ? 0 : 1]))
      if (!isRight) {
        socket.end()
        return
      }
    }
    const request = await nextChunk(socket)
    const kind = request[3]
    const host =
      kind === 3
        ? request.subarray(5, 5 + request[4]!).toString()
        : kind === 1
          ? [...request.subarray(4, 8)].join('.')
          : request.subarray(4, 20).toString('hex')
    this.seen.push(`5 ${host}`)
    const reply = (code: number): Buffer => Buffer.from([5, code, 0, 3, 1, 0x78, 0, 0])
    this.tunnel(socket, request.readUInt16BE(request.length - 2), reply(0), reply(5))
  }
}

async function nextChunk(socket: Socket): Promise<Buffer> {
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return chunk
}
