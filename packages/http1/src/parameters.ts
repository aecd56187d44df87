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
  /** Closes a connection after this long without a request. @default 300_000 (5 min) */
  idleConnectionTimeoutMs?: number
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
  idleConnectionTimeoutMs = 300_000,
}: HTTP1ConnectionParameters = {}): ResolvedParameters {
  const limits = {
    chunkSize,
    maxHeaderSize,
    maxFieldCount,
    maxBodySize,
    headerTimeoutMs,
    bodyTimeoutMs,
    idleConnectionTimeoutMs,
  }
  for (const [name, value] of Object.entries(limits)) {
    if (!(typeof value === 'number' && value > 0))
      throw new RangeError(`${name} must be above zero: ${value}`)
  }
  return { noKeepAlive, ...limits }
}
