// Server
export { WebSocketHandler } from './websocket-handler.ts'

// Client
export { websocketConnect } from './client/websocket-connect.ts'
export { WebSocketClientConnection } from './client/websocket-client-connection.ts'
export type { WebSocketConnectOptions } from './client/websocket-connect-options.ts'

// Broadcast
export { Channel, type Published, type Subscriber } from './channel.ts'
export { PreparedMessage, type Sendable } from './prepared-message.ts'

// Slow readers
export { setSendLimits, type SendLimits } from './send-limits.ts'
export type { SlowReaderPolicy } from './connection-params.ts'

// Compression
export { setCompressionLimits, type CompressionLimits } from './deflate/compression-limits.ts'
export type { CompressionOptions } from './deflate/compression-options.ts'

// Connections
export { WebSocketConnection, type WebSocketDelegate } from './websocket-connection.ts'
export { computeAcceptValue } from './accept-value.ts'

// Errors
export {
  WebSocketClosedError,
  WebSocketError,
  WebSocketMessageError,
  WebSocketProtocolError,
  WebSocketQueueFullError,
} from './errors.ts'

// Protocol core
export { MessageDecoder, type DecoderRules, type Received } from './protocol/message-decoder.ts'
export { encodeFrame, encodeMaskedFrame } from './protocol/frame-encoder.ts'
export { applyMask } from './protocol/mask.ts'
export { Utf8Validator } from './protocol/utf8-validator.ts'
export { opcode } from './protocol/opcode.ts'
