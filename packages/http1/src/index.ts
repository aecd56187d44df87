// Connections
export { HTTP1Connection } from './http1-connection.ts'
export { HTTP1ServerConnection, type HTTP1ServerConnectionOptions } from './http1-server-connection.ts'
export { resolveParameters, type HTTP1ConnectionParameters, type ResolvedParameters } from './parameters.ts'
export { DeadlineSweeper, type Expiring } from './deadline-sweeper.ts'

// Protocol core
export {
  HTTP1Decoder,
  type BodyData,
  type HTTP1DecoderOptions,
  type HTTP1Event,
  type MessageEnd,
} from './protocol/decoder.ts'
export { RequestHead, ResponseHead, type BodyFraming } from './protocol/message-head.ts'
export { encodeChunkSize, encodeRequestHead, encodeResponseHead, lastChunk } from './protocol/encoder.ts'
