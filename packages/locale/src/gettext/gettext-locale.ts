import { CONTEXT_SEPARATOR, type GettextCatalog } from './gettext-catalog.ts'
import { checkCount, Locale } from '../locale.ts'

/**
 * A language whose translations come from gettext catalogs.
 *
 * Tornado: locale.GettextLocale.
 */
export class GettextLocale extends Locale {
  readonly #catalogs: readonly GettextCatalog[]

  /** @param fallback Asked for what `catalog` does not hold: the language's, where `catalog` is a country's. */
  constructor(code: string, catalog: GettextCatalog, fallback?: GettextCatalog | null) {
    super(code)
    this.#catalogs = fallback === undefined || fallback === null ? [catalog] : [catalog, fallback]
  }

  override translate(message: string): string
  override translate(message: string, pluralMessage: string, count: number): string
  override translate(message: string, pluralMessage?: string | null, count?: number): string
  override translate(message: string, pluralMessage?: string | null, count?: number): string {
    if (pluralMessage === undefined || pluralMessage === null) return this.#find(message) ?? message
    const number = checkCount(count)
    return this.#findPlural(message, number) ?? (number === 1 ? message : pluralMessage)
  }

  /** Without a translation in this context, a plural is looked up without the context, and a message is itself. */
  override pgettext(context: string, message: string): string
  override pgettext(context: string, message: string, pluralMessage: string, count: number): string
  override pgettext(context: string, message: string, pluralMessage?: string | null, count?: number): string
  override pgettext(context: string, message: string, pluralMessage?: string | null, count?: number): string {
    const key = context + CONTEXT_SEPARATOR + message
    if (pluralMessage === undefined || pluralMessage === null) return this.#find(key) ?? message
    return this.#findPlural(key, checkCount(count)) ?? this.translate(message, pluralMessage, count)
  }

  #find(key: string): string | undefined {
    for (const { messages, plurals, pluralForm } of this.#catalogs) {
      const found = messages.get(key) ?? plurals.get(key)?.[pluralForm(1)]
      if (found !== undefined) return found
    }
    return undefined
  }

  #findPlural(key: string, count: number): string | undefined {
    for (const { plurals, pluralForm } of this.#catalogs) {
      const found = plurals.get(key)?.[pluralForm(count)]
      if (found !== undefined) return found
    }
    return undefined
  }
}
