import { closestCode } from './closest-code.ts'
import { type DateLanguage, describeDate, describeDay, type FormatDateOptions } from './date-format.ts'
import { IntlFormatters, languageTagOf, relativeUnit } from './intl.ts'
import { LOCALE_NAMES } from './locale-names.ts'
import { formatMessage } from './format-message.ts'
import { state } from './state.ts'
import { zoneOffsetMs } from './time-zone.ts'

/** Settings of `Locale.formatDay`. */
export interface FormatDayOptions extends Pick<FormatDateOptions, 'gmtOffset' | 'timeZone'> {
  /** Whether the day of the week is told. @default true */
  dow?: boolean
}

/** Settings of `Locale.formatRelativeTime`. */
export interface RelativeTimeOptions extends Intl.RelativeTimeFormatOptions, Pick<FormatDateOptions, 'now'> {}

const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const weekdayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const rightToLeft = ['fa', 'ar', 'he']
const english: ReadonlySet<string> = new Set(['en', 'en_US'])

/**
 * A language, as its readers expect texts, dates and numbers. This class translates nothing; `CSVLocale` and
 * `GettextLocale` do. The `get…` functions give the locales of what was loaded.
 *
 * `translate`, `pgettext`, `formatDate`, `formatDay`, `list` and `friendlyNumber` write what Tornado writes, in its
 * English forms put through `translate`. `formatDateTime`, `formatRelativeTime`, `formatNumber`, `formatList` and
 * `languageName` know the habits of every language, from `Intl`.
 *
 * Tornado: locale.Locale.
 */
export class Locale {
  /** The language, and the country where it has one: `fr`, `pt_BR`. */
  readonly code: string
  /** What the language calls itself, by Tornado's list; `Unknown` beyond it. */
  readonly name: string
  /** Whether it is written from right to left. */
  readonly rtl: boolean
  #dates: DateLanguage | undefined
  #intl: IntlFormatters | undefined
  #languageTag: string | undefined

  constructor(code: string) {
    this.code = code
    this.name = LOCALE_NAMES[code]?.name ?? 'Unknown'
    this.rtl = rightToLeft.some((prefix) => code.startsWith(prefix))
  }

  /**
   * The locale of exactly this code, the same object each time until something else is loaded.
   *
   * @throws {RangeError} If it was not loaded and is not the default locale's.
   */
  static get(code: string): Locale {
    let locale = state.locales.get(code)
    if (locale === undefined) {
      const factory = state.factories.get(code)
      if (factory === undefined && code !== state.defaultCode) {
        throw new RangeError(`Unsupported locale ${JSON.stringify(code)}`)
      }
      locale = factory === undefined ? new Locale(code) : factory(code)
      state.locales.set(code, locale)
    }
    return locale
  }

  /**
   * The locale of the first of these codes that is supported, or whose language is; the default locale if none is.
   * Case, `-` and `_` do not matter.
   */
  static getClosest(...codes: readonly (string | null | undefined)[]): Locale {
    for (const code of codes) {
      const found = closestCode(code ?? '')
      if (found !== null) return Locale.get(found)
    }
    return Locale.get(state.defaultCode)
  }

  /**
   * The translation of a message, or the message if there is none. With a plural, `count` chooses the form:
   *
   *     formatMessage(locale.translate('%(list)s is online', '%(list)s are online', people.length), { list })
   *
   * @throws {TypeError} If `count` is missing beside a plural.
   */
  translate(message: string): string
  translate(message: string, pluralMessage: string, count: number): string
  translate(message: string, pluralMessage?: string | null, count?: number): string
  translate(message: string, pluralMessage?: string | null, count?: number): string {
    if (pluralMessage === undefined || pluralMessage === null) return message
    return checkCount(count) === 1 ? message : pluralMessage
  }

  /** `translate` of a message that means different things in different contexts: `pgettext('law', 'right')`. */
  pgettext(context: string, message: string): string
  pgettext(context: string, message: string, pluralMessage: string, count: number): string
  pgettext(context: string, message: string, pluralMessage?: string | null, count?: number): string
  pgettext(_context: string, message: string, pluralMessage?: string | null, count?: number): string {
    return this.translate(message, pluralMessage, count)
  }

