import { Locale } from './locale.ts'
import { replaceLocales, state } from './state.ts'

/**
 * The locale of the first of these codes that is supported, or whose language is; the default locale if none is.
 *
 * Tornado: locale.get.
 */
export function get(...codes: readonly (string | null | undefined)[]): Locale {
  return Locale.getClosest(...codes)
}

/**
 * Says which language the program's own messages are in, `en_US` before. It needs no translations, and is what those get
 * whose language is not supported.
 *
 * Tornado: locale.set_default_locale.
 */
export function setDefaultLocale(code: string): void {
  replaceLocales(state.factories, code)
}

/** The codes of what was loaded, and the default one. Tornado: locale.get_supported_locales. */
export function getSupportedLocales(): ReadonlySet<string> {
  return new Set(state.index.values())
}
