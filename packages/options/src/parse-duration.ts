const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const units: ReadonlyMap<string, number> = new Map([
  ['w', 7 * dayMs],
  ['weeks', 7 * dayMs],
  ['d', dayMs],
  ['days', dayMs],
  ['h', hourMs],
  ['hours', hourMs],
  ['m', minuteMs],
  ['min', minuteMs],
  ['minutes', minuteMs],
  ['', secondMs],
  ['s', secondMs],
  ['sec', secondMs],
  ['seconds', secondMs],
  ['ms', 1],
  ['milliseconds', 1],
  ['us', 0.001],
  ['microseconds', 0.001],
])

const part = /\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)\s*(\w*)\s*/iy

/**
 * The milliseconds that a text such as `1h 30m`, `90 seconds` or `0.5` (seconds) tells, `null` for none. Units are
 * `w d h m min s sec ms us` and their full plural names.
 *
 * Tornado: the type timedelta of options.define.
 */
export function parseDuration(text: string): number | null {
  if (text.trim() === '') return null
  let sum = 0
  for (let index = 0; index < text.length; index = part.lastIndex) {
    part.lastIndex = index
    const match = part.exec(text)
    if (match === null) return null
    const unit = units.get(match[2] ?? '')
    if (unit === undefined) return null
    sum += Number(match[1]) * unit
  }
  // To the microsecond, as Python's durations are.
  const rounded = Math.round(sum * 1000) / 1000
  return Number.isFinite(rounded) ? rounded : null
}

const shown: readonly (readonly [unit: string, sizeMs: number])[] = [
  ['d', dayMs],
  ['h', hourMs],
  ['m', minuteMs],
  ['s', secondMs],
]

/** A duration as {@link parseDuration} reads it: `1h 30m`. */
export function formatDuration(durationMs: number): string {
  let rest = Math.abs(durationMs)
  const parts: string[] = []
  for (const [unit, sizeMs] of shown) {
    const count = Math.floor(rest / sizeMs)
    if (count > 0) parts.push(`${count}${unit}`)
    rest -= count * sizeMs
  }
  if (rest > 0) parts.push(`${Math.round(rest * 1000) / 1000}ms`)
  if (parts.length === 0) return '0s'
  return durationMs < 0 ? parts.map((each) => `-${each}`).join(' ') : parts.join(' ')
}
