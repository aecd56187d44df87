import {
  ResponseStartLine,
  HTTPHeaders,
  type ConnectionContext,
  type HTTPMessageDelegate,
  type HTTPServerConnectionDelegate,
  type RequestStartLine,
} from '@tornado-ts/httputil'
import type { IOStream } from '@tornado-ts/iostream'
import { TCPServer, type PeerAddress } from '@tornado-ts/iostream/tcp'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { DeadlineSweeper } from '../src/deadline-sweeper.ts'
import { HTTP1Connection } from '../src/http1-connection.ts'
import { HTTP1ServerConnection } from '../src/http1-server-connection.ts'
import { resolveParameters, shortestTimeout, type HTTP1ConnectionParameters } from '../src/parameters.ts'
import { decode, type Decoded } from './decoding.ts'

/** One request as its delegate saw it: what was called, in order, and what the test makes of it. */
export class Exchange implements HTTPMessageDelegate {
  readonly connection: HTTP1Connection
  /** `head`, `data`, `finish` and `close`, as they were called. */
  readonly calls: string[] = []
  method = ''
  path = ''
  headers: HTTPHeaders = new HTTPHeaders()
  body = ''
  trailers: HTTPHeaders | null = null
  /** How often data came. */
  pieces = 0
  /** `finish` or `close`, once one was called. */
  readonly over: Promise<string>
  readonly #resolveOver: (how: string) => void
  readonly #handlers: Handlers

  constructor(connection: HTTP1Connection, handlers: Handlers) {
    this.connection = connection
    this.#handlers = handlers
    const { promise, resolve } = Promise.withResolvers<string>()
    this.over = promise
    this.#resolveOver = resolve
  }

  headersReceived(startLine: RequestStartLine, headers: HTTPHeaders): void | Promise<void> {
    this.method = startLine.method
    this.path = startLine.path
    this.headers = headers
    this.calls.push('head')
    return this.#handlers.head?.(this)
  }

  dataReceived(chunk: Buffer): void | Promise<void> {
    this.body += chunk.toString('latin1')
    this.pieces++
    if (this.calls.at(-1) !== 'data') this.calls.push('data')
    return this.#handlers.data?.(this, chunk)
  }

  trailersReceived(trailers: HTTPHeaders): void {
    this.trailers = trailers
    this.calls.push('trailers')
    this.#handlers.trailers?.(this)
  }

  finish(): void {
    this.calls.push('finish')
    this.#resolveOver('finish')
    if (this.#handlers.finish === undefined) this.answer(`${this.method} ${this.path} ${this.body}`.trimEnd())
    else this.#handlers.finish(this)
  }

  onConnectionClose(): void {
    this.calls.push('close')
    this.#resolveOver('close')
    this.#handlers.close?.(this)
  }

  /** Answers with a whole response. */
  answer(
    body: string | Uint8Array,
    { code = 200, fields = {} }: { code?: number; fields?: Record<string, string> } = {},
  ): void {
    const length = String(typeof body === 'string' ? Buffer.byteLength(body) : body.length)
    void this.head(code, { 'Content-Length': length, ...fields }, body)
    this.connection.finish()
  }

  /** Writes a head. */
  head(code: number, fields: Record<string, string> = {}, chunk?: string | Uint8Array): void | Promise<void> {
    return this.connection.writeHeaders(
      new ResponseStartLine('', code, reasons[code] ?? 'OK'),
      new HTTPHeaders(fields),
      chunk,
    )
  }
}

/** What a test does at each call; without `finish` the request is echoed. */
export interface Handlers {
  head?(exchange: Exchange): void | Promise<void>
  data?(exchange: Exchange, chunk: Buffer): void | Promise<void>
  trailers?(exchange: Exchange): void
  finish?(exchange: Exchange): void
  close?(exchange: Exchange): void
}

const reasons: Record<number, string> = {
  100: 'Continue',
  101: 'Switching Protocols',
  103: 'Early Hints',
  200: 'OK',
  204: 'No Content',
  304: 'Not Modified',
  413: 'Content Too Large',
  417: 'Expectation Failed',
}

/** A listening server that keeps what it has seen. */
export class TestServer extends TCPServer implements HTTPServerConnectionDelegate {
  readonly exchanges: Exchange[] = []
  readonly connections: HTTP1ServerConnection[] = []
  /** How many connections have told that they are closed. */
  closedCount = 0
  port = 0
  readonly #handlers: Handlers
  readonly #params: HTTP1ConnectionParameters
  readonly #sweeper: DeadlineSweeper
  readonly #waiting: { enough: () => boolean; resolve: () => void }[] = []

