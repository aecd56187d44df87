const formats = new Map<string, Intl.DateTimeFormat>()
const maxFormats = 500

/**
 * Milliseconds that the clocks of a time zone are behind UTC at a point in time; east is negative.
 *
 * @throws {RangeError} For a name that is no time zone's.
 */
export function zoneOffsetMs(timeZone: string, timeMs: number): number {
  const fields: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of formatFor(timeZone).formatToParts(timeMs)) fields[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields
  const local = Date.UTC(year, month - 1, day, hour, minute, second)
  return Math.floor(timeMs / 1000) * 1000 - local
}

/** Making a format takes thirty times as long as using it. Names may come from outside, so few are kept. */
function formatFor(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    if (formats.size >= maxFormats) formats.clear()
    formats.set(timeZone, format)
  }
  return format
}
