// Holds the packages against the graph of scripts/graph/table.mjs: imports, dependencies, cycles, entries, changesets.
//   pnpm run check:graph [-- folder of another workspace]
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkImports } from './graph/import-rules.mjs'
import { checkDependencies, checkExports } from './graph/manifest-rules.mjs'
import { readSourceFile } from './graph/source-file.mjs'
import { graph } from './graph/table.mjs'
import { checkChangeset, checkChangesetsConfig, checkCycles } from './graph/workspace-rules.mjs'
import { readJson, readPackages, root } from './lib/workspace.mjs'

/** Every problem of the workspace in `dir`, one line each. */
export function checkWorkspace(dir, table = graph) {
  const list = readPackages(dir)
  const packages = new Map(list.map((pkg) => [pkg.name, pkg]))
  const { devDependencies = {} } = readJson(join(dir, 'package.json'))
  const rootTools = new Set(Object.keys(devDependencies))
  const problems = checkCycles(list)
  for (const pkg of list) {
    const files = readFiles(dir, pkg)
    const hasProtocol = files.some((file) => file.path.startsWith('src/protocol/'))
    const context = { pkg, packages, table, rootTools, hasProtocol }
    problems.push(...files.flatMap((file) => checkImports(context, file)))
    if (!pkg.isPublic) continue
    problems.push(...checkDependencies(context, files))
    problems.push(
      ...checkExports(context, new Set(files.map((file) => file.path)), readTsupEntries(dir, pkg)),
    )
  }
  return [...problems, ...checkReleases(dir, packages)]
}

function readFiles(dir, { folder }) {
  return globSync('{src,bench,fixtures,test}/**/*.{ts,mts}', { cwd: join(dir, folder) })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => ({ path, ...readSourceFile(path, readFileSync(join(dir, folder, path), 'utf8')) }))
}

function readTsupEntries(dir, { folder }) {
  const file = join(dir, folder, 'tsup.config.ts')
  return existsSync(file) ? readSourceFile(file, readFileSync(file, 'utf8')).tsupEntries : undefined
}

function checkReleases(dir, packages) {
  const config = join(dir, '.changeset', 'config.json')
  if (!existsSync(config)) return ['.changeset/config.json  is missing']
  const changesets = globSync('.changeset/*.md', { cwd: dir, exclude: ['.changeset/README.md'] })
  return [
    ...checkChangesetsConfig(readJson(config)),
    ...changesets.flatMap((path) => checkChangeset(path, readFileSync(join(dir, path), 'utf8'), packages)),
  ]
}

if (import.meta.main) {
  const problems = checkWorkspace(process.argv[2] ?? root)
  for (const problem of problems) console.error(problem)
  console.log(
    problems.length === 0 ? 'The packages keep to the graph' : `${problems.length} against the graph`,
  )
  if (problems.length > 0) process.exitCode = 1
}
