// Streams
export { BaseIOStream } from './stream/base-io-stream.ts'
export { IOStream, SSLIOStream, type SSLStreamOptions, type StartTLSOptions } from './stream/io-stream.ts'
export { PipeIOStream } from './stream/pipe-io-stream.ts'
export type { Address, ConnectOptions, GiveUpOptions } from './tcp/connect-options.ts'
export type { ReadOptions, SearchReadOptions, SizedReadOptions } from './stream/read-options.ts'
export type { StreamData } from './stream/stream-data.ts'
export type { StreamLimits, StreamOptions } from './stream/stream-options.ts'
export type { StreamReceiver } from './stream/stream-receiver.ts'

// TLS
export { SSLContext } from './tls/ssl-context.ts'
export type { SSLOptions, TLSVersion } from './tls/ssl-options.ts'

// Errors
export {
  SSLCertVerificationError,
  SSLError,
  StreamBufferFullError,
  StreamClosedError,
  UnsatisfiableReadError,
} from './errors.ts'
