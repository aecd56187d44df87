import { BaseIOStream } from '../stream/base-io-stream.ts'
import { MemoryTransport, type MemoryOptions } from './memory-transport.ts'
import type { StreamOptions } from '../stream/stream-options.ts'

/** Options of {@link memoryPair}: of the connection, and of both streams. */
export interface MemoryPairOptions extends MemoryOptions, StreamOptions {}

/**
 * Two streams that are connected to each other within the process.
 *
 * What one writes the other reads, on a later turn of the loop, with back-pressure and half-closes as on a socket.
 */
export function memoryPair({ pieceSize = Infinity, ...options }: MemoryPairOptions = {}): [
  BaseIOStream,
  BaseIOStream,
] {
  const [first, second] = MemoryTransport.pair({ pieceSize })
  return [new BaseIOStream(first, options), new BaseIOStream(second, options)]
}
