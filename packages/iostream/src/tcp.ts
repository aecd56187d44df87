// Server
export {
  TCPServer,
  type BoundAddress,
  type ListenOptions,
  type PeerAddress,
  type TCPServerOptions,
} from './tcp-server.ts'
