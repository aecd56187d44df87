import { isIP } from 'node:net'
import type { BaseIOStream } from '../stream/base-io-stream.ts'
import { ProxyError } from '../errors.ts'
import { parseIPv6 } from '../protocol/ip-address.ts'
import type { Proxy } from './proxy-setting.ts'

/**
 * Asks a SOCKS proxy for a connection: version 5 (RFC 1928), by name or password (RFC 1929) where it wants one, or
 * version 4 and 4a.
 *
 * @param host In numbers for `socks4` and `socks5`; any for the others.
 * @throws {ProxyError} When the proxy refuses, or answers something else than SOCKS.
 */
export async function openSocksTunnel(
  stream: BaseIOStream,
  proxy: Proxy,
  host: string,
  port: number,
): Promise<void> {
  if (proxy.protocol === 'socks4' || proxy.protocol === 'socks4a')
    await openVersion4(stream, proxy, host, port)
  else await openVersion5(stream, proxy, host, port)
}

async function openVersion4(stream: BaseIOStream, proxy: Proxy, host: string, port: number): Promise<void> {
  const version = isIP(host)
  if (version === 6) throw new ProxyError(`SOCKS4 knows no IPv6 addresses: ${host}`, 'EAFNOSUPPORT')
  const user = Buffer.from(proxy.username ?? '')
  if (user.includes(0)) throw new TypeError('A name for SOCKS4 holds no NUL')
  const address = version === 4 ? host.split('.').map(Number) : [0, 0, 0, 1]
  const name = version === 4 ? [] : [...hostBytes(host), 0]
  await stream.write(Buffer.from([4, 1, port >> 8, port & 0xff, ...address, ...user, 0, ...name]))
  const [version0, reply] = await stream.readBytes(8)
  if (version0 !== 0) throw noSocks(proxy)
  if (reply !== 90)
    throw refused(proxy, host, port, socks4Replies.get(reply!) ?? `reply ${reply}`, String(reply))
}

async function openVersion5(stream: BaseIOStream, proxy: Proxy, host: string, port: number): Promise<void> {
  const { username, password = '' } = proxy
  await stream.write(Buffer.from(username === undefined ? [5, 1, 0] : [5, 2, 0, 2]))
  const [version, method] = await stream.readBytes(2)
  if (version !== 5) throw noSocks(proxy)
  if (method === 2 && username !== undefined) await authenticate(stream, proxy, username, password)
  else if (method !== 0)
    throw refused(proxy, host, port, 'it wants another kind of authentication', String(method))
  await stream.write(Buffer.from([5, 1, 0, ...addressBytes(host), port >> 8, port & 0xff]))
  const [replyVersion, reply, , kind] = await stream.readBytes(4)
  if (replyVersion !== 5) throw noSocks(proxy)
  if (reply !== 0) throw refused(proxy, host, port, socks5Replies[reply!] ?? `reply ${reply}`, String(reply))
  // Where the proxy has connected from: of no use, but to be read.
  const size = kind === 1 ? 4 : kind === 4 ? 16 : kind === 3 ? (await stream.readBytes(1))[0]! : -1
  if (size === -1) throw noSocks(proxy)
  await stream.readBytes(size + 2)
}

async function authenticate(
  stream: BaseIOStream,
  proxy: Proxy,
  username: string,
  password: string,
): Promise<void> {
  const [name, secret] = [Buffer.from(username), Buffer.from(password)]
  if (name.length > 255 || secret.length > 255)
    throw new TypeError('Name and password for SOCKS5 have at most 255 bytes')
  await stream.write(Buffer.from([1, name.length, ...name, secret.length, ...secret]))
  const [, status] = await stream.readBytes(2)
  if (status !== 0)
    throw new ProxyError(`The proxy ${proxy.host}:${proxy.port} refused name and password`, 'EACCES')
}

function addressBytes(host: string): number[] {
  const version = isIP(host)
  if (version === 4) return [1, ...host.split('.').map(Number)]
  if (version === 6) return [4, ...ipv6Bytes(host)]
  const bytes = hostBytes(host)
  return [3, bytes.length, ...bytes]
}

function hostBytes(host: string): Buffer {
  const bytes = Buffer.from(host)
  if (bytes.length === 0 || bytes.length > 255 || bytes.includes(0))
    throw new TypeError(`Invalid host ${JSON.stringify(host.slice(0, 300))}`)
  return bytes
}

/** The sixteen bytes of an address in any of its notations. A zone is this machine's, and not the proxy's. */
function ipv6Bytes(address: string): number[] {
  return parseIPv6(address.replace(/%.*$/, ''))!.flatMap((group) => [group >> 8, group & 0xff])
}

function refused(proxy: Proxy, host: string, port: number, why: string, code: string): ProxyError {
  return new ProxyError(
    `The proxy ${proxy.host}:${proxy.port} refused to connect to ${host}:${port}: ${why}`,
    code,
  )
}

function noSocks({ host, port }: Proxy): ProxyError {
  return new ProxyError(`The proxy ${host}:${port} does not answer in SOCKS`, 'EPROTO')
}

const socks4Replies: ReadonlyMap<number, string> = new Map([
  [91, 'rejected or failed'],
  [92, 'it cannot reach identd on this machine'],
  [93, 'identd reports another user'],
])
const socks5Replies: readonly string[] = [
  'succeeded',
  'general failure',
  'not allowed by its rules',
  'network unreachable',
  'host unreachable',
  'connection refused',
  'TTL expired',
  'command not supported',
  'address type not supported',
]
