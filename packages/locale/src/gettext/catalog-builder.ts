import { TranslationFileError } from '../errors.ts'
import type { GettextCatalog } from './gettext-catalog.ts'
import { compilePluralForms, germanicPlurals, type PluralForms } from './plural-forms.ts'

/** Gathers the entries of a gettext file. The entry of the empty message is the file's header. */
export class CatalogBuilder {
  readonly #messages = new Map<string, string>()
  readonly #plurals = new Map<string, readonly string[]>()
  #headers: ReadonlyMap<string, string> = new Map()
  #forms: PluralForms = germanicPlurals

  has(key: string): boolean {
    return this.#messages.has(key) || this.#plurals.has(key)
  }

  /** @throws {TranslationFileError} For a rule of plurals that cannot be read. */
  addHeader(text: string): void {
    this.#headers = parseHeaders(text)
    const rule = this.#headers.get('plural-forms')
    if (rule === undefined) return
    try {
      this.#forms = compilePluralForms(rule)
    } catch (cause) {
      throw new TranslationFileError((cause as Error).message, { cause })
    }
  }

  addMessage(key: string, translation: string): void {
    if (translation !== '') this.#messages.set(key, translation)
  }

  /** Forms that are empty are untranslated, and left out. */
  addPlural(key: string, forms: readonly string[]): void {
    if (forms.some((form) => form !== '')) this.#plurals.set(key, forms)
  }

  build(): GettextCatalog {
    return {
      headers: this.#headers,
      messages: this.#messages,
      plurals: this.#plurals,
      pluralForm: this.#forms.formOf,
    }
  }
}

/** Fields by their names in lower case. A line without a colon goes on with the field above. */
function parseHeaders(text: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  let last: string | null = null
  for (const line of text.split('\n').map((each) => each.trim())) {
    const colon = line.indexOf(':')
    if (colon > 0) {
      last = line.slice(0, colon).trim().toLowerCase()
      headers.set(last, line.slice(colon + 1).trim())
    } else if (last !== null && line !== '') {
      headers.set(last, `${headers.get(last) ?? ''}\n${line}`)
    }
  }
  return headers
}

/** What a header says its file is written in; UTF-8 if it says nothing, or what a template says. */
export function charsetOf(headerText: string): string {
  const charset = /^content-type:[^\n]*?charset=([^\s;]+)/im.exec(headerText)?.[1] ?? 'UTF-8'
  return charset === 'CHARSET' ? 'UTF-8' : charset
}
