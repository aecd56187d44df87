// Server
export { TCPServer, type ListenOptions, type TCPServerOptions } from './tcp-server.ts'
export type { BoundAddress } from './bound-socket.ts'
export type { PeerAddress } from './peer-address.ts'
export type { ProxyProtocolOptions } from './proxy-protocol.ts'

// Client
export { TCPClient, type TCPClientOptions, type TCPConnectOptions } from './tcp-client.ts'
