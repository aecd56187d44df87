import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { digestCount } from './digest-check.ts'
import { ProxyServer } from './proxy-server.ts'

/** What an HTTP proxy of the tests asks for. */
export interface HTTPProxyOptions {
  readonly basic?: string
  /** Name and password for digest authentication. */
  readonly digest?: readonly [username: string, password: string]
  /** Is spoken to over TLS. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/**
 * Makes tunnels, and answers other requests itself with what it was asked for. {@link seen}: `CONNECT host:port` and
 * `GET http://…`, with the kind of credentials if there were any.
 */
export class HTTPProxy extends ProxyServer {
  readonly #options: HTTPProxyOptions

  private constructor(options: HTTPProxyOptions) {
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      const wanted = this.#wanted(request)
      if (wanted !== null) response.writeHead(407, { 'Proxy-Authenticate': wanted }).end('no')
      else response.end(`${request.method} ${request.url} for ${request.headers.host}`)
    }
    const server: Server =
      options.tls === undefined ? createHttpServer(answer) : createHttpsServer(options.tls, answer)
    super(server)
    this.#options = options
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      const wanted = this.#wanted(request)
      const refusal = (status: string, fields = ''): string =>
        `HTTP/1.1 ${status}\r\n${fields}Content-Length: 2\r\n\r\nno`
      if (wanted === null) {
        const port = Number(/[0-9]+$/.exec(request.url!)![0])
        this.tunnel(socket, port, 'HTTP/1.1 200 Connection established\r\n\r\n', refusal('502 Bad Gateway'))
      } else socket.end(refusal('407 Proxy Authentication Required', `Proxy-Authenticate: ${wanted}\r\n`))
    })
  }

  static async start(options: HTTPProxyOptions = {}): Promise<HTTPProxy> {
    const proxy = new HTTPProxy(options)
    await proxy.listen()
    return proxy
  }

  /** The challenge, when the credentials are not right. */
  #wanted({ method, url, headers }: IncomingMessage): string | null {
    const field = headers['proxy-authorization']
    this.seen.push(`${method} ${url}${field === undefined ? '' : ` as ${field.split(' ')[0]}`}`)
    const { basic, digest } = this.#options
    if (basic !== undefined) return field === `Basic ${btoa(basic)}` ? null : 'Basic realm="proxy"'
    if (digest === undefined) return null
    return digestCount({ method: method!, uri: url!, field }, challenge, digest) === null ? challenge : null
  }
}

const challenge =
  'Digest realm="proxy", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", qop="auth", algorithm=SHA-256'
