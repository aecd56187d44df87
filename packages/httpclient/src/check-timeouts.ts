import type { RequestSettings } from './http-request.ts'

/**
 * A time-out that is no number must not pass for none at all.
 *
 * @throws {RangeError} When one is negative or not a number.
 */
export function checkTimeouts(options: RequestSettings): void {
  check('connectTimeoutMs', options.connectTimeoutMs)
  check('requestTimeoutMs', options.requestTimeoutMs)
  check('queueTimeoutMs', options.queueTimeoutMs)
  check('firstByteTimeoutMs', options.firstByteTimeoutMs)
  check('continueTimeoutMs', options.continueTimeoutMs)
}

function check(name: string, value: number | undefined): void {
  if (value !== undefined && !(value >= 0))
    throw new RangeError(`${name} must be a number from 0 on: ${value}`)
}
