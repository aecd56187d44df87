import { formatMessage } from './format-message.ts'

/** Settings of `Locale.formatDate`. */
export interface FormatDateOptions {
  /**
   * Minutes that the reader's clock is behind UTC, east being negative: what `Date.prototype.getTimezoneOffset()` says
   * in a browser. In minutes, as there and in Tornado.
   *
   * @default 0
   */
  gmtOffset?: number
  /** Name of the reader's time zone (`Europe/Paris`), in the place of `gmtOffset`; it knows about summer time. */
  timeZone?: string
  /** Whether a date of the last 24 hours is told by its age (`2 minutes ago`). @default true */
  relative?: boolean
  /** Whether the time of day is left out. @default false */
  shorter?: boolean
  /** Whether the date is told in full, with the year, however old it is. @default false */
  fullFormat?: boolean
  /** The present, a `Date` or milliseconds since 1970. @default the system's clock */
  now?: Date | number
}

/** What a date is told with: the messages of one language. */
export interface DateLanguage {
  readonly code: string
  readonly months: readonly string[]
  readonly weekdays: readonly string[]
  translate(message: string): string
  translate(message: string, pluralMessage: string, count: number): string
}

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const twelveHourCodes: ReadonlySet<string> = new Set(['en', 'en_US'])

/** Tornado's rules of when a date is told how. `timeMs` and `nowMs` count from 1970, the offset is subtracted. */
export function describeDate(
  language: DateLanguage,
  timeMs: number,
  nowMs: number,
  offsetMs: (timeMs: number) => number,
  { relative = true, shorter = false, fullFormat = false }: FormatDateOptions,
): string {
  let isFull = fullFormat
  let shownMs = timeMs
  if (timeMs > nowMs) {
    // Clocks differ a little: what lies in the next minute is now.
    if (relative && timeMs - nowMs < minuteMs) shownMs = nowMs
    else isFull = true
  }
  const ageMs = nowMs - shownMs
  const days = Math.floor(ageMs / dayMs)
  if (!isFull && relative && days === 0) return describeAge(language, Math.floor(ageMs / secondMs))

  const local = new Date(shownMs - offsetMs(shownMs))
  let form: string
  if (isFull)
    form = shorter ? '%(month_name)s %(day)s, %(year)s' : '%(month_name)s %(day)s, %(year)s at %(time)s'
  else if (days === 0) form = '%(time)s'
  else if (days === 1 && relative && isDayBefore(local, nowMs - offsetMs(nowMs))) {
    form = shorter ? 'yesterday' : 'yesterday at %(time)s'
  } else if (days < 5) form = shorter ? '%(weekday)s' : '%(weekday)s at %(time)s'
  // Eleven months: a month's name must not be read as the same month of another year.
  else if (days < 334) form = shorter ? '%(month_name)s %(day)s' : '%(month_name)s %(day)s at %(time)s'
  else form = shorter ? '%(month_name)s %(day)s, %(year)s' : '%(month_name)s %(day)s, %(year)s at %(time)s'
  return fillDate(language, form, local)
}

/** `Monday, January 22`, or `January 22`. `local` has the reader's date in its UTC fields. */
export function describeDay(language: DateLanguage, local: Date, withWeekday: boolean): string {
  return fillDate(
    language,
    withWeekday ? '%(weekday)s, %(month_name)s %(day)s' : '%(month_name)s %(day)s',
    local,
  )
}

function describeAge(language: DateLanguage, seconds: number): string {
  if (seconds < 50) {
    return formatMessage(language.translate('1 second ago', '%(seconds)d seconds ago', seconds), { seconds })
  }
  if (seconds < 50 * 60) {
    const minutes = roundHalfToEven(seconds / 60)
    return formatMessage(language.translate('1 minute ago', '%(minutes)d minutes ago', minutes), { minutes })
  }
  const hours = roundHalfToEven(seconds / 3600)
  return formatMessage(language.translate('1 hour ago', '%(hours)d hours ago', hours), { hours })
}

/** As Python rounds: 150 seconds are 2 minutes there. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

function isDayBefore(local: Date, localNowMs: number): boolean {
  return Math.floor(local.getTime() / dayMs) === Math.floor(localNowMs / dayMs) - 1
}

function fillDate(language: DateLanguage, form: string, local: Date): string {
  return formatMessage(language.translate(form), {
    month_name: language.months[local.getUTCMonth()],
    // Weeks begin on Monday in the list, on Sunday in JavaScript.
    weekday: language.weekdays[(local.getUTCDay() + 6) % 7],
    day: local.getUTCDate(),
    year: local.getUTCFullYear(),
    time: timeOfDay(language.code, local.getUTCHours(), local.getUTCMinutes()),
  })
}

function timeOfDay(code: string, hours: number, minutes: number): string {
  const paddedMinutes = String(minutes).padStart(2, '0')
  const twelfth = hours % 12 === 0 ? 12 : hours % 12
  if (code === 'zh_CN') return `${hours < 12 ? '上午' : '下午'}${twelfth}:${paddedMinutes}`
  if (twelveHourCodes.has(code)) return `${twelfth}:${paddedMinutes} ${hours < 12 ? 'am' : 'pm'}`
  return `${hours}:${paddedMinutes}`
}
