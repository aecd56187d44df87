import {
  forwardedAddress,
  parseForwarded,
  parseForwardedFor,
  type ConnectionContext,
  type HTTPHeaders,
} from '@tornado-ts/httputil'
import { AddressList } from './address-list.ts'

/** Which proxies in front of a server are believed when they tell who the client is. */
export interface ProxyHeaderOptions {
  /**
   * Takes `remoteIp` from `X-Real-Ip`, else from `X-Forwarded-For`, and `protocol` from `X-Scheme`, else from
   * `X-Forwarded-Proto`. `true` believes whoever connects, so nobody but the proxy must be able to; a list believes only
   * these addresses and networks, `'unix'` standing for Unix sockets. @default false
   */
  xheaders?: boolean | readonly string[]
  /** As `xheaders`, but from `Forwarded` (RFC 7239). Not together with it. @default false */
  forwarded?: boolean | readonly string[]
  /**
   * Addresses and networks of proxies further away: of the addresses that a request was forwarded for, the last one that is
   * none of these is the client's. @default none
   */
  trustedDownstream?: readonly string[]
}

/** Tells who the client of a request is, from its fields and the peer it came from. */
export type ContextReader = (headers: HTTPHeaders, peer: ConnectionContext) => ConnectionContext

/**
 * The reader that the options ask for, or `null` when the peer itself is the client.
 *
 * @throws {RangeError} When a list holds what is neither an address nor a network.
 * @throws {TypeError} When both kinds of fields are to be believed: a client could choose between them.
 */
export function toContextReader(options: ProxyHeaderOptions): ContextReader | null {
  const { xheaders = false, forwarded = false } = options
  const trustedDownstream = new AddressList(options.trustedDownstream ?? [], 'trustedDownstream')
  if (xheaders !== false && forwarded !== false) {
    throw new TypeError('Cannot believe both xheaders and forwarded')
  }
  const [believed, name] = forwarded === false ? [xheaders, 'xheaders'] : [forwarded, 'forwarded']
  if (believed === false) return null
  const read = forwarded === false ? contextFromXHeaders : contextFromForwarded
  if (believed === true) return (headers, peer) => read(headers, peer, trustedDownstream)
  const proxies = new AddressList(believed, name)
  return (headers, peer) => (proxies.has(peer.remoteIp) ? read(headers, peer, trustedDownstream) : peer)
}

function contextFromXHeaders(
  headers: HTTPHeaders,
  peer: ConnectionContext,
  trustedDownstream: AddressList,
): ConnectionContext {
  const scheme = headers.get('X-Scheme') ?? headers.get('X-Forwarded-Proto')
  // Of several entries the last is that of the nearest proxy.
  return withContext(peer, forwardedIp(headers, trustedDownstream), scheme?.split(',').at(-1)?.trim())
}

function forwardedIp(headers: HTTPHeaders, trustedDownstream: AddressList): string | null {
  const realIp = headers.get('X-Real-Ip')
  if (realIp !== undefined) return forwardedAddress(realIp)
  const forwardedFor = headers.get('X-Forwarded-For')
  if (forwardedFor === undefined) return null
  const entries = parseForwardedFor(forwardedFor)
  const client = entries.findLast((entry) => !isTrusted(entry, trustedDownstream)) ?? entries[0]
  return client === undefined ? null : forwardedAddress(client)
}

function contextFromForwarded(
  headers: HTTPHeaders,
  peer: ConnectionContext,
  trustedDownstream: AddressList,
): ConnectionContext {
  const header = headers.get('Forwarded')
  const elements = header === undefined ? null : parseForwarded(header)
  if (elements === null) return peer
  const client =
    elements.findLast((element) => !isTrusted(element.for ?? '', trustedDownstream)) ?? elements[0]
  if (client === undefined) return peer
  return withContext(peer, forwardedAddress(client.for ?? ''), client.proto)
}

/** What is no address is not trusted: what an unknown proxy claims of those beyond it is worth nothing. */
function isTrusted(entry: string, trustedDownstream: AddressList): boolean {
  const address = forwardedAddress(entry)
  return address !== null && trustedDownstream.has(address)
}

function withContext(
  peer: ConnectionContext,
  remoteIp: string | null,
  scheme: string | undefined,
): ConnectionContext {
  const protocol = scheme === 'http' || scheme === 'https' ? scheme : peer.protocol
  return { ...peer, remoteIp: remoteIp ?? peer.remoteIp, protocol }
}
