import { CatalogBuilder, charsetOf } from './catalog-builder.ts'
import { decoderOf, decodeText } from '../decode-text.ts'
import { TranslationFileError } from '../errors.ts'
import { CONTEXT_SEPARATOR, type GettextCatalog } from './gettext-catalog.ts'

/** The fields of one message, as they stand in the file. */
interface Entry {
  readonly line: number
  isFuzzy: boolean
  context?: string
  id?: string
  pluralId?: string
  translation?: string
  readonly forms: string[]
}

type Field = 'context' | 'id' | 'pluralId' | 'translation' | number

const maxForms = 20
const statement = /^(msgctxt|msgid_plural|msgid|msgstr)(?:\[\s*(\d{1,4})\s*\])?\s*(".*)$/

/**
 * The catalog in the bytes or the text of a `.po` file. Entries marked fuzzy or obsolete, and those without a
 * translation, are left out, as `msgfmt` does.
 *
 * @throws {TranslationFileError} For what is no such file; with the number of the line.
 *
 * GNU gettext manual, "The Format of PO Files".
 */
export function parsePo(source: Uint8Array | string): GettextCatalog {
  const text = typeof source === 'string' ? source : decodePo(source)
  const parser = new PoParser()
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  lines.forEach((line, index) => parser.readLine(line.trim(), index + 1))
  return parser.finish()
}

/** The header says what the file is written in; its own letters are ASCII. */
function decodePo(bytes: Uint8Array): string {
  const beginning = decoderOf('latin1').decode(bytes.subarray(0, 10_000))
  // In the file, the header's line end stands as two characters.
  return decodeText(bytes, decoderOf(charsetOf(beginning.replaceAll(/\\n|"/g, '\n'))))
}

class PoParser {
  readonly #builder = new CatalogBuilder()
  #entry: Entry | null = null
  #field: Field | null = null
  #isFuzzy = false
  #hasHeader = false

  readLine(line: string, number: number): void {
    if (line === '') return
    if (line.startsWith('#')) {
      if (line.startsWith('#~')) return
      // A comment stands above its entry, so it ends the entry before.
      if (this.#entry?.translation !== undefined || (this.#entry?.forms.length ?? 0) > 0) this.#endEntry()
      if (line.startsWith('#,') && /[,\s]fuzzy(?:,|\s|$)/.test(line)) this.#isFuzzy = true
      return
    }
    if (line.startsWith('"')) {
      if (this.#field === null) throw failure('Text that belongs to no message', number)
      this.#append(this.#field, parseQuoted(line, number))
      return
    }
    const [, keyword = '', form, quoted = ''] = statement.exec(line) ?? []
    if (keyword === '' || (form !== undefined && keyword !== 'msgstr')) {
      throw failure(`Cannot read ${JSON.stringify(line.slice(0, 60))}`, number)
    }
    this.#begin(keyword, form, number)
    if (this.#field !== null) this.#append(this.#field, parseQuoted(quoted, number))
  }

  finish(): GettextCatalog {
    this.#endEntry()
    return this.#builder.build()
  }

  #begin(keyword: string, form: string | undefined, number: number): void {
    const isNew = keyword === 'msgctxt' || (keyword === 'msgid' && this.#entry?.id !== undefined)
    if (isNew || this.#entry === null) {
      this.#endEntry()
      this.#entry = { line: number, isFuzzy: this.#isFuzzy, forms: [] }
      this.#isFuzzy = false
    }
    const entry = this.#entry
    const misplaced = (): TranslationFileError => failure(`Misplaced ${keyword}`, number)
    if (keyword === 'msgctxt') this.#field = 'context'
    else if (keyword === 'msgid') this.#field = 'id'
    else if (entry.id === undefined) throw misplaced()
    else if (keyword === 'msgid_plural') {
      if (entry.pluralId !== undefined || entry.translation !== undefined) throw misplaced()
      this.#field = 'pluralId'
    } else if (form === undefined) {
      if (entry.pluralId !== undefined || entry.translation !== undefined) throw misplaced()
      this.#field = 'translation'
    } else {
      const index = Number(form)
      if (entry.pluralId === undefined || index !== entry.forms.length || index >= maxForms) throw misplaced()
      this.#field = index
    }
  }

  #append(field: Field, text: string): void {
    const entry = this.#entry
    if (entry === null) return
    if (typeof field === 'number') entry.forms[field] = (entry.forms[field] ?? '') + text
    else entry[field] = (entry[field] ?? '') + text
  }

  #endEntry(): void {
    const entry = this.#entry
    this.#entry = null
    this.#field = null
    if (entry === null) return
    const { id, context, pluralId, translation, forms, line } = entry
    if (id === undefined || (translation === undefined && forms.length === 0)) {
      throw failure('Message without msgid or msgstr', line)
    }
    if (id === '' && context === undefined) {
      if (this.#hasHeader) throw failure('Second header', line)
      this.#hasHeader = true
      this.#addHeader(translation ?? '', line)
      return
    }
    if (entry.isFuzzy) return
    const key = context === undefined ? id : context + CONTEXT_SEPARATOR + id
    if (this.#builder.has(key))
      throw failure(`Message ${JSON.stringify(id.slice(0, 60))} stands here again`, line)
    if (pluralId === undefined) this.#builder.addMessage(key, translation ?? '')
    else this.#builder.addPlural(key, forms)
  }

  #addHeader(text: string, line: number): void {
    try {
      this.#builder.addHeader(text)
    } catch (error) {
      if (!(error instanceof TranslationFileError)) throw error
      throw new TranslationFileError(error.reason, { line, cause: error })
    }
  }
}

const escape = /\\(?:x([\da-fA-F]{1,2})|([0-7]{1,3})|(.))/g
const controls: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
  '?': '?',
  "'": "'",
}

function parseQuoted(quoted: string, line: number): string {
  if (!/^"(?:[^"\\]|\\.)*"$/.test(quoted)) throw failure('Text without its quotes', line)
  const text = quoted.slice(1, -1)
  if (!text.includes('\\')) return text
  return text.replace(escape, (whole, hex?: string, octal?: string, letter?: string) => {
    if (hex !== undefined || octal !== undefined) {
      const code = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16)
      if (code < 0x80) return String.fromCharCode(code)
    } else if (letter !== undefined && Object.hasOwn(controls, letter)) {
      return controls[letter] ?? ''
    }
    throw failure(`Unknown escape ${whole}`, line)
  })
}

function failure(reason: string, line: number): TranslationFileError {
  return new TranslationFileError(reason, { line })
}
