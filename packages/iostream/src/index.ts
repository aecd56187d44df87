// Streams
export { BaseIOStream } from './base-io-stream.ts'
export { IOStream, SSLIOStream, type SSLStreamOptions, type StartTLSOptions } from './io-stream.ts'
export { PipeIOStream } from './pipe-io-stream.ts'
export type { Address, ConnectOptions, GiveUpOptions } from './connect-options.ts'
export type { ReadOptions, SearchReadOptions, SizedReadOptions } from './read-options.ts'
export type { StreamData } from './stream-data.ts'
export type { StreamLimits, StreamOptions } from './stream-options.ts'
export type { StreamReceiver } from './stream-receiver.ts'

// TLS
export { SSLContext } from './ssl-context.ts'
export type { SSLOptions, TLSVersion } from './ssl-options.ts'

// Errors
export {
  SSLCertVerificationError,
  SSLError,
  StreamBufferFullError,
  StreamClosedError,
  UnsatisfiableReadError,
} from './errors.ts'
