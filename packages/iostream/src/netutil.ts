// Listening
export { bindSockets, type BindOptions } from './tcp/bind-sockets.ts'
export { bindUnixSocket, type BindUnixOptions } from './tcp/bind-unix-socket.ts'
export { BoundSocket, type AcceptHandler, type BoundAddress } from './tcp/bound-socket.ts'
export { addAcceptHandler } from './tcp/accept-handler.ts'

// Addresses of hosts
export {
  DefaultLoopResolver,
  Resolver,
  type AddressFamily,
  type ResolvedAddress,
  type ResolveOptions,
} from './netutil/resolver.ts'
export { CaresResolver, type CaresResolverOptions } from './netutil/cares-resolver.ts'
export {
  OverrideResolver,
  type HostOverride,
  type OverrideResolverOptions,
} from './netutil/override-resolver.ts'
export { isValidIp } from './netutil/is-valid-ip.ts'

// TLS
export { SSLContext, sslOptionsToContext } from './tls/ssl-context.ts'
export type { SSLOptions, TLSVersion } from './tls/ssl-options.ts'

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
