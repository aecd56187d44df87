// Streams
export { BaseIOStream, type StreamOptions } from './base-io-stream.ts'
export { IOStream } from './io-stream.ts'
export type { StreamReceiver } from './stream-receiver.ts'

// Errors
export { StreamBufferFullError, StreamClosedError, UnsatisfiableReadError } from './errors.ts'
