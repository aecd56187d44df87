import { once } from 'node:events'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, connect, type AddressInfo, type Server as NetServer, type Socket } from 'node:net'
import { DigestSession } from '@tornado-ts/iostream/proxy'

/** What an HTTP proxy of the tests asks for. */
export interface ProxyOptions {
  readonly basic?: string
  /** Name and password for digest authentication. */
  readonly digest?: readonly [username: string, password: string]
  /** Is spoken to over TLS. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

const challenge =
  'Digest realm="proxy", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", qop="auth", algorithm=SHA-256'

/** An HTTP proxy: tunnels to this machine, whatever the host, and tells what it was asked for in place of other requests. */
export class HTTPProxy implements AsyncDisposable {
  /** `CONNECT host:port` and `GET http://…`, with the credentials if there were any. */
  readonly seen: string[] = []
  readonly #server: Server
  readonly #options: ProxyOptions
  readonly #sockets = new Set<Socket>()

  private constructor(options: ProxyOptions) {
    this.#options = options
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      const wanted = this.#wanted(request)
      if (wanted !== null) response.writeHead(407, { 'Proxy-Authenticate': wanted }).end('no')
      else response.end(`${request.method} ${request.url} for ${request.headers.host}`)
    }
    this.#server =
      options.tls === undefined ? createHttpServer(answer) : createHttpsServer(options.tls, answer)
    this.#server.on('connection', (socket: Socket) => this.#sockets.add(socket))
    this.#server.on('connect', (request: IncomingMessage, socket: Socket) => {
      const wanted = this.#wanted(request)
      if (wanted === null) this.#tunnel(request.url!, socket)
      else {
        const head = `HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: ${wanted}`
        socket.end(`${head}\r\nContent-Length: 2\r\n\r\nno`)
      }
    })
  }

  static async start(options: ProxyOptions = {}): Promise<HTTPProxy> {
    const proxy = new HTTPProxy(options)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** The challenge, when the credentials are not right. */
  #wanted({ method, url, headers }: IncomingMessage): string | null {
    const given = headers['proxy-authorization']
    this.seen.push(`${method} ${url}${given === undefined ? '' : ` as ${given.split(' ')[0]}`}`)
    const { basic, digest } = this.#options
    if (basic !== undefined) return given === `Basic ${btoa(basic)}` ? null : 'Basic realm="proxy"'
    if (digest === undefined) return null
    const field = (name: string): string => new RegExp(`[ ,]${name}="?([^",]+)`).exec(given ?? '')?.[1] ?? '-'
    const session = new DigestSession(...digest, () => field('cnonce'))
    session.challenge([challenge])
    let expected = ''
    for (let i = 0; i < Number.parseInt(field('nc'), 16); i++) expected = session.authorize(method!, url!)!
    return expected.includes(`response="${field('response')}"`) ? null : challenge
  }

  #tunnel(authority: string, socket: Socket): void {
    const upstream = connect(Number(/[0-9]+$/.exec(authority)![0]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      pipe(socket, upstream)
    })
    upstream.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'))
  }
}

/** A SOCKS proxy of versions 4, 4a and 5, which connects to this machine whatever the host. */
export class SocksProxy implements AsyncDisposable {
  /** The version and the host that was asked for, as it was asked for. */
  readonly seen: string[] = []
  readonly #server: NetServer
  readonly #credentials: string | null
  readonly #sockets = new Set<Socket>()

  private constructor(credentials: string | null) {
    this.#credentials = credentials
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      void this.#serve(socket)
    })
  }

  /** @param credentials As `name:password`; version 4 knows the name alone. */
  static async start(credentials: string | null = null): Promise<SocksProxy> {
    const proxy = new SocksProxy(credentials)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
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
      this.#connect(
        socket,
        first.readUInt16BE(2),
        Buffer.from([0, 90, 0, 0, 0, 0, 0, 0]),
        Buffer.from([0, 91, 0, 0, 0, 0, 0, 0]),
      )
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
    this.#connect(socket, request.readUInt16BE(request.length - 2), reply(0), reply(5))
  }

  #connect(socket: Socket, port: number, success: Buffer, failure: Buffer): void {
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write(success)
      pipe(socket, upstream)
    })
    upstream.on('error', () => socket.end(failure))
  }
}

async function nextChunk(socket: Socket): Promise<Buffer> {
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return chunk
}

function pipe(a: Socket, b: Socket): void {
  a.pipe(b)
  b.pipe(a)
  a.on('close', () => b.destroy())
  b.on('close', () => a.destroy())
}
