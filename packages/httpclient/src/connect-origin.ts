import type { Resolver, SSLContext } from '@tornado-ts/iostream/netutil'
import { IOStream, type StreamOptions } from '@tornado-ts/iostream'
import { resolveProxy, type Proxy } from '@tornado-ts/iostream/proxy'
import { TCPClient } from '@tornado-ts/iostream/tcp'
import { isIP } from 'node:net'
import { tlsOf } from './client-contexts.ts'
import type { HTTPRequest, RequestSettings } from './http-request.ts'
import { parseTarget, streamSchemes, type RequestTarget } from './request-target.ts'

/** Everything that decides what a connection is, so that two requests may share it only when all of it is the same. */
export interface ConnectionPlan {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  readonly unixSocket: string | undefined
  readonly proxy: Proxy | null
  /** Whether the proxy is told the whole URL instead of being asked for a tunnel. */
  readonly forwards: boolean
  readonly networkInterface: string | undefined
  readonly allowIpv6: boolean
  readonly tls: SSLContext | true | null
  /** Of the host, when it was looked up already; its name stays that of TLS. */
  readonly address?: string | undefined
}

/** What ends the waiting for a connection, and how one is made. */
export interface OpenOptions {
  readonly tcpClient: TCPClient
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly tlsSession?: Buffer | undefined
  readonly onTlsSession?: ((session: Buffer) => void) | undefined
  readonly streamOptions?: StreamOptions | undefined
}

/** The proxy of a request: its own, its client's, or `null`. */
export function proxyOf(
  request: RequestSettings,
  settings: RequestSettings,
  target: RequestTarget,
): Proxy | null {
  const proxyHost = request.proxyHost ?? (request.proxy === undefined ? settings.proxyHost : undefined)
  const isOwn = request.proxy !== undefined || (request.proxyHost ?? '') !== ''
  // What the client tells its own proxy is not for another.
  const hasDefault = (settings.proxyHost ?? settings.proxy ?? null) !== null
  const defaults = isOwn && hasDefault ? {} : settings
  if (proxyHost !== undefined && proxyHost !== '') {
    const port = request.proxyPort ?? settings.proxyPort
    if (port === undefined) throw new TypeError('proxyHost needs a proxyPort')
    const proxy: Proxy = { protocol: 'http', host: proxyHost, port }
    return withCredentials(proxy, request, defaults)
  }
  const setting = request.proxy === undefined ? settings.proxy : request.proxy
  const proxy = resolveProxy(setting, target)
  return proxy === null ? null : withCredentials(proxy, request, defaults)
}

function withCredentials(proxy: Proxy, request: RequestSettings, settings: RequestSettings): Proxy {
  const username =
    request.proxyUsername ?? (proxy.username === undefined ? settings.proxyUsername : undefined)
  const authMode = request.proxyAuthMode ?? settings.proxyAuthMode
  if (authMode !== undefined && authMode !== 'basic' && authMode !== 'digest')
    throw new TypeError(`Unsupported proxyAuthMode ${String(authMode)}`)
  if (username === undefined && authMode === undefined) return proxy
  const password = request.proxyPassword ?? settings.proxyPassword
  return {
    ...proxy,
    ...(username === undefined ? {} : { username, password }),
    ...(authMode === undefined ? {} : { authMode }),
  }
}

/**
 * The plan for a request.
 *
 * @throws {TypeError} When the local address is none in numbers.
 * @throws {Error} When a file of TLS cannot be read or used.
 */
export function planConnection(
  request: RequestSettings,
  settings: RequestSettings,
  target: RequestTarget,
  { proxy, crossedOrigin }: { proxy: Proxy | null; crossedOrigin: boolean },
): ConnectionPlan {
  const networkInterface = request.networkInterface ?? settings.networkInterface
  if (networkInterface !== undefined && isIP(networkInterface) === 0)
    throw new TypeError(`Unrecognized IPv4 or IPv6 address for networkInterface, got ${networkInterface}`)
  const unixSocket = crossedOrigin ? undefined : (request.unixSocket ?? settings.unixSocket)
  // No proxy leads to a socket of this machine, and none must be spoken to as if it were one.
  const used = unixSocket === undefined ? proxy : null
  return {
    secure: target.secure,
    host: target.host,
    port: target.port,
    unixSocket,
    proxy: used,
    forwards: used !== null && !target.secure && (used.protocol === 'http' || used.protocol === 'https'),
    networkInterface,
    allowIpv6: request.allowIpv6 ?? settings.allowIpv6 ?? true,
    tls: target.secure ? tlsOf(request, settings, crossedOrigin) : null,
  }
}

/** Makes the connection, with everything that must be done before HTTP is spoken. */
export async function openConnection(plan: ConnectionPlan, options: OpenOptions): Promise<IOStream> {
  const { tcpClient, timeoutMs, signal, tlsSession, onTlsSession, streamOptions = {} } = options
  const { unixSocket, proxy, tls, host, port, address = host } = plan
  const giveUp = { timeoutMs, signal }
  if (unixSocket !== undefined) {
    const stream = new IOStream(null, streamOptions)
    await stream.connect(unixSocket, giveUp)
    if (tls === null) return stream
    return await stream.startTls(false, {
      ...(tls === true ? {} : { sslOptions: tls }),
      serverHostname: host,
      tlsSession,
      onTlsSession,
      ...giveUp,
    })
  }
  return await tcpClient.connect(address, port, {
    ...streamOptions,
    ...giveUp,
    family: plan.allowIpv6 ? undefined : 'IPv4',
    sourceIp: plan.networkInterface,
    sslOptions: tls ?? undefined,
    serverHostname: host,
    tlsSession,
    onTlsSession,
    proxy: proxy ?? undefined,
    stopAtProxy: plan.forwards,
  })
}

/** Options of {@link connectOrigin}. */
export interface ConnectOriginOptions {
  /** Gives up after this long. In ms. @default the request's `connectTimeoutMs` */
  timeoutMs?: number
  /** Gives up; the promise rejects with its reason. @default the request's */
  signal?: AbortSignal
  /** Finds the addresses. @default the configured one */
  resolver?: Resolver
  /** Limits of the stream. */
  streamOptions?: StreamOptions
}

/** A connection to an origin, and how it is addressed there. */
export interface OriginConnection {
  readonly stream: IOStream
  readonly target: RequestTarget
}

/**
 * Connects to the origin of a request as a fetch does, with all of its options on look-up, TCP, proxies and TLS, for
 * another protocol to be spoken there: the URL may be of `ws` and `wss`, too. HTTP proxies are always asked for a tunnel.
 *
 * @throws {TypeError} (rejection) When the URL or an option is wrong.
 * @throws {Error} (rejection) As `TCPClient.connect`.
 */
export async function connectOrigin(
  request: HTTPRequest,
  { timeoutMs, signal = request.signal, resolver, streamOptions }: ConnectOriginOptions = {},
): Promise<OriginConnection> {
  const target = parseTarget(request.url, streamSchemes)
  const proxy = proxyOf(request, {}, target)
  const plan = planConnection(request, {}, target, { proxy, crossedOrigin: false })
  const tcpClient = new TCPClient(resolver === undefined ? {} : { resolver })
  const limitMs = timeoutMs ?? request.connectTimeoutMs ?? 20_000
  try {
    const stream = await openConnection(
      { ...plan, forwards: false },
      { tcpClient, timeoutMs: limitMs === 0 ? undefined : limitMs, signal, streamOptions },
    )
    return { stream, target }
  } finally {
    tcpClient.close()
  }
}
