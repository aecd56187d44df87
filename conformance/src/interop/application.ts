import { HTTPServer, type HTTPServerOptions } from '@tornado-ts/httpserver'
import { RuleRouter } from '@tornado-ts/httpserver/routing'
import {
  HTTPHeaders,
  HTTPServerRequest,
  ResponseStartLine,
  type HTTPConnection,
  type HTTPMessageDelegate,
  type RequestStartLine,
} from '@tornado-ts/httputil'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** What a server has seen of a request, as `/seen` tells it. */
export interface Seen {
  readonly method: string
  readonly uri: string
  readonly version: string
  readonly host: string
  readonly remoteIp: string
  readonly protocol: string
  readonly fields: readonly (readonly [string, string])[]
  readonly size: number
  readonly sha1: string
  readonly names: readonly string[]
}

/** The application that other programs' clients and proxies talk to. */
export function interopRouter(): RuleRouter {
  return new RuleRouter([
    ['/hello', ({ connection }) => answer(connection!, 'Hello, world')],
    ['/seen', tell],
    ['/stream/([0-9]+)', (request) => void stream(request)],
    ['/gzip', compress],
    ['/until-close', untilClose],
    ['/not-modified', ({ connection }) => answer(connection!, '', { code: 304 })],
    ['/redirect', ({ connection }) => answer(connection!, '', { code: 302, fields: { Location: '/hello' } })],
    ['/upload', { startRequest: (_, connection) => new Upload(connection) }],
    ['/refuse', { startRequest: (_, connection) => new Refusal(connection) }],
  ])
}

/** A server on a port of its own. */
export async function interopServer(
  options: HTTPServerOptions = {},
): Promise<{ server: HTTPServer; port: number } & AsyncDisposable> {
  const server = new HTTPServer(interopRouter(), options)
  server.listen(0, { address: '127.0.0.1' })
  const { port } = await server.bound
  return { server, port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** As the server digests bodies. */
export function sha1(bytes: string | Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex')
}

function answer(
  connection: HTTPConnection,
  body: string | Uint8Array,
  { code = 200, fields = {} }: { code?: number; fields?: Readonly<Record<string, string>> } = {},
): void {
  const headers = new HTTPHeaders(fields)
  if (code !== 304) headers.set('Content-Length', String(Buffer.byteLength(body)))
  void connection.writeHeaders(new ResponseStartLine('HTTP/1.1', code, reasons[code]!), headers, body)
  connection.finish()
}

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  302: 'Found',
  304: 'Not Modified',
  417: 'Expectation Failed',
}

function tell(request: HTTPServerRequest): void {
  const { method, uri, version, host, remoteIp, protocol, headers, body, bodyArguments, files } = request
  const seen: Seen = {
    method,
    uri,
    version,
    host,
    remoteIp,
    protocol,
    fields: [...headers.getAll()],
    size: body.length,
    sha1: sha1(body),
    names: [...bodyArguments.keys(), ...files.keys()],
  }
  answer(request.connection!, JSON.stringify(seen), { fields: { 'Content-Type': 'application/json' } })
}

/** So many pieces of 1000 bytes, each in a chunk of its own, with back-pressure. */
async function stream({ connection, path }: HTTPServerRequest): Promise<void> {
  const count = Number(path.split('/').at(-1))
  try {
    await connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), new HTTPHeaders())
    for (let i = 0; i < count; i++) await connection!.write(String(i).padStart(1000, '.'))
    connection!.finish()
  } catch {
    // The peer has gone.
  }
}

/** What `/stream` of so many pieces sends. */
export function streamed(count: number): string {
  return Array.from({ length: count }, (_, i) => String(i).padStart(1000, '.')).join('')
}

function compress({ connection, headers }: HTTPServerRequest): void {
  const body = 'Hello, compressed world. '.repeat(100)
  const accepts = /\bgzip\b/.test(headers.get('Accept-Encoding') ?? '')
  if (accepts) answer(connection!, gzipSync(body), { fields: { 'Content-Encoding': 'gzip' } })
  else answer(connection!, body)
}

function untilClose({ connection }: HTTPServerRequest): void {
  const headers = new HTTPHeaders({ Connection: 'close' })
  void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers, 'to the end')
  connection!.finish()
}

/** Digests a body as it arrives, so that its size does not matter. */
class Upload implements HTTPMessageDelegate {
  readonly #connection: HTTPConnection
  readonly #hash = createHash('sha1')
  #size = 0

  constructor(connection: HTTPConnection) {
    this.#connection = connection
  }

  headersReceived(): void {
    this.#connection.setMaxBodySize(2 ** 40)
  }

  dataReceived(chunk: Buffer): void {
    this.#size += chunk.length
    this.#hash.update(chunk)
  }

  finish(): void {
    answer(this.#connection, `${this.#size} ${this.#hash.digest('hex')}`)
  }

  onConnectionClose(): void {}
}

/** Refuses a request by its head. */
class Refusal implements HTTPMessageDelegate {
  readonly #connection: HTTPConnection

  constructor(connection: HTTPConnection) {
    this.#connection = connection
  }

  headersReceived(_startLine: RequestStartLine | ResponseStartLine, _headers: HTTPHeaders): void {
    answer(this.#connection, 'not today', { code: 417 })
  }

  dataReceived(): void {}

  finish(): void {}

  onConnectionClose(): void {}
}
