/** Limits and time-outs of a connection. Tornado: http1connection.HTTP1ConnectionParameters. */
export interface HTTP1ConnectionParameters {
  /** Closes the connection after each response. @default false */
  noKeepAlive?: boolean
  /** Largest piece of a body handed to a delegate. In bytes. @default 65_536 (64 KiB) */
  chunkSize?: number
  /** Largest head, first line included; beyond it the answer is 431, or 414 for the first line. In bytes. @default 65_536 (64 KiB) */
  maxHeaderSize?: number
  /** Most header fields; beyond it the answer is 431. @default 100 */
  maxFieldCount?: number
  /** Largest body; beyond it the answer is 413. In bytes. @default 104_857_600 (100 MiB) */
  maxBodySize?: number
  /** Longest time from the first byte of a head to its last; beyond it the answer is 408. @default 60_000 */
  headerTimeoutMs?: number
  /** Longest time a body may take; beyond it the answer is 408. `Infinity` for no limit. @default Infinity */
  bodyTimeoutMs?: number
  /**
   * Least bytes of a body that must come in each second, on average over {@link bodyRateWindowMs}; below it the answer is
   * 408. While the application makes the peer wait, nothing is expected of it. 0 for no such limit. @default 240
   */
  minBodyRate?: number
  /** The stretch of time that {@link minBodyRate} is measured over; also what a body may stand still. @default 30_000 */
  bodyRateWindowMs?: number
  /** Closes a connection after this long without a request. @default 300_000 (5 min) */
  idleConnectionTimeoutMs?: number
  /**
   * Closes a connection whose peer has taken nothing of what is to be sent for this long (up to a quarter more).
   * `Infinity` for no limit. @default 300_000 (5 min)
   */
  writeTimeoutMs?: number
  /** Closes a connection with the answer to its so many-th request. @default Infinity */
  maxRequestsPerConnection?: number
  /**
   * Decompresses bodies sent as `gzip`, `deflate`, `br` or `zstd`; `maxBodySize` then also holds for what comes out.
   * @default false
   */
  decompressRequest?: boolean
}

/** {@link HTTP1ConnectionParameters} with its defaults. */
export type ResolvedParameters = Required<HTTP1ConnectionParameters>

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} When a limit is not a number above zero.
 */
export function resolveParameters({
  noKeepAlive = false,
  chunkSize = 65_536,
  maxHeaderSize = 65_536,
  maxFieldCount = 100,
  maxBodySize = 104_857_600,
  headerTimeoutMs = 60_000,
  bodyTimeoutMs = Infinity,
  minBodyRate = 240,
  bodyRateWindowMs = 30_000,
  idleConnectionTimeoutMs = 300_000,
  writeTimeoutMs = 300_000,
  maxRequestsPerConnection = Infinity,
  decompressRequest = false,
}: HTTP1ConnectionParameters = {}): ResolvedParameters {
  const limits = {
    chunkSize,
    maxHeaderSize,
    maxFieldCount,
    maxBodySize,
    headerTimeoutMs,
    bodyTimeoutMs,
    bodyRateWindowMs,
    idleConnectionTimeoutMs,
    writeTimeoutMs,
    maxRequestsPerConnection,
  }
  for (const [name, value] of Object.entries(limits)) {
    if (!(typeof value === 'number' && value > 0))
      throw new RangeError(`${name} must be above zero: ${value}`)
  }
  if (!(typeof minBodyRate === 'number' && minBodyRate >= 0))
    throw new RangeError(`minBodyRate must not be below zero: ${minBodyRate}`)
  return { noKeepAlive, decompressRequest, minBodyRate, ...limits }
}

/** The shortest of the time-outs, for a `DeadlineSweeper`. */
export function shortestTimeout(params: ResolvedParameters): number {
  const { headerTimeoutMs, bodyTimeoutMs, bodyRateWindowMs, idleConnectionTimeoutMs, writeTimeoutMs } = params
  return Math.min(headerTimeoutMs, bodyTimeoutMs, bodyRateWindowMs, idleConnectionTimeoutMs, writeTimeoutMs)
}