  constructor(handlers: Handlers, params: HTTP1ConnectionParameters) {
    super()
    this.#handlers = handlers
    this.#params = resolveParameters(params)
    this.#sweeper = new DeadlineSweeper(shortestTimeout(resolveParameters(params)))
  }

  override handleStream(stream: IOStream, { address }: PeerAddress): void {
    const context: ConnectionContext = { remoteIp: address, protocol: 'http' }
    const connection = new HTTP1ServerConnection(stream, {
      params: this.#params,
      sweeper: this.#sweeper,
      context,
    })
    this.connections.push(connection)
    connection.startServing(this)
    this.#look()
  }

  startRequest(_serverConnection: object, requestConnection: object): Exchange {
    if (!(requestConnection instanceof HTTP1Connection)) throw new TypeError('expected an HTTP1Connection')
    const exchange = new Exchange(requestConnection, this.#handlers)
    this.exchanges.push(exchange)
    queueMicrotask(() => this.#look())
    return exchange
  }

  onClose(): void {
    this.closedCount++
    this.#look()
  }

  /** Resolves once `enough` is true; it is looked at when a connection or request comes or a connection closes. */
  until(enough: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ enough, resolve })
    this.#look()
    return promise
  }

  /** The exchange with that index, once its head is there. */
  async exchange(index: number): Promise<Exchange> {
    await this.until(() => this.exchanges.length > index)
    return this.exchanges[index]!
  }

  #look(): void {
    for (const { enough, resolve } of this.#waiting) if (enough()) resolve()
  }
}

/** Serves until the test is over. */
export async function serve(
  handlers: Handlers = {},
  params: HTTP1ConnectionParameters = {},
): Promise<TestServer> {
  const server = new TestServer(handlers, params)
  server.listen(0, { address: '127.0.0.1' })
  server.port = (await server.bound).port
  onTestFinished(async () => {
    server.stop()
    await Promise.all(server.connections.map((connection) => connection.close()))
  })
  return server
}

/** A client's socket, and what it has received as latin1. */
export class Client {
  readonly socket: Socket
  received = ''
  /** Resolves with all that was received when the socket is closed, however that came. */
  readonly closed: Promise<string>
  /** Whether the server ended its side in order. */
  ended = false
  #waiting: { enough: (received: string) => boolean; resolve: (received: string) => void }[] = []

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1')
      this.#waiting = this.#waiting.filter(({ enough, resolve }) => {
        const is = enough(this.received)
        if (is) resolve(this.received)
        return !is
      })
    })
    this.socket.on('end', () => {
      this.ended = true
      this.socket.end()
    })
    this.socket.on('error', () => {})
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve(this.received)))
    onTestFinished(() => void this.socket.destroy())
  }

  send(data: string | Uint8Array): this {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
    return this
  }

  /** Ends this side. */
  end(): this {
    this.socket.end()
    return this
  }

  /** Resolves once the text is among what was received. */
  until(text: string): Promise<string> {
    const enough = (received: string): boolean => received.includes(text)
    if (enough(this.received)) return Promise.resolve(this.received)
    return new Promise((resolve) => this.#waiting.push({ enough, resolve }))
  }
}

/** Sends pieces, each after the server can have read the one before, then ends this side; answers what came. */
export async function talk(port: number, ...pieces: (string | Uint8Array)[]): Promise<string> {
  const client = new Client(port)
  for (const piece of pieces) {
    client.send(piece)
    if (pieces.length > 1) await turns(2)
  }
  client.end()
  return client.closed
}

/** As many turns of the event loop: both ends of a loopback connection live in it. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** The responses in received bytes; throws unless they are whole and well-formed. */
export function responsesIn(received: string, methods?: readonly string[]): Decoded['messages'] {
  const { messages, status, reason } = decode([received], {
    role: 'client',
    end: true,
    ...(methods && { methods }),
  })
  if (status !== null) throw new Error(`${reason}: ${JSON.stringify(received)}`)
  return messages
}

/** The status of each response in received bytes. */
export function statusesIn(received: string, methods?: readonly string[]): number[] {
  return responsesIn(received, methods).map(({ first }) => Number(first.split(' ')[1]))
}
