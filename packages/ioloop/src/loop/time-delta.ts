/** A span of time by its parts, which add up. A `Temporal.Duration` has this shape. Tornado: datetime.timedelta. */
export interface TimeDelta {
  readonly days?: number
  readonly hours?: number
  readonly minutes?: number
  readonly seconds?: number
  readonly milliseconds?: number
}

/**
 * The length of a span of time. Tornado: util.timedelta_to_seconds.
 *
 * @throws {TypeError} When a part is no number, or there is no part at all.
 */
export function toMilliseconds(delta: TimeDelta): number {
  const { days, hours, minutes, seconds, milliseconds } = delta
  const parts = [days, hours, minutes, seconds, milliseconds]
  if (parts.every((part) => part === undefined)) {
    throw new TypeError('Expected days, hours, minutes, seconds or milliseconds')
  }
  const [d = 0, h = 0, m = 0, s = 0, ms = 0] = parts
  const total = (((d * 24 + h) * 60 + m) * 60 + s) * 1000 + ms
  if (Number.isNaN(total)) throw new TypeError('Expected numbers for the parts of a time span')
  return total
}
