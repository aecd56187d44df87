import type { DeflateWishes } from '../protocol/permessage-deflate.ts'

/** How messages are compressed. Tornado: the mapping that get_compression_options returns. */
export interface CompressionOptions {
  /** From 0, none, to 9, best. @default 6 */
  compressionLevel?: number
  /** How much memory zlib takes for its state, from 1 to 9. @default 8 */
  memLevel?: number
  /** Smaller messages go uncompressed. In bytes. @default 256 */
  threshold?: number
  /** The server begins each message with an empty window: that saves memory and costs size. @default false */
  serverNoContextTakeover?: boolean
  /** The client begins each message with an empty window. @default false */
  clientNoContextTakeover?: boolean
  /** Largest window of the server: 2 to this many bytes, from 9 to 15. @default 15 */
  serverMaxWindowBits?: number
  /** Largest window of the client: 2 to this many bytes, from 9 to 15. @default 15 */
  clientMaxWindowBits?: number
}

/** {@link CompressionOptions} with their defaults. */
export interface ResolvedCompression extends DeflateWishes {
  readonly level: number
  readonly memLevel: number
  readonly threshold: number
}

/** @throws {RangeError} When a number is out of its range. */
export function resolveCompression(options: CompressionOptions): ResolvedCompression {
  const known = resolvedOptions.get(options)
  if (known !== undefined) return known
  const {
    compressionLevel = 6,
    memLevel = 8,
    threshold = 256,
    serverNoContextTakeover = false,
    clientNoContextTakeover = false,
    serverMaxWindowBits = 15,
    clientMaxWindowBits = 15,
  } = options
  const resolved: ResolvedCompression = {
    level: checkRange('compressionLevel', compressionLevel, 0, 9),
    memLevel: checkRange('memLevel', memLevel, 1, 9),
    threshold: checkRange('threshold', threshold, 0, Number.MAX_SAFE_INTEGER),
    serverNoContextTakeover,
    clientNoContextTakeover,
    serverMaxWindowBits: checkRange('serverMaxWindowBits', serverMaxWindowBits, 9, 15),
    clientMaxWindowBits: checkRange('clientMaxWindowBits', clientMaxWindowBits, 9, 15),
  }
  resolvedOptions.set(options, resolved)
  return resolved
}

/** Those who give the same object for each connection pay once. */
const resolvedOptions = new WeakMap<CompressionOptions, ResolvedCompression>()

function checkRange(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value
  throw new RangeError(`${name} must be an integer from ${low} to ${high}: ${value}`)
}
