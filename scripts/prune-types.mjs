// Takes the declarations out of a package's `dist` that no entry of it leads to: they describe what nobody can import.
//   node ../../scripts/prune-types.mjs      in a package's folder, as the last step of its build
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readJson } from './lib/workspace.mjs'

/** The declarations in `folder` that none of the entries reaches, directly or through others. */
export function findUnreached(folder, entries) {
  const reached = new Set()
  const visit = (file) => {
    if (reached.has(file) || !existsSync(file)) return
    reached.add(file)
    for (const target of findImports(readFileSync(file, 'utf8'))) {
      visit(resolve(dirname(file), target.replace(/\.[jt]s$/, '.d.ts')))
    }
  }
  for (const entry of entries) visit(resolve(entry))
  return globSync('**/*.d.ts', { cwd: folder })
    .map((path) => resolve(folder, path))
    .filter((file) => !reached.has(file))
}

/** The relative paths that a declaration imports from, also in types. */
export function findImports(text) {
  return [...text.matchAll(/(?:\bfrom|\bimport\(|\bimport)\s*(['"])(\.[^'"]*)\1/g)].map((match) => match[2])
}

if (import.meta.main) {
  const { exports } = readJson('package.json')
  const entries = Object.values(exports).flatMap((target) => target.types ?? [])
  const missing = entries.filter((entry) => !existsSync(entry))
  if (missing.length > 0) throw new Error(`The build has made no ${missing.join(', ')}`)
  for (const file of findUnreached(join(process.cwd(), 'dist'), entries)) rmSync(file)
}