  /**
   * A date, a `Date` or milliseconds since 1970, as Tornado tells it: `2 minutes ago`, `yesterday at 9:05 am`,
   * `Friday at 9:05 am`, `July 10 at 9:05 am`, `July 10, 1980 at 9:05 am`. Dates that lie ahead are told in full.
   *
   * @throws {RangeError} For an invalid date, or an unknown time zone.
   */
  formatDate(date: Date | number, options: FormatDateOptions = {}): string {
    const { gmtOffset = 0, timeZone, now = Date.now() } = options
    const offsetMs = (timeMs: number): number => offsetOf(timeMs, gmtOffset, timeZone)
    return describeDate(this.#dateLanguage, timeOf(date), timeOf(now), offsetMs, options)
  }

  /** The day of a date: `Monday, January 22`, or without `dow` `January 22`. */
  formatDay(date: Date | number, { gmtOffset = 0, timeZone, dow = true }: FormatDayOptions = {}): string {
    const timeMs = timeOf(date)
    return describeDay(this.#dateLanguage, new Date(timeMs - offsetOf(timeMs, gmtOffset, timeZone)), dow)
  }

  /** `A, B and C`, `A and B`, `A`, or nothing. */
  list(parts: readonly string[]): string {
    const last = parts.at(-1)
    if (last === undefined) return ''
    if (parts.length === 1) return last
    const commas = parts.slice(0, -1).join(this.code.startsWith('fa') ? ' و ' : ', ')
    return formatMessage(this.translate('%(commas)s and %(last)s'), { commas, last })
  }

  /** An integer, with commas between the thousands in `en` and `en_US`. */
  friendlyNumber(value: number | bigint): string {
    // Beyond 1e21 a number's own text has an exponent.
    const text = String(typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value)
    return english.has(this.code) ? text.replace(/^-?\d+/, groupThousands) : text
  }

  /** The BCP 47 tag of the language for `Intl` and for the `lang` attribute: `pt-BR`; `en-US` if it has none. */
  get languageTag(): string {
    this.#languageTag ??= languageTagOf(this.code)
    return this.#languageTag
  }

  /** A date as the language writes it, by `Intl.DateTimeFormat`; say `timeZone`, or it is the system's. */
  formatDateTime(
    date: Date | number,
    options: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' },
  ): string {
    return this.#formatters.date(options).format(timeOf(date))
  }

  /** How far a date is away: `3 minutes ago`, `in 2 days`, by `Intl.RelativeTimeFormat` in the fitting unit. */
  formatRelativeTime(
    date: Date | number,
    { now = Date.now(), ...options }: RelativeTimeOptions = {},
  ): string {
    const { value, unit } = relativeUnit(timeOf(date) - timeOf(now))
    return this.#formatters.relativeTime({ numeric: 'auto', ...options }).format(value, unit)
  }

  /** A number as the language writes it, by `Intl.NumberFormat`; currencies, units and percent are its options. */
  formatNumber(value: number | bigint, options: Intl.NumberFormatOptions = {}): string {
    return this.#formatters.number(options).format(value)
  }

  /** A list as the language joins it, by `Intl.ListFormat`: `A, B und C`. */
  formatList(parts: Iterable<string>, options: Intl.ListFormatOptions = {}): string {
    return this.#formatters.list(options).format(parts)
  }

  /** What this language calls another one: `languageName('pt_BR')`; the code itself if it has no name for it. */
  languageName(code: string): string {
    const tag = code.replaceAll('_', '-')
    try {
      return this.#formatters.languageNames().of(tag) ?? code
    } catch {
      return code
    }
  }

  get #dateLanguage(): DateLanguage {
    this.#dates ??= {
      code: this.code,
      months: monthNames.map((name) => this.translate(name)),
      weekdays: weekdayNames.map((name) => this.translate(name)),
      translate: (message: string, pluralMessage?: string, count?: number) =>
        this.translate(message, pluralMessage, count),
    }
    return this.#dates
  }

  get #formatters(): IntlFormatters {
    this.#intl ??= new IntlFormatters(this.languageTag)
    return this.#intl
  }
}

/** @throws {TypeError} For what is no number that a plural form can be chosen by. */
export function checkCount(count: number | undefined): number {
  if (typeof count !== 'number' || !Number.isFinite(count)) {
    throw new TypeError(`A plural needs a count, not ${String(count)}`)
  }
  return count
}

function timeOf(date: Date | number): number {
  const timeMs = Number(date)
  // What no Date can hold has no fields to show.
  if (Number.isNaN(new Date(timeMs).getTime())) throw new RangeError('Cannot format an invalid date')
  return timeMs
}

function offsetOf(timeMs: number, gmtOffset: number, timeZone: string | undefined): number {
  return timeZone === undefined ? gmtOffset * 60_000 : zoneOffsetMs(timeZone, timeMs)
}

function groupThousands(digits: string): string {
  const sign = digits.startsWith('-') ? '-' : ''
  const groups: string[] = []
  for (let end = digits.length; end > sign.length; end -= 3) {
    groups.unshift(digits.slice(Math.max(sign.length, end - 3), end))
  }
  return sign + groups.join(',')
}
