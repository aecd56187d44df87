// Server
export { TCPServer, type ListenOptions, type TCPServerOptions } from './tcp/tcp-server.ts'
export type { BoundAddress } from './tcp/bound-socket.ts'
export type { PeerAddress } from './tcp/peer-address.ts'
export type { ProxyProtocolOptions } from './tcp/proxy-protocol.ts'

// Client
export { TCPClient, type TCPClientOptions, type TCPConnectOptions } from './tcp/tcp-client.ts'
