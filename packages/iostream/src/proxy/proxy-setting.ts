import type { SSLOptions } from '../tls/ssl-options.ts'

/** How a proxy is spoken to. `socks4` and `socks5` get addresses, which this side looks up; `socks4a` and `socks5h` get names. */
export type ProxyProtocol = 'http' | 'https' | 'socks4' | 'socks4a' | 'socks5' | 'socks5h'

/** A proxy, and who one is there. */
export interface Proxy {
  readonly protocol: ProxyProtocol
  readonly host: string
  readonly port: number
  /** @default none */
  readonly username?: string | undefined
  /** @default '' */
  readonly password?: string | undefined
  /** How to authenticate at an HTTP proxy. @default 'basic' */
  readonly authMode?: 'basic' | 'digest' | undefined
  /** TLS to an `https` proxy. @default checks its certificate and name */
  readonly sslOptions?: SSLOptions | undefined
}

/** What connections go to, as a {@link ProxySelector} is told. */
export interface ProxyTarget {
  /** Whether what is spoken there is TLS. */
  readonly secure: boolean
  readonly host: string
  readonly port: number
}

/** Chooses the proxy for a connection; `null` for none. */
export type ProxySelector = (target: ProxyTarget) => Proxy | null

/** What a proxy may be given as: its URL, itself, what chooses one, or `null` for none. */
export type ProxySetting = string | Proxy | ProxySelector | null

/** The proxy that a setting gives for a connection, or `null` for none. */
export function resolveProxy(setting: ProxySetting | undefined, target: ProxyTarget): Proxy | null {
  if (setting === undefined || setting === null) return null
  if (typeof setting === 'function') return setting(target)
  return typeof setting === 'string' ? parseProxyUrl(setting) : setting
}

/**
 * Reads the URL of a proxy: `http://user:password@proxy.example:3128`, `socks5h://proxy.example`. Without a scheme it is an
 * HTTP proxy. Ports default to 80, 443 and 1080.
 *
 * @throws {TypeError} When it is none. The message holds no credentials.
 */
export function parseProxyUrl(text: string): Proxy {
  const withScheme = text.includes('://') ? text : `http://${text}`
  const match = proxyUrl.exec(withScheme)
  const protocol = match?.[1]!.toLowerCase()
  const defaultPort = protocol === undefined ? undefined : defaultPorts[protocol as ProxyProtocol]
  // The platform's parser knows hosts and ports of its own schemes alone.
  const parsed = match === null ? null : URL.parse(`http://${match[2]!}`)
  if (protocol === undefined || defaultPort === undefined || parsed === null || parsed.hostname === '')
    throw new TypeError(`Invalid URL of a proxy: ${withScheme.replace(/\/\/[^/]*@/, '//')}`)
  const { hostname, username, password } = parsed
  const port = parsed.port === '' ? (/:80\/*$/.test(match![2]!) ? 80 : defaultPort) : Number(parsed.port)
  return {
    protocol: protocol as ProxyProtocol,
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port,
    ...(username === '' ? {} : { username: decode(username), password: decode(password) }),
  }
}

const proxyUrl = /^([a-z0-9]+):\/\/([^\s]+)$/i
const defaultPorts: Readonly<Record<ProxyProtocol, number>> = {
  http: 80,
  https: 443,
  socks4: 1080,
  socks4a: 1080,
  socks5: 1080,
  socks5h: 1080,
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
