import type { DecoderRules } from './protocol/message-decoder.ts'

/** What happens to messages for a peer that does not read, once `maxQueuedSize` bytes wait for it. */
export type SlowReaderPolicy = 'wait' | 'dropOldest' | 'close'

/** What a connection goes by. Connections with the same values share one. */
export interface ConnectionParams {
  readonly role: 'server' | 'client'
  readonly rules: DecoderRules
  readonly maxMessageSize: number
  /** 0: no pings. */
  readonly pingIntervalMs: number
  /** 0: a peer that does not answer is kept. */
  readonly pingTimeoutMs: number
  readonly maxQueuedSize: number
  readonly slowReaderPolicy: SlowReaderPolicy
  readonly closeTimeoutMs: number
}

/** The values of {@link ConnectionParams} that somebody may choose; none needs to be given. */
export interface ConnectionOptions {
  maxMessageSize?: number | undefined
  pingIntervalMs?: number | undefined
  pingTimeoutMs?: number | undefined
  maxQueuedSize?: number | undefined
  slowReaderPolicy?: SlowReaderPolicy | undefined
  closeTimeoutMs?: number | undefined
}

/** Most bytes of a message, where nothing else is said: 10 MiB, as in Tornado. */
export const defaultMaxMessageSize: number = 10 * 1024 * 1024

/**
 * @throws {RangeError} When a value is out of its range.
 */
export function resolveConnectionParams(
  role: 'server' | 'client',
  allowCompressed: boolean,
  options: ConnectionOptions,
): ConnectionParams {
  const {
    maxMessageSize = defaultMaxMessageSize,
    pingIntervalMs = 0,
    pingTimeoutMs = pingIntervalMs,
    maxQueuedSize = 16 * 1024 * 1024,
    slowReaderPolicy = 'wait',
    closeTimeoutMs = 5_000,
  } = options
  const last = lastParams
  if (
    last !== null &&
    last.role === role &&
    last.rules.allowCompressed === allowCompressed &&
    last.maxMessageSize === maxMessageSize &&
    last.pingIntervalMs === pingIntervalMs &&
    last.pingTimeoutMs === pingTimeoutMs &&
    last.maxQueuedSize === maxQueuedSize &&
    last.slowReaderPolicy === slowReaderPolicy &&
    last.closeTimeoutMs === closeTimeoutMs
  )
    return last
  for (const [name, value] of Object.entries({ maxMessageSize, maxQueuedSize, closeTimeoutMs })) {
    if (!(value > 0)) throw new RangeError(`${name} must be above zero: ${value}`)
  }
  for (const [name, value] of Object.entries({ pingIntervalMs, pingTimeoutMs })) {
    if (!(value >= 0)) throw new RangeError(`${name} must not be below zero: ${value}`)
  }
  if (!slowReaderPolicies.has(slowReaderPolicy)) {
    throw new RangeError(`Unknown policy for slow readers: ${slowReaderPolicy}`)
  }
  lastParams = {
    role,
    rules: { expectMask: role === 'server', maxMessageSize, allowCompressed },
    maxMessageSize,
    pingIntervalMs,
    pingTimeoutMs,
    maxQueuedSize,
    slowReaderPolicy,
    closeTimeoutMs,
  }
  return lastParams
}

/** Nearly all connections of a process have the same. */
let lastParams: ConnectionParams | null = null
const slowReaderPolicies: ReadonlySet<string> = new Set(['wait', 'dropOldest', 'close'])
