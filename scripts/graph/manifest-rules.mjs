// What the package.json of one package may say: dependencies, exports, and the entries of its build.
import { isDeepStrictEqual } from 'node:util'
import { shortName } from '../lib/workspace.mjs'
import { entryFiles, isTestFile, packageOf } from './import-rules.mjs'
import { allowedImports, mayUseTesting } from './table.mjs'

const scope = '@tornado-ts/'

/**
 * Dependencies of a public package are allowed by the graph and used, and nothing else is on the request's path.
 *
 * @param {object} context   as for `checkImports`
 * @param {{ path: string, imports: object[] }[]} files   every source and test file of the package
 */
export function checkDependencies({ pkg, packages, table }, files) {
  const problems = []
  const report = (text) => problems.push(`${pkg.folder}/package.json  ${text}`)
  const row = table[pkg.name]
  if (row === undefined) {
    report(`${pkg.name} has no row in scripts/graph/table.mjs`)
    return problems
  }
  const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = pkg.manifest
  const allowed = allowedImports(pkg.name, table)
  const used = (isTest) =>
    new Set(
      files
        .filter((file) => isTestFile(file.path) === isTest)
        .flatMap((file) => file.imports.map((found) => packageOf(found.specifier))),
    )
  const usedBySources = used(false)
  const usedByTests = used(true)

  for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (!name.startsWith(scope)) continue
    if (!packages.get(shortName(name))?.isPublic) report(`${name} is no public package of this workspace`)
    if (range !== 'workspace:^') report(`${name} is ${range}; write workspace:^`)
  }
  for (const name of Object.keys(dependencies)) {
    if (!name.startsWith(scope)) {
      if (!row.dependencies?.includes(name)) report(`depends on ${name}; the graph allows no such dependency`)
    } else if (!allowed.has(shortName(name))) {
      const choice = [...allowed].toSorted().join(', ') || 'no other package'
      report(`depends on ${name}; ${pkg.name} may import ${choice}`)
    }
    if (usedBySources.has(name)) continue
    const hint = usedByTests.has(name) ? '; only tests do, so it is a devDependency' : ''
    report(`depends on ${name}, which no source file imports${hint}`)
  }
  for (const name of Object.keys(devDependencies)) {
    if (name in dependencies) report(`${name} is a dependency and a devDependency`)
    if (name === `${scope}testing` && !mayUseTesting(pkg.name, table)) {
      report(`${name} is for the tests of packages above a server`)
    }
    // The setup that all tests share captures the log, so every package's tests depend on it.
    if (!name.startsWith(scope) || name === `${scope}log` || usedByTests.has(name)) continue
    report(`devDependency ${name} is imported by no test`)
  }
  for (const name of Object.keys(peerDependencies)) {
    if (!row.optionalPeers?.includes(name)) report(`has the peer ${name}; the graph allows no such peer`)
    if (pkg.manifest.peerDependenciesMeta?.[name]?.optional !== true)
      report(`the peer ${name} must be optional`)
  }
  return problems
}

/**
 * `exports`, `publishConfig.exports`, the entries in `src` and those of tsup name the same things.
 *
 * @param {Set<string>} sources   the paths of the package's files
 * @param {string[] | undefined} tsupEntries   of tsup.config.ts
 */
export function checkExports({ pkg }, sources, tsupEntries) {
  const problems = []
  const report = (text) => problems.push(`${pkg.folder}/package.json  ${text}`)
  const { exports = {}, publishConfig } = pkg.manifest
  if (exports['.'] === undefined) report('exports has no "."')

  const published = {}
  for (const [entry, targets] of Object.entries(exports)) {
    if (entry === './package.json') {
      published[entry] = './package.json'
      if (targets !== './package.json') report(`exports ${entry} must be "./package.json"`)
      continue
    }
    const name = entry === '.' ? 'index' : entry.slice(2)
    const expected = {
      '@tornado-ts/source': `./src/${name}.ts`,
      types: `./dist/${name}.d.ts`,
      default: `./dist/${name}.js`,
    }
    published[entry] = { types: expected.types, default: expected.default }
    // Compared as text: the order of conditions decides which one is taken.
    if (JSON.stringify(targets) !== JSON.stringify(expected)) {
      report(`exports ${entry} must be ${JSON.stringify(expected)}`)
    }
    if (!sources.has(`src/${name}.ts`)) report(`exports ${entry}, but there is no src/${name}.ts`)
  }
  if (exports['./package.json'] === undefined) report('exports has no "./package.json"')
  if (!isDeepStrictEqual(publishConfig?.exports, published)) {
    report('publishConfig.exports must be exports without the @tornado-ts/source lines')
  }
  problems.push(...checkTsupEntries(pkg, tsupEntries))
  return problems
}

/** A worker's program is built beside the entries though nobody imports it; its name ends in `-worker`. */
function checkTsupEntries(pkg, tsupEntries) {
  if (tsupEntries === undefined) return [`${pkg.folder}/tsup.config.ts  has no list of entries`]
  const exported = entryFiles(pkg.manifest)
  const built = tsupEntries.filter((path) => !path.endsWith('-worker.ts'))
  const where = `${pkg.folder}/tsup.config.ts `
  return [
    ...exported.filter((path) => !built.includes(path)).map((path) => `${where} does not build ${path}`),
    ...built.filter((path) => !exported.includes(path)).map((path) => `${where} builds ${path}, no entry`),
  ]
}
