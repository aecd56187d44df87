import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The version of a package that this one depends on; one of this repository has none before its first release. */
export function installedVersion(name: string): string {
  const path = findPackageJSON(name, import.meta.url)
  if (path === undefined) throw new Error(`Cannot find the package ${name}`)
  const { version }: { version: string } = JSON.parse(readFileSync(path, 'utf8'))
  return version === '0.0.0' ? 'unreleased' : version
}
