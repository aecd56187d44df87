import { checkTimeout, PendingConnect } from '../stream/pending-connect.ts'
import { ConnectionRace } from './connection-race.ts'
import type { GiveUpOptions } from './connect-options.ts'
import { openHttpTunnel, ProxyDigests } from '../proxy/http-tunnel.ts'
import { IOStream, type SSLIOStream, type StartTLSOptions } from '../stream/io-stream.ts'
import { parseProxyUrl, type Proxy } from '../proxy/proxy-setting.ts'
import { Resolver, type AddressFamily } from '../netutil/resolver.ts'
import { openSocksTunnel } from '../proxy/socks-tunnel.ts'
import { defaultClientContext, sslOptionsToContext, type SSLContext } from '../tls/ssl-context.ts'
import type { SSLOptions } from '../tls/ssl-options.ts'
import type { StreamOptions } from '../stream/stream-options.ts'

/** Options of a {@link TCPClient}. */
export interface TCPClientOptions {
  /** Finds the addresses of hosts. @default `new Resolver()`, closed with the client */
  resolver?: Resolver
}

/** Options of {@link TCPClient.connect}. */
export interface TCPConnectOptions extends StreamOptions, GiveUpOptions {
  /** Only addresses of this kind. @default both */
  family?: AddressFamily | undefined
  /** Goes over to TLS: options, or `true` for a client that checks certificate and name. @default no TLS */
  sslOptions?: SSLOptions | SSLContext | true | undefined
  /** The name to ask for and to hold the certificate against. @default the host */
  serverHostname?: string | undefined
  /** A session of an earlier connection to take up: see {@link StartTLSOptions}. @default a full handshake */
  tlsSession?: Buffer | undefined
  /** Called with each session that the server offers to take up later. @default nobody is told */
  onTlsSession?: ((session: Buffer) => void) | undefined
  /** Address of this machine to connect from. @default the system's choice */
  sourceIp?: string | undefined
  /** Port of this machine to connect from. @default an unused one */
  sourcePort?: number | undefined
  /** How long after an attempt the next address is tried, while the first attempts go on. In ms. @default 300 */
  staggerMs?: number | undefined
  /**
   * The proxy to go through, or its URL. `family` is then of no effect on proxies that look up names themselves.
   * @default none
   */
  proxy?: Proxy | string | undefined
  /** Stops at the proxy: what is spoken there is up to the caller, as with HTTP requests for another server. @default false */
  stopAtProxy?: boolean | undefined
}

/**
 * Makes TCP and TLS connections to hosts that may have several addresses.
 *
 * The addresses are tried by turns of IPv6 and IPv4, beginning with the kind of the first. When one has neither succeeded
 * nor failed after `staggerMs` the next is tried as well; one that fails makes room at once. The first connection wins
 * and the other attempts are closed (RFC 8305 §5). An attempt is never cut short for the next.
 *
 * @example
 * const stream = await new TCPClient().connect('example.com', 443, { sslOptions: true, timeoutMs: 5_000 })
 *
 * Tornado: tcpclient.TCPClient.
 */
export class TCPClient implements Disposable {
  readonly #resolver: Resolver
  readonly #ownsResolver: boolean
  readonly #proxyDigests = new ProxyDigests()

  constructor({ resolver }: TCPClientOptions = {}) {
    this.#resolver = resolver ?? new Resolver()
    this.#ownsResolver = resolver === undefined
  }

