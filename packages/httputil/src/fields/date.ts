/** What {@link formatTimestamp} takes: see there. */
export type Timestamp = number | Date | { readonly epochMilliseconds: number } | readonly number[]

/**
 * The HTTP text of a point in time, such as `Sun, 27 Jan 2013 18:43:20 GMT`. Fractions of a second are cut off.
 *
 * @param timestamp Milliseconds since the epoch, as `Date.now()` gives (Tornado takes seconds); a `Date`; anything with
 *   `epochMilliseconds`, such as a `Temporal.Instant` or `Temporal.ZonedDateTime`; or `[year, month, day, hour,
 *   minute, second]` in UTC with the month from 1, as Python's time tuples are (further items do not matter).
 * @throws {TypeError} On anything else.
 * @throws {RangeError} On a time that the form has no text for: before the year 0 or after 9999.
 * @see RFC 9110 §5.6.7; Tornado: httputil.format_timestamp
 */
export function formatTimestamp(timestamp: Timestamp): string {
  const ms = toEpochMs(timestamp)
  if (!(ms >= -62_167_219_200_000 && ms < 253_402_300_800_000)) {
    throw new RangeError(`Cannot write ${ms} ms since the epoch as an HTTP date`)
  }
  return new Date(ms).toUTCString()
}

let cachedDate = ''
let cachedFromMs = 0
let cachedUntilMs = 0

/** The HTTP text of now, as the `Date` header has it; made once a second. */
export function currentHttpDate(): string {
  const nowMs = Date.now()
  // The lower bound is for a clock that was set back.
  if (nowMs >= cachedUntilMs || nowMs < cachedFromMs) {
    cachedFromMs = nowMs - (nowMs % 1000)
    cachedUntilMs = cachedFromMs + 1000
    cachedDate = new Date(nowMs).toUTCString()
  }
  return cachedDate
}

/** Options of {@link parseHttpDate}. */
export interface ParseHttpDateOptions {
  /** What two-digit years are near to, in milliseconds since the epoch. @default Date.now() */
  nowMs?: number
}

// The longest date that is none of junk: `Wednesday, 06-Nov-1994 08:49:37 +0000`. Within so few characters no
// pattern can be slow.
const longestDate = 64
const dayFirst =
  /^(?:[A-Za-z]{3,9},? {1,2})?(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{4}|\d{2}) {1,2}(\d{2}):(\d{2}):(\d{2})(?: (?:GMT|UTC?|Z|([+-])(\d{2})(\d{2})))?$/i
const monthFirst = /^[A-Za-z]{3} ([A-Za-z]{3}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/
const months = 'janfebmaraprmayjunjulaugsepoctnovdec'

/**
 * The milliseconds since the epoch that an HTTP date means, or `null` when it is none.
 *
 * Takes the three forms of RFC 9110 §5.6.7 (`Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`,
 * `Sun Nov  6 08:49:37 1994`). As in Tornado the weekday may be absent and is not checked, a missing zone is UTC and a
 * numeric one counts. A two-digit year that seems more than 50 years ahead is in the past.
 */
export function parseHttpDate(text: string, { nowMs }: ParseHttpDateOptions = {}): number | null {
  if (text.length > longestDate) return null
  let match = dayFirst.exec(text)
  if (match !== null) {
    const [, day, month, year, hour, minute, second, sign, zoneHour, zoneMinute] = match
    const fullYear = year!.length === 2 ? nearbyYear(Number(year), nowMs ?? Date.now()) : Number(year)
    const ms = utcMs(fullYear, month!, Number(day), Number(hour), Number(minute), Number(second))
    if (ms === null || sign === undefined) return ms
    const zoneMs = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000
    return sign === '-' ? ms + zoneMs : ms - zoneMs
  }
  match = monthFirst.exec(text)
  if (match === null) return null
  const [, month, day, hour, minute, second, year] = match
  return utcMs(Number(year), month!, Number(day), Number(hour), Number(minute), Number(second))
}

function toEpochMs(timestamp: Timestamp): number {
  if (typeof timestamp === 'number') return timestamp
  if (timestamp instanceof Date) return timestamp.getTime()
  if (isTimeTuple(timestamp)) {
    const [year, month, day, hour, minute, second] = timestamp
    return utcOf(year, month - 1, day, hour, minute, Math.trunc(second))
  }
  if (isInstant(timestamp)) return timestamp.epochMilliseconds
  throw new TypeError('A timestamp is a number of milliseconds, a Date, an instant or a time tuple')
}

type TimeTuple = readonly [number, number, number, number, number, number, ...number[]]

function isTimeTuple(value: unknown): value is TimeTuple {
  return Array.isArray(value) && value.length >= 6 && value.every((item) => typeof item === 'number')
}

function isInstant(value: unknown): value is { readonly epochMilliseconds: number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'epochMilliseconds' in value &&
    typeof value.epochMilliseconds === 'number'
  )
}

/** `Date.UTC` without its reading of the years 0 to 99 as 1900 to 1999. */
function utcOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return date.setUTCHours(hour, minute, second)
}

function utcMs(
  year: number,
  monthName: string,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | null {
  const at = months.indexOf(monthName.toLowerCase())
  // 60 is a leap second.
  if (at === -1 || at % 3 !== 0 || hour > 23 || minute > 59 || second > 60) return null
  const month = at / 3
  const midnight = new Date(utcOf(year, month, day, 0, 0, 0))
  if (midnight.getUTCMonth() !== month || midnight.getUTCDate() !== day) return null
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
}

function nearbyYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + twoDigits
  if (year > thisYear + 50) return year - 100
  return year <= thisYear - 50 ? year + 100 : year
}
