// Streams
export {
  BaseIOStream,
  type ReadOptions,
  type SearchReadOptions,
  type SizedReadOptions,
  type StreamData,
} from './base-io-stream.ts'
export { IOStream } from './io-stream.ts'
export type { StreamLimits, StreamOptions } from './stream-options.ts'
export type { StreamReceiver } from './stream-receiver.ts'

// Errors
export { StreamBufferFullError, StreamClosedError, UnsatisfiableReadError } from './errors.ts'
