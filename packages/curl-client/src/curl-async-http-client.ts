import {
  AsyncHTTPClient,
  ClientClosedError,
  type AsyncHTTPClientOptions,
  type HTTPRequest,
  type HTTPResponse,
  type SimpleAsyncHTTPClientOptions,
} from '@tornado-ts/httpclient'
import { appLog } from '@tornado-ts/log'
import { CurlExchange } from './curl-exchange.ts'
import { CurlHost } from './curl-host.ts'

/** Limits of a {@link CurlAsyncHTTPClient}. */
export interface CurlAsyncHTTPClientOptions extends AsyncHTTPClientOptions {
  /** Most requests at once, each with a handle of libcurl; others wait. @default 10 */
  maxClients?: number
  /** Most requests that wait; beyond it a fetch fails at once. @default 65_536 */
  maxQueueSize?: number
  /** How long a connection is kept for requests to come, in whole seconds; 0 keeps none. In ms. @default 118_000, which is libcurl's */
  keepAliveTimeoutMs?: number
  /** Largest head of a response. In bytes. @default 65_536 (64 KiB) */
  maxHeaderSize?: number
  /** Other hosts to go to than those that URLs name: `{ 'example.com': '127.0.0.1' }`, or `'example.com:80': '127.0.0.1:8080'`. */
  hostnameMapping?: Readonly<Record<string, string>>
}

/**
 * The client on the system's libcurl: HTTP/2, every proxy, raw options. Main thread only. Tornado:
 * curl_httpclient.CurlAsyncHTTPClient.
 */
export class CurlAsyncHTTPClient extends AsyncHTTPClient {
  readonly #host: CurlHost
  /** Those that are not over, each at its place. In a `Set` that changes with each request V8 keeps those that are over long. */
  readonly #exchanges: CurlExchange[] = []

  /**
   * @throws {LibcurlError} When there is no libcurl that can be used.
   * @throws {MissingPackageError} When koffi is not installed.
   * @throws {RangeError} When a limit is not a number above zero.
   * @throws {TypeError} On options that only the other client has, such as `resolver` and `addressGuard`.
   */
  constructor(options: CurlAsyncHTTPClientOptions = {}) {
    super(options)
    for (const name of notHere)
      if ((options as Record<string, unknown>)[name] !== undefined)
        throw new TypeError(`CurlAsyncHTTPClient has no option ${name}`)
    const { maxClients = 10, maxQueueSize = 65_536, keepAliveTimeoutMs = 118_000 } = options
    const { maxHeaderSize = 65_536, hostnameMapping = {} } = options
    for (const [name, value] of Object.entries({ maxClients, maxHeaderSize }))
      if (!(value > 0)) throw new RangeError(`${name} must be above zero: ${value}`)
    this.#host = new CurlHost({
      maxClients,
      maxQueueSize,
      maxHeaderSize,
      keepAliveTimeoutMs,
      connectTo: Object.entries(hostnameMapping).map(toConnectTo),
    })
  }

  /** Requests under way. */
  get activeCount(): number {
    return this.#host.active
  }

  /** Requests that wait. */
  get queueSize(): number {
    return this.#host.size
  }

  override fetchImpl(request: HTTPRequest, callback: (response: HTTPResponse) => void): void {
    const exchange: CurlExchange = new CurlExchange(this.#host, request, this.settings, (response) => {
      this.#forget(exchange)
      exchange.addTimes(response.timeInfo)
      try {
        callback(response)
      } catch (error) {
        this.handleCallbackException(callback, error)
      }
    })
    exchange.place = this.#exchanges.push(exchange) - 1
    exchange.start()
  }

  #forget(exchange: CurlExchange): void {
    const last = this.#exchanges.pop()!
    if (last === exchange) return
    this.#exchanges[exchange.place] = last
    last.place = exchange.place
  }

  /** Logs what a callback of {@link fetchImpl} has thrown. For subclasses. */
  handleCallbackException(callback: unknown, error?: unknown): void {
    appLog.error(
      `Exception in callback ${String((callback as { name?: unknown } | null)?.name ?? callback)}`,
      error,
    )
  }

  override close(): void {
    if (this.closed) return
    super.close()
    const exchanges = this.#exchanges.slice()
    // Those that wait first: an end of another would begin them.
    for (const exchange of exchanges) if (exchange.fifo !== null) exchange.fail(new ClientClosedError())
    for (const exchange of exchanges) exchange.fail(new ClientClosedError())
    this.#host.close()
  }
}

/** Options of the other client, which would be ignored here. */
const notHere: readonly (keyof SimpleAsyncHTTPClientOptions)[] = [
  'resolver',
  'addressGuard',
  'maxConnectionsPerOrigin',
  'maxIdleConnections',
  'maxBufferSize',
  'maxFieldCount',
]

/** `HOST:PORT:CONNECT-TO-HOST:CONNECT-TO-PORT`. */
function toConnectTo([from, to]: [string, string]): string {
  const [host, port] = splitPort(from)
  const [otherHost, otherPort] = splitPort(to)
  return `${host}:${port}:${otherHost}:${otherPort}`
}

function splitPort(text: string): [host: string, port: string] {
  const match = /^(.*?)(?::([0-9]+))?$/.exec(
    text.includes('::') && !text.startsWith('[') ? `[${text}]` : text,
  )!
  return [match[1]!, match[2] ?? '']
}
