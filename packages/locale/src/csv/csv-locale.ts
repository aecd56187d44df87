import { genLog } from '@tornado-ts/log'
import type { CSVTranslations } from './parse-csv.ts'
import { checkCount, Locale } from '../locale.ts'

/**
 * A language whose translations come from Tornado's CSV files.
 *
 * Tornado: locale.CSVLocale.
 */
export class CSVLocale extends Locale {
  readonly #translations: CSVTranslations

  constructor(code: string, translations: CSVTranslations) {
    super(code)
    this.#translations = translations
  }

  override translate(message: string): string
  override translate(message: string, pluralMessage: string, count: number): string
  override translate(message: string, pluralMessage?: string | null, count?: number): string
  override translate(message: string, pluralMessage?: string | null, count?: number): string {
    const { unknown, singular, plural } = this.#translations
    if (pluralMessage === undefined || pluralMessage === null) return unknown.get(message) ?? message
    if (checkCount(count) === 1) return singular.get(message) ?? message
    return plural.get(pluralMessage) ?? pluralMessage
  }

  /** CSV files have no contexts: a warning is logged and the context is ignored. */
  override pgettext(context: string, message: string): string
  override pgettext(context: string, message: string, pluralMessage: string, count: number): string
  override pgettext(context: string, message: string, pluralMessage?: string | null, count?: number): string
  override pgettext(
    _context: string,
    message: string,
    pluralMessage?: string | null,
    count?: number,
  ): string {
    genLog.warning('pgettext is not supported by CSV translations')
    return this.translate(message, pluralMessage, count)
  }
}
