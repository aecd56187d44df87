// Connections
export { HTTP1Connection } from './http1-connection.ts'
export { HTTP1ServerConnection, type HTTP1ServerConnectionOptions } from './http1-server-connection.ts'
export {
  HTTP1ClientConnection,
  type ExchangeEnd,
  type HTTP1ClientConnectionOptions,
} from './http1-client-connection.ts'
export {
  resolveParameters,
  shortestTimeout,
  type HTTP1ConnectionParameters,
  type ResolvedParameters,
} from './parameters.ts'
export { DecompressingDelegate, type DecompressingDelegateOptions } from './decompressing-delegate.ts'
export { DeadlineSweeper, type Expiring } from './deadline-sweeper.ts'
export { ResponseTimeoutError } from './errors.ts'

// Protocol core
export {
  HTTP1Decoder,
  type BodyData,
  type HTTP1DecoderOptions,
  type HTTP1Event,
  type MessageEnd,
} from './protocol/decoder.ts'
export { RequestHead, ResponseHead, type BodyFraming, type RequestFraming } from './protocol/message-head.ts'
export {
  readResponseHead,
  type ReadResponseHeadOptions,
  type WholeResponseHead,
} from './protocol/read-response-head.ts'
export { type FieldBlock } from './protocol/field-block.ts'
export {
  encodeChunkSize,
  encodeLastChunk,
  encodeRequestHead,
  encodeResponseHead,
  lastChunk,
} from './protocol/encoder.ts'
