// @tornado-ts/locale

// Locales
export { get, getSupportedLocales, setDefaultLocale } from './get.ts'
export { matchAcceptLanguage, parseAcceptLanguage } from './accept-language.ts'
export { type FormatDayOptions, Locale, type RelativeTimeOptions } from './locale.ts'
export type { FormatDateOptions } from './date-format.ts'
export { formatMessage, type MessageValues } from './format-message.ts'
export { LOCALE_NAMES, type LocaleName } from './locale-names.ts'

// Translations from files
export { load, type LoadOptions } from './load.ts'
export { loadTranslations, type LoadTranslationsOptions } from './csv/load-translations.ts'
export { loadGettextTranslations } from './gettext/load-gettext-translations.ts'
export { TranslationFileError } from './errors.ts'

// Translations from elsewhere
export { CSVLocale } from './csv/csv-locale.ts'
export { type CSVProblem, type CSVTranslations, parseCSVTranslations } from './csv/parse-csv.ts'
export { GettextLocale } from './gettext/gettext-locale.ts'
export { CONTEXT_SEPARATOR, type GettextCatalog } from './gettext/gettext-catalog.ts'
export { parseMo } from './gettext/parse-mo.ts'
export { parsePo } from './gettext/parse-po.ts'
export { compilePluralForms, type PluralForms } from './gettext/plural-forms.ts'
export { PluralFormsError } from './errors.ts'
