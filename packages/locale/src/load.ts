import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadGettextTranslations } from './gettext/load-gettext-translations.ts'
import { loadTranslations, type LoadTranslationsOptions } from './csv/load-translations.ts'

/** Settings of `load`. */
export interface LoadOptions extends LoadTranslationsOptions {
  /** Name of the gettext catalogs. @default the only one there is */
  domain?: string
}

/**
 * Loads whatever translations a directory holds: gettext catalogs if there are folders `LANG/LC_MESSAGES`, else files
 * `LOCALE.csv`. See `loadGettextTranslations` and `loadTranslations`.
 *
 * @throws {RangeError} If `domain` is not given and the catalogs are not all of one name.
 */
export function load(directory: string, { domain, encoding = null }: LoadOptions = {}): void {
  const folders = readdirSync(directory)
    .map((name) => join(directory, name, 'LC_MESSAGES'))
    .filter((folder) => existsSync(folder))
  if (domain === undefined && folders.length === 0) loadTranslations(directory, { encoding })
  else loadGettextTranslations(directory, domain ?? onlyDomain(folders))
}

function onlyDomain(folders: readonly string[]): string {
  const names = folders.flatMap((folder) => readdirSync(folder)).filter((name) => /\.[mp]o$/.test(name))
  const domains = new Set(names.map((name) => name.slice(0, -'.mo'.length)))
  const [domain, ...others] = domains
  if (domain === undefined || others.length > 0) {
    throw new RangeError(`Cannot choose a gettext domain: there are ${[...domains].join(', ') || 'none'}`)
  }
  return domain
}
