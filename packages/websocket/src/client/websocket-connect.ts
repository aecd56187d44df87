import { HTTPClientError, HTTPRequest, HTTPTimeoutError, type HTTPResponse } from '@tornado-ts/httpclient'
import { WebSocketError } from '../errors.ts'
import { openHandshake, type HandshakeResult } from './client-handshake.ts'
import { redirectRequest } from './handshake-redirect.ts'
import { resolveConnectionParams } from '../connection-params.ts'
import { resolveCompression } from '../deflate/compression-options.ts'
import { MessageCompression } from '../deflate/message-compression.ts'
import { areSubprotocols } from '../protocol/handshake.ts'
import { WebSocketClientConnection } from './websocket-client-connection.ts'
import type { WebSocketConnectOptions } from './websocket-connect-options.ts'

/**
 * Connects to a WebSocket server, and resolves when the WebSocket is open.
 *
 * An `HTTPRequest` in place of the URL brings header fields, credentials, TLS options, a proxy and time-outs.
 *
 * @throws {TypeError} (rejection) When the URL is not of `ws` or `wss`, or an option is wrong.
 * @throws {HTTPClientError} (rejection) When the server answers with a status other than 2xx; `response` is the answer.
 * @throws {HTTPTimeoutError} (rejection) After `connectTimeoutMs`.
 * @throws {WebSocketError} (rejection) When the answer is not that of a WebSocket server.
 * @throws {Error} (rejection) When there is no connection, as of `TCPClient.connect`; `StreamClosedError` when it breaks.
 *
 * Tornado: websocket.websocket_connect.
 */
export async function websocketConnect(
  url: string | URL | HTTPRequest,
  options: WebSocketConnectOptions = {},
): Promise<WebSocketClientConnection> {
  const isRequest = isHTTPRequest(url)
  if (isRequest && options.connectTimeoutMs !== undefined) {
    throw new TypeError('connectTimeoutMs goes with a URL; an HTTPRequest has its own')
  }
  const given = isRequest ? url : new HTTPRequest(url, { connectTimeoutMs: options.connectTimeoutMs })
  const { compressionOptions = null } = options
  const compression = compressionOptions === null ? null : resolveCompression(compressionOptions)
  const params = resolveConnectionParams('client', compression !== null, options)
  const { subprotocols = [], resolver } = options
  if (!areSubprotocols(subprotocols)) throw new TypeError('Subprotocols must be different tokens')
  const timeoutMs = given.connectTimeoutMs ?? 20_000
  const giveUp = new GiveUp(timeoutMs, [options.signal, given.signal])
  try {
    let request = given
    const maxRedirects = options.followRedirects === true ? (given.maxRedirects ?? 5) : 0
    for (let redirects = 0; ; redirects++) {
      const result = await giveUp.race(
        openHandshake(request, { subprotocols, compression, resolver, signal: giveUp.signal }),
      )
      if (result.kind === 'open') return open(result, options)
      const next = redirects < maxRedirects ? redirectRequest(request, result.response) : null
      if (next === null) throw refusal(result.response)
      request = next
    }
  } finally {
    giveUp.over()
  }

  function open(result: HandshakeResult & { kind: 'open' }, { onMessageCallback }: WebSocketConnectOptions) {
    return new WebSocketClientConnection({
      stream: result.stream,
      params:
        result.agreement === null && compression !== null
          ? resolveConnectionParams('client', false, options)
          : params,
      headers: result.headers,
      selectedSubprotocol: result.subprotocol,
      compression: result.agreement === null ? null : new MessageCompression(result.agreement, compression!),
      onMessageCallback,
    })
  }
}

function refusal(response: HTTPResponse): Error {
  const { code, reason } = response
  if (code >= 200 && code < 300) return new WebSocketError('Non-websocket response')
  return new HTTPClientError(code, reason === '' ? undefined : reason, { response })
}

/** By its fields: another copy of the package may have made it. */
function isHTTPRequest(url: string | URL | HTTPRequest): url is HTTPRequest {
  return typeof url === 'object' && 'url' in url
}

/** Ends the waiting for a connection: after a time, or when somebody says so. */
class GiveUp {
  readonly #abort = new AbortController()
  readonly #signals: AbortSignal[]
  readonly #timer: NodeJS.Timeout | undefined
  readonly #onAbort = (event: Event): void => this.#abort.abort((event.target as AbortSignal).reason)

  constructor(timeoutMs: number, signals: (AbortSignal | undefined)[]) {
    this.#signals = signals.filter((signal) => signal !== undefined)
    for (const signal of this.#signals) {
      if (signal.aborted) this.#abort.abort(signal.reason)
      else signal.addEventListener('abort', this.#onAbort, { once: true })
    }
    if (timeoutMs > 0)
      this.#timer = setTimeout(() => this.#abort.abort(new HTTPTimeoutError('connect')), timeoutMs)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** The promise, unless the waiting ends before. Whatever still comes of it is given up by the signal. */
  async race<Value>(promise: Promise<Value>): Promise<Value> {
    const { signal } = this
    promise.catch(() => {})
    signal.throwIfAborted()
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([promise, aborted])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  over(): void {
    clearTimeout(this.#timer)
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#onAbort)
  }
}
