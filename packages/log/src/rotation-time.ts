const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** A parsed unit of rotation. */
export interface RotateWhen {
  /** Length of the unit in milliseconds; `null` where it ends at a local midnight. */
  readonly unitMs: number | null
  /** The day that ends the week, 0 for Monday; `null` for all other units. */
  readonly weekday: number | null
  /** How files are named that were put aside, for `compileDateFormat`. */
  readonly nameFormat: string
  /** What such names look like. */
  readonly namePattern: RegExp
}

/** @throws {RangeError} For an unknown unit. */
export function parseRotateWhen(when: string): RotateWhen {
  const unit = when.toUpperCase()
  const day = { nameFormat: '%Y-%m-%d', namePattern: /^\d{4}-\d\d-\d\d$/ }
  if (unit === 'S') return timed(secondMs, '%Y-%m-%d_%H-%M-%S', /^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/)
  if (unit === 'M') return timed(minuteMs, '%Y-%m-%d_%H-%M', /^\d{4}-\d\d-\d\d_\d\d-\d\d$/)
  if (unit === 'H') return timed(hourMs, '%Y-%m-%d_%H', /^\d{4}-\d\d-\d\d_\d\d$/)
  if (unit === 'D') return { unitMs: dayMs, weekday: null, ...day }
  if (unit === 'MIDNIGHT') return { unitMs: null, weekday: null, ...day }
  if (/^W[0-6]$/.test(unit)) return { unitMs: null, weekday: Number(unit.charAt(1)), ...day }
  throw new RangeError(`Rotation unit must be S, M, H, D, midnight or W0 to W6, not ${JSON.stringify(when)}`)
}

function timed(unitMs: number, nameFormat: string, namePattern: RegExp): RotateWhen {
  return { unitMs, weekday: null, nameFormat, namePattern }
}

/** When a period that holds `timeMs` ends, in milliseconds since 1970. */
export function nextRotation({ unitMs, weekday }: RotateWhen, interval: number, timeMs: number): number {
  if (unitMs !== null) return timeMs + unitMs * interval
  const date = new Date(timeMs)
  // Counting calendar days keeps midnight at midnight where clocks change.
  let days = interval
  if (weekday !== null) {
    const today = (date.getDay() + 6) % 7
    days = ((weekday - today + 7) % 7) + 1 + 7 * (interval - 1)
  }
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime()
}
