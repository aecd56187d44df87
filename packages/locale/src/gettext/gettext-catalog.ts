/** Joins the context and the message of a gettext catalog's key. Tornado: locale.CONTEXT_SEPARATOR. */
export const CONTEXT_SEPARATOR = '\u0004'

/** What a `.mo` or `.po` file holds. */
export interface GettextCatalog {
  /** The fields of the file's header, by their names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** Translations by message, with its context before it if it has one: `context\u0004message`. */
  readonly messages: ReadonlyMap<string, string>
  /** Plural forms by the singular message, with its context before it if it has one. */
  readonly plurals: ReadonlyMap<string, readonly string[]>
  /** Which of the plural forms is for this number. */
  readonly pluralForm: (count: number) => number
}
