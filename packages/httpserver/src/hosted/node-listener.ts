import { RequestStartLine, type HTTPHeaders, type ConnectionContext } from '@tornado-ts/httputil'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { HostedConnection } from './hosted-connection.ts'
import { toHostedParameters, type HostedOptions, type HostedParameters } from './hosted-options.ts'
import { peerCertificate, plainAddress } from '../peer.ts'
import type { RequestTarget } from '../request-target.ts'

/**
 * Makes of an application a listener for `node:http`, `node:https` and what is built on them, such as Express.
 *
 * Time-outs and limits of heads and connections are then those of that server. Body parsers must not run before it, unless
 * they leave the bytes in `request.rawBody`. It cannot take a connection over, so there are no WebSockets.
 *
 * @example
 * http.createServer(toNodeListener(application)).listen(8888)
 * expressApp.use('/old', toNodeListener(application))
 *
 * @throws {RangeError} When a limit is not above zero.
 */
export function toNodeListener(
  target: RequestTarget,
  options: HostedOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  const params = toHostedParameters(options)
  const known = new WeakSet<Socket>()
  return (request, response) => {
    const { socket, method = 'GET', url = '/', httpVersion } = request
    if (typeof target !== 'function' && target.onClose !== undefined && !known.has(socket)) {
      known.add(socket)
      socket.once('close', () => target.onClose?.(socket))
    }
    const connection = new NodeConnection(request, response, params)
    connection.receive(target, socket, {
      startLine: new RequestStartLine(method, url, `HTTP/${httpVersion}`),
      fields: fieldsOf(request),
      openBody: () => openBody(request),
      readTrailers: () => toPairs(request.rawTrailers),
    })
  }
}

class NodeConnection extends HostedConnection {
  readonly #response: ServerResponse
  readonly #isHttp2: boolean
  readonly #isHttp10: boolean

  constructor(request: IncomingMessage, response: ServerResponse, params: HostedParameters) {
    super(request.method ?? 'GET', toContext(request.socket, params.protocol), params)
    this.#response = response
    this.#isHttp2 = request.httpVersionMajor === 2
    this.#isHttp10 = request.httpVersion === '1.0'
    response.once('close', () => this.connectionClosed(response.errored ?? null))
    // It is told by the close event.
    response.on('error', () => {})
  }

  protected override sendInformational(code: number, headers: HTTPHeaders): void {
    if (code === 100) this.#response.writeContinue()
    else if (code === 102) this.#response.writeProcessing()
    else if (code === 103 && headers.has('Link')) {
      this.#response.writeEarlyHints(toFields(headers) as { link: string[] })
    }
  }

  protected override sendHead(code: number, reason: string, headers: HTTPHeaders): void {
    for (const name of headers.keys()) {
      if (this.#isHttp2 && connectionFields.has(name)) continue
      // It is an error to node:http where it cannot be kept.
      if (name === 'Trailer' && !this.mayHaveTrailers) continue
      const values = headers.getList(name)
      this.#response.setHeader(name, values.length === 1 ? values[0]! : values)
    }
    if (this.#isHttp2) this.#response.writeHead(code)
    else this.#response.writeHead(code, reason)
  }

  protected override sendBody(bytes: Uint8Array): void | Promise<void> {
    const response = this.#response
    if (response.write(bytes)) return undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    const goOn = (): void => {
      response.off('drain', goOn)
      response.off('close', goOn)
      resolve()
    }
    response.on('drain', goOn)
    response.on('close', goOn)
    return promise
  }

  protected override get mayHaveTrailers(): boolean {
    return super.mayHaveTrailers && !this.#isHttp10
  }

  protected override sendEnd(trailers: HTTPHeaders | undefined): void {
    if (trailers !== undefined) this.#response.addTrailers(toFields(trailers))
    this.#response.end()
  }

  protected override sendNothingMore(): void {
    const { stream } = this.#response as { stream?: { destroy(): void } }
    if (stream === undefined) this.#response.destroy()
    else stream.destroy()
  }
}

function toFields(headers: HTTPHeaders): Record<string, string[]> {
  return Object.fromEntries([...headers.keys()].map((name) => [name.toLowerCase(), headers.getList(name)]))
}

/** Fields that HTTP/2 does not know (RFC 9113 §8.2.2). */
const connectionFields: ReadonlySet<string> = new Set([
  'Connection',
  'Keep-Alive',
  'Transfer-Encoding',
  'Upgrade',
])

function* fieldsOf({ rawHeaders, headers: { host } }: IncomingMessage): Generator<[string, string]> {
  for (const [name, value] of toPairs(rawHeaders)) {
    if (!name.startsWith(':')) yield [name, value]
    else if (name === ':authority' && host === undefined) yield ['Host', value]
  }
}

function toPairs(raw: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i]!, raw[2 * i + 1]!])
}

function openBody(request: IncomingMessage): AsyncIterable<Uint8Array> | null {
  const { headers, httpVersionMajor } = request
  if (!('content-length' in headers || 'transfer-encoding' in headers || httpVersionMajor === 2)) return null
  // To stop reading must not break the connection: the answer goes out on it.
  if (!request.readableDidRead)
    return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
  const { rawBody } = request as { rawBody?: unknown }
  if (rawBody instanceof Uint8Array) return Readable.from([rawBody])
  throw new Error('Cannot read the body of the request: something before has read it')
}

function toContext(socket: Socket, protocol: 'http' | 'https' | undefined): ConnectionContext {
  const remoteIp = plainAddress(socket.remoteAddress ?? '')
  if (!('encrypted' in socket)) return { remoteIp, protocol: protocol ?? 'http' }
  const getSslCertificate = (): ReturnType<typeof peerCertificate> => peerCertificate(socket as TLSSocket)
  return { remoteIp, protocol: protocol ?? 'https', getSslCertificate }
}
