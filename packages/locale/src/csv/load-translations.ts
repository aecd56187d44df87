import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { genLog } from '@tornado-ts/log'
import { CSVLocale } from './csv-locale.ts'
import { decoderOf, decodeText, detectEncoding, withByteOrder } from '../decode-text.ts'
import { inFile } from '../errors.ts'
import type { Locale } from '../locale.ts'
import { type CSVTranslations, parseCSVTranslations } from './parse-csv.ts'
import { replaceLocales } from '../state.ts'

/** Settings of `loadTranslations`. */
export interface LoadTranslationsOptions {
  /** What the files are written in. @default UTF-16 if a file's byte order mark says so, else UTF-8 */
  encoding?: string | null
}

const codeInName = /^[a-z]+(?:_[A-Z]+)?$/

/**
 * Loads the translations of a directory's files `LOCALE.csv` (`fr.csv`, `pt_BR.csv`), in the place of all that was
 * loaded before. Files with other names, and rows with an unknown plural indicator, are logged and skipped.
 *
 * @throws {TranslationFileError} For a file that is not text of its encoding; nothing is loaded then.
 * @throws {Error} For a directory or a file that cannot be read; with the system's `code`.
 *
 * Tornado: locale.load_translations.
 */
export function loadTranslations(directory: string, { encoding = null }: LoadTranslationsOptions = {}): void {
  const factories = new Map<string, (code: string) => Locale>()
  for (const name of readdirSync(directory).toSorted()) {
    if (!name.endsWith('.csv')) continue
    const path = join(directory, name)
    const code = name.slice(0, -'.csv'.length)
    if (!codeInName.test(code)) {
      genLog.error(`Unrecognized locale ${JSON.stringify(code)} (path: ${path})`)
      continue
    }
    const translations = readTranslations(path, encoding)
    factories.set(code, (each) => new CSVLocale(each, translations))
  }
  const codes = replaceLocales(factories)
  genLog.debug(() => `Supported locales: ${codes.toSorted().join(', ')}`)
}

function readTranslations(path: string, encoding: string | null): CSVTranslations {
  return inFile(path, () => {
    const bytes = readFileSync(path)
    const decoder = decoderOf(encoding === null ? detectEncoding(bytes) : withByteOrder(encoding, bytes))
    const { translations, problems } = parseCSVTranslations(decodeText(bytes, decoder))
    for (const { row, indicator } of problems) {
      genLog.error(`Unrecognized plural indicator ${JSON.stringify(indicator)} in ${path} line ${row}`)
    }
    return translations
  })
}
