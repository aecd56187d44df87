import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { genLog } from '@tornado-ts/log'
import { inFile } from '../errors.ts'
import type { GettextCatalog } from './gettext-catalog.ts'
import { GettextLocale } from './gettext-locale.ts'
import type { Locale } from '../locale.ts'
import { parseMo } from './parse-mo.ts'
import { parsePo } from './parse-po.ts'
import { replaceLocales } from '../state.ts'

/**
 * Loads the gettext catalogs `directory/LANG/LC_MESSAGES/domain.mo`, in the place of all that was loaded before. Where
 * there is no `.mo` file, the `.po` file is read. A catalog that cannot be read is logged and skipped, and that there is
 * none at all of this domain is a warning. What a country's catalog (`pt_BR`) does not hold is looked up in the language's (`pt`).
 *
 * @throws {Error} For a directory that cannot be read; with the system's `code`.
 *
 * Tornado: locale.load_gettext_translations.
 */
export function loadGettextTranslations(directory: string, domain: string): void {
  const catalogs = new Map<string, GettextCatalog>()
  let isMissing = true
  for (const code of readdirSync(directory).toSorted()) {
    const path = findCatalog(directory, code, domain)
    if (path === null) continue
    isMissing = false
    try {
      catalogs.set(code, readCatalog(path))
    } catch (error) {
      genLog.error(`Cannot load translation for ${JSON.stringify(code)}: ${(error as Error).message}`)
    }
  }
  if (isMissing) genLog.warning(`No translations of the domain ${JSON.stringify(domain)} in ${directory}`)
  const factories = new Map<string, (code: string) => Locale>()
  for (const [code, catalog] of catalogs) {
    const language = /^[^_@.]+/.exec(code)?.[0] ?? code
    const fallback = language === code ? null : catalogs.get(language)
    factories.set(code, (each) => new GettextLocale(each, catalog, fallback ?? null))
  }
  const codes = replaceLocales(factories)
  genLog.debug(() => `Supported locales: ${codes.toSorted().join(', ')}`)
}

function findCatalog(directory: string, code: string, domain: string): string | null {
  const base = join(directory, code, 'LC_MESSAGES', domain)
  return ['.mo', '.po'].map((extension) => base + extension).find((path) => existsSync(path)) ?? null
}

function readCatalog(path: string): GettextCatalog {
  const bytes = readFileSync(path)
  return inFile(path, () => (path.endsWith('.mo') ? parseMo(bytes) : parsePo(bytes)))
}
