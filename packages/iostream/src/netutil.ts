// Listening
export { bindSockets, type BindOptions } from './bind-sockets.ts'
export { bindUnixSocket, type BindUnixOptions } from './bind-unix-socket.ts'
export { BoundSocket, type AcceptHandler, type BoundAddress } from './bound-socket.ts'
export { addAcceptHandler } from './accept-handler.ts'

// Addresses of hosts
export {
  DefaultLoopResolver,
  Resolver,
  type AddressFamily,
  type ResolvedAddress,
  type ResolveOptions,
} from './resolver.ts'
export { CaresResolver, type CaresResolverOptions } from './cares-resolver.ts'
export { OverrideResolver, type HostOverride, type OverrideResolverOptions } from './override-resolver.ts'
export { isValidIp } from './is-valid-ip.ts'

// TLS
export { SSLContext, sslOptionsToContext } from './ssl-context.ts'
export type { SSLOptions, TLSVersion } from './ssl-options.ts'

// The PROXY protocol
export {
  ProxyHeaderDecoder,
  type ProxyEndpoint,
  type ProxyExtension,
  type ProxyHeader,
  type ProxyHeaderDecoderOptions,
} from './protocol/proxy-header.ts'

// Errors
export { ProxyProtocolError, ResolverError } from './errors.ts'