  /** Closes the resolver, if the client made it. Connections go on. */
  close(): void {
    if (this.#ownsResolver) this.#resolver.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /**
   * Connects, and resolves with the stream; over TLS when the handshake is done.
   *
   * `timeoutMs` and `signal` cover looking up, connecting and the handshake.
   *
   * @throws {TypeError | RangeError} When `timeoutMs` or `staggerMs` is no number of milliseconds, or the TLS options are wrong.
   * @throws {ResolverError} (rejection) When the host has no addresses.
   * @throws {StreamClosedError} (rejection) When no address accepts the connection; `realError` is why the last did not.
   * @throws {Error} (rejection) The system's error when the source address or port cannot be had.
   * @throws {SSLError | Error} (rejection) When the handshake fails.
   * @throws {ProxyError} (rejection) When the proxy refuses.
   * @throws {TimeoutError} (rejection) After `timeoutMs`; all attempts are closed.
   */
  connect(
    host: string,
    port: number,
    options: TCPConnectOptions & { sslOptions: SSLOptions | SSLContext | true },
  ): Promise<SSLIOStream>
  connect(host: string, port: number, options?: TCPConnectOptions): Promise<IOStream>
  connect(host: string, port: number, options: TCPConnectOptions = {}): Promise<IOStream> {
    const { timeoutMs, signal, staggerMs = 300 } = options
    checkTimeout(staggerMs)
    const context = toContext(options.sslOptions)
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
    const giveUp = new AbortController()
    const pending = new PendingConnect<IOStream>(
      (reason) => {
        pending.reject(reason)
        giveUp.abort(reason)
      },
      { timeoutMs, signal },
    )
    this.#connect(host, port, { ...options, staggerMs }, context, giveUp.signal).then(
      (stream) => {
        if (giveUp.signal.aborted) stream.close()
        else pending.resolve(stream)
      },
      (error: Error) => pending.reject(error),
    )
    return pending.promise
  }

  async #connect(
    host: string,
    port: number,
    options: TCPConnectOptions & { staggerMs: number },
    context: SSLContext | null,
    signal: AbortSignal,
  ): Promise<IOStream> {
    const { proxy } = options
    const stream =
      proxy === undefined
        ? await this.#connectDirectly(host, port, options, signal)
        : await this.#connectByProxy(
            typeof proxy === 'string' ? parseProxyUrl(proxy) : proxy,
            host,
            port,
            options,
            signal,
          )
    if (context === null || (proxy !== undefined && options.stopAtProxy === true)) return stream
    const { serverHostname = host, tlsSession, onTlsSession } = options
    return await secure(stream, { sslOptions: context, serverHostname, tlsSession, onTlsSession, signal })
  }

  async #connectDirectly(
    host: string,
    port: number,
    options: TCPConnectOptions & { staggerMs: number },
    signal: AbortSignal,
  ): Promise<IOStream> {
    const addresses = await this.#resolver.resolve(host, port, { family: options.family, signal })
    const race = new ConnectionRace(addresses, options, signal)
    return new IOStream(await race.run(), options)
  }

  async #connectByProxy(
    proxy: Proxy,
    host: string,
    port: number,
    options: TCPConnectOptions & { staggerMs: number },
    signal: AbortSignal,
  ): Promise<IOStream> {
    const { protocol } = proxy
    const reach = async (): Promise<IOStream> => {
      const plain = await this.#connectDirectly(
        proxy.host,
        proxy.port,
        { ...options, family: undefined },
        signal,
      )
      const stream =
        protocol === 'https'
          ? await secure(plain, {
              sslOptions: toContext(proxy.sslOptions ?? true)!,
              serverHostname: proxy.host,
              signal,
            })
          : plain
      signal.addEventListener('abort', () => stream.close(), { once: true })
      return stream
    }
    if (options.stopAtProxy === true) return await reach()
    if (protocol === 'http' || protocol === 'https')
      return await openHttpTunnel(proxy, host, port, reach, this.#proxyDigests)
    const isLookedUpHere = protocol === 'socks4' || protocol === 'socks5'
    const family = protocol === 'socks4' ? 'IPv4' : options.family
    const address = isLookedUpHere
      ? (await this.#resolver.resolve(host, port, { family, signal }))[0]!
      : { address: host, port }
    const stream = await reach()
    try {
      await openSocksTunnel(stream, proxy, address.address, address.port)
      return stream
    } catch (error) {
      stream.close()
      throw error
    }
  }
}

async function secure(stream: IOStream, options: StartTLSOptions): Promise<SSLIOStream> {
  try {
    return await stream.startTls(false, options)
  } catch (error) {
    stream.close()
    throw error
  }
}

function toContext(sslOptions: TCPConnectOptions['sslOptions']): SSLContext | null {
  if (sslOptions === undefined) return null
  if (sslOptions === true) return defaultClientContext()
  return sslOptionsToContext(sslOptions, { serverSide: false })
}
