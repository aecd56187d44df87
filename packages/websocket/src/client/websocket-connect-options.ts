import type { Resolver } from '@tornado-ts/iostream/netutil'
import type { SlowReaderPolicy } from '../connection-params.ts'
import type { CompressionOptions } from '../deflate/compression-options.ts'

/** Options of {@link websocketConnect}. */
export interface WebSocketConnectOptions {
  /**
   * Longest time until the WebSocket is open: look-up, TCP, proxies, TLS, handshake, redirects; 0 for no limit. Only with
   * a URL; an `HTTPRequest` has its own. In ms. @default 20_000
   */
  connectTimeoutMs?: number | undefined
  /**
   * Called with each message and in the end with `null`; `readMessage` is then of no use. While its promise is pending no
   * further message is read, and soon the server is made to wait.
   */
  onMessageCallback?: ((message: string | Buffer | null) => void | Promise<void>) | undefined
  /** Offers permessage-deflate; `{}` for the defaults, `null` for none. @default null */
  compressionOptions?: CompressionOptions | null | undefined
  /** How often the server is pinged; 0 for never. In ms. @default 0 */
  pingIntervalMs?: number | undefined
  /** How long after a ping something must have come from the server; 0 for no matter how long. In ms. @default the interval */
  pingTimeoutMs?: number | undefined
  /** Largest message, also after inflating; beyond it the WebSocket closes with 1009. In bytes. @default 10_485_760 (10 MiB) */
  maxMessageSize?: number | undefined
  /** Most bytes of messages that wait for a slow server. In bytes. @default 16_777_216 (16 MiB) */
  maxQueuedSize?: number | undefined
  /** What happens beyond that: see `WebSocketHandler.slowReaderPolicy`. @default 'wait' */
  slowReaderPolicy?: SlowReaderPolicy | undefined
  /** How long {@link WebSocketClientConnection.close} waits for the server before it cuts the connection. In ms. @default 5_000 */
  closeTimeoutMs?: number | undefined
  /** Subprotocols to offer, the best first. The server picks one or none. @default none */
  subprotocols?: readonly string[] | undefined
  /** Finds the addresses of the host. @default the configured one */
  resolver?: Resolver | undefined
  /** Follows redirects, as an `HTTPRequest` says with its `maxRedirects`; never from `wss` to `ws`. @default false */
  followRedirects?: boolean | undefined
  /** Gives up connecting; the promise rejects with its reason. An open WebSocket is not closed by it. @default none */
  signal?: AbortSignal | undefined
}
