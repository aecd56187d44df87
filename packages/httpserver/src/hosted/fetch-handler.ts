import { RequestStartLine, type ConnectionContext, type HTTPHeaders } from '@tornado-ts/httputil'
import { HostedConnection } from './hosted-connection.ts'
import { toHostedParameters, type HostedOptions, type HostedParameters } from './hosted-options.ts'
import { plainAddress } from '../peer.ts'
import type { RequestTarget } from '../request-target.ts'

/** Options of {@link toFetchHandler}. */
export interface FetchHandlerOptions extends HostedOptions {
  /**
   * Tells the peer's address from what the runtime passes to its handler, such as
   * `(request, info) => info.remoteAddr.hostname` in Deno. @default unknown, `0.0.0.0`
   */
  remoteIp?: (request: Request, ...runtime: never[]) => string | undefined
}

/**
 * Makes of an application a function from `Request` to `Response`, as runtimes with `fetch` serve them.
 *
 * Paths are then as `URL` makes them: `/a/../b` is `/b`. The promise resolves when the head of the answer is there; the body
 * may still be written. Interim responses and trailers are not sent, and there are no WebSockets.
 *
 * @example
 * export default { fetch: toFetchHandler(application) }
 *
 * @throws {RangeError} When a limit is not above zero.
 */
export function toFetchHandler(
  target: RequestTarget,
  options: FetchHandlerOptions = {},
): (request: Request, ...runtime: unknown[]) => Promise<Response> {
  const params = toHostedParameters(options)
  const { remoteIp } = options
  return (request, ...runtime) => {
    const url = new URL(request.url)
    const connection = new FetchConnection(
      request,
      {
        remoteIp: plainAddress(remoteIp?.(request, ...(runtime as never[])) ?? ''),
        protocol: params.protocol ?? (url.protocol === 'https:' ? 'https' : 'http'),
      },
      params,
    )
    connection.receive(target, connection, {
      startLine: new RequestStartLine(request.method, url.pathname + url.search, 'HTTP/1.1'),
      fields: fieldsOf(request.headers, url),
      openBody: () => request.body,
    })
    if (request.signal.aborted) connection.connectionClosed(null)
    return connection.response
  }
}

class FetchConnection extends HostedConnection {
  readonly #response: PromiseWithResolvers<Response> = Promise.withResolvers()
  readonly #requestSignal: AbortSignal
  readonly #onAbort = (): void => this.connectionClosed(null)
  #init: ResponseInit = {}
  #hasBody = true
  #waiting: Uint8Array<ArrayBuffer>[] = []
  /** Takes the body, once the response is handed over before the body is complete. */
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null
  #pulled: PromiseWithResolvers<void> | null = null
  #answered = false

  constructor(request: Request, context: ConnectionContext, params: HostedParameters) {
    super(request.method, context, params)
    this.#hasBody = request.method !== 'HEAD'
    this.#requestSignal = request.signal
    this.#requestSignal.addEventListener('abort', this.#onAbort)
  }

  get response(): Promise<Response> {
    return this.#response.promise
  }

  override connectionClosed(error: Error | null): void {
    this.#requestSignal.removeEventListener('abort', this.#onAbort)
    this.#pulled?.resolve()
    super.connectionClosed(error)
    if (this.#answered) return
    this.#answered = true
    this.#response.reject(error ?? new Error('Connection was closed before it was answered'))
  }

  protected override sendInformational(): void {}

  protected override sendHead(status: number, statusText: string, headers: HTTPHeaders): void {
    const fields: [string, string][] = []
    for (const field of headers.getAll()) if (!connectionFields.has(field[0])) fields.push(field)
    this.#init = { status, statusText, headers: fields }
    if (status === 204 || status === 205 || status === 304) this.#hasBody = false
    // An answer that is complete by then needs no stream.
    queueMicrotask(() => this.#answer())
  }

  protected override sendBody(bytes: Uint8Array): void | Promise<void> {
    // The stream keeps what it is given, and the writer may use its memory again.
    const copy = new Uint8Array(bytes)
    const controller = this.#controller
    if (controller === null) {
      this.#waiting.push(copy)
      return undefined
    }
    controller.enqueue(copy)
    if ((controller.desiredSize ?? 1) > 0) return undefined
    this.#pulled ??= Promise.withResolvers()
    return this.#pulled.promise
  }

  protected override sendEnd(): void {
    this.#requestSignal.removeEventListener('abort', this.#onAbort)
    if (this.#controller !== null) this.#controller.close()
    else this.#resolve(this.#hasBody ? concat(this.#waiting.splice(0)) : null)
  }

  protected override sendNothingMore(error: Error): void {
    this.#controller?.error(error)
    if (this.#answered) return
    this.#answered = true
    this.#response.reject(error)
  }

  #answer(): void {
    if (this.#answered) return
    if (!this.#hasBody) {
      this.#resolve(null)
      return
    }
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
          for (const bytes of this.#waiting.splice(0)) controller.enqueue(bytes)
        },
        pull: () => {
          this.#pulled?.resolve()
          this.#pulled = null
        },
        cancel: () => this.connectionClosed(null),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: 65_536 }),
    )
    this.#resolve(body)
  }

  #resolve(body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null): void {
    this.#answered = true
    try {
      this.#response.resolve(new Response(body, this.#init))
    } catch (error) {
      this.#response.reject(error)
    }
  }
}

/** Fields of a connection, which is the runtime's (RFC 9110 §7.6.1); a `Response` has no trailers that could be announced. */
const connectionFields: ReadonlySet<string> = new Set([
  'Connection',
  'Keep-Alive',
  'Trailer',
  'Transfer-Encoding',
])

function* fieldsOf(fields: Headers, url: URL): Generator<[string, string]> {
  yield* fields
  if (!fields.has('Host')) yield ['Host', url.host]
}

function concat(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}
