// Writes each package's version into its src/version.ts, where it has one (a server names it in its answers).
//   node scripts/sync-version.mjs [--check]      --check: only says which files are behind, and fails
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPackages, root } from './lib/workspace.mjs'

const declaration = /^export const version(: string)? = '[^']*'$/m

/** The same source with `version` in its declaration. */
export function withVersion(source, version) {
  if (!declaration.test(source)) throw new Error("there is no line `export const version = '…'`")
  return source.replace(declaration, (_, type = '') => `export const version${type} = '${version}'`)
}

/** The version files of the workspace in `dir` that are behind; written anew unless `check`. */
export function syncVersions(dir, { check = false } = {}) {
  const behind = []
  for (const { folder, manifest } of readPackages(dir)) {
    const path = `${folder}/src/version.ts`
    const file = join(dir, path)
    if (!existsSync(file)) continue
    const source = readFileSync(file, 'utf8')
    const wanted = withVersion(source, manifest.version)
    if (wanted === source) continue
    behind.push(path)
    if (!check) writeFileSync(file, wanted)
  }
  return behind
}

if (import.meta.main) {
  const check = process.argv.includes('--check')
  const behind = syncVersions(root, { check })
  for (const path of behind) {
    console.log(check ? `${path} is behind; run node scripts/sync-version.mjs` : `${path} written`)
  }
  if (check && behind.length > 0) process.exitCode = 1
}
