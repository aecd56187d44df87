interface DateFields {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const pieces: Readonly<Record<string, string>> = {
  a: '(?:mon|tue|wed|thu|fri|sat|sun)',
  b: `(?<month>${monthNames.join('|')})`,
  Y: String.raw`(?<year>\d{4})`,
  m: String.raw`(?<month>1[0-2]|0[1-9]|[1-9])`,
  d: String.raw`(?<day>3[01]|[12]\d|0[1-9]| ?[1-9])`,
  H: String.raw`(?<hour>2[0-3]|[01]\d|\d)`,
  M: String.raw`(?<minute>[0-5]\d|\d)`,
  S: String.raw`(?<second>[0-5]\d|\d)`,
}

/** Tornado's forms, in the order in which they are tried. */
const formats = [
  '%a %b %d %H:%M:%S %Y',
  '%Y-%m-%d %H:%M:%S',
  '%Y-%m-%d %H:%M',
  '%Y-%m-%dT%H:%M',
  '%Y%m%d %H:%M:%S',
  '%Y%m%d %H:%M',
  '%Y-%m-%d',
  '%Y%m%d',
  '%H:%M:%S',
  '%H:%M',
].map(compileFormat)

const withZone = /^(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/i

/**
 * The point in time that a text tells, in local time unless it tells its zone (`2026-05-20T14:05Z`); `null` for none.
 * A time without a date is of the first of January 1900.
 *
 * Tornado: the type datetime of options.define.
 */
export function parseDate(text: string): Date | null {
  const [, day] = withZone.exec(text) ?? []
  if (day !== undefined) {
    const date = new Date(text.replace(' ', 'T').toUpperCase())
    return Number.isNaN(date.getTime()) || parseDate(day) === null ? null : date
  }
  for (const format of formats) {
    const match = format.exec(text)
    if (match === null) continue
    const {
      year = '1900',
      month = '1',
      day = '1',
      hour = '0',
      minute = '0',
      second = '0',
    } = match.groups ?? {}
    const name = monthNames.indexOf(month.toLowerCase())
    const date = makeDate({
      year: Number(year),
      month: name === -1 ? Number(month) : name + 1,
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
    })
    if (date !== null) return date
  }
  return null
}

/** `null` for a day that the month has not. */
function makeDate({ year, month, day, hour, minute, second }: DateFields): Date | null {
  const date = new Date(2000, month - 1, 1, hour, minute, second)
  // The constructor takes the years below 100 for those of the last century.
  date.setFullYear(year, month - 1, day)
  return date.getMonth() === month - 1 && year > 0 ? date : null
}

function compileFormat(format: string): RegExp {
  const source = format
    .replaceAll(' ', String.raw`\s+`)
    .replaceAll(/%([aYbmdHMS])/g, (_, letter: string) => pieces[letter] ?? '')
  return new RegExp(`^${source}$`, 'i')
}
