// What the source and test files of one package may import.
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { shortName } from '../lib/workspace.mjs'
import { allowedImports, protocolImports } from './table.mjs'

const scope = '@tornado-ts/'

/**
 * Checks one file of a package.
 *
 * @param {object} context
 * @param {object} context.pkg        the package, as `readPackages` gives it
 * @param {Map<string, object>} context.packages   all packages by short name
 * @param {object} context.table      the package graph
 * @param {boolean} context.hasProtocol   whether the package has a folder `src/protocol`
 * @param {Set<string>} context.rootTools   third-party packages of the root that every test can reach
 * @param {{ path: string, imports: object[], isExportList: boolean }} file   `path` is relative to the package
 * @returns {string[]} problems, each `path:line  what, and what is allowed`
 */
export function checkImports(context, file) {
  const problems = []
  for (const found of file.imports) {
    const problem = checkOne(context, file, found)
    if (problem !== null) problems.push(`${context.pkg.folder}/${file.path}:${found.line}  ${problem}`)
  }
  return [...problems, ...checkBarrel(context, file)]
}

/** Tests, benchmarks and what only they use; `testing.ts` is an entry for users and not among them. */
export function isTestFile(path) {
  return /\.(test|bench|test-d)\.ts$/.test(path) || /^(bench|fixtures|test)\//.test(path)
}

/** The package that a bare specifier names: `@a/b/c` is `@a/b`, `a/b` is `a`. */
export function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function checkOne(context, file, found) {
  const { specifier } = found
  if (specifier.startsWith('.')) return checkRelative(context, file, found)
  if (isProtocol(context, file)) {
    const name = shortName(packageOf(specifier))
    if (!specifier.startsWith(scope) || !protocolImports.includes(name)) {
      const allowed = protocolImports.map((each) => scope + each).join(', ')
      return `a protocol core imports ${specifier}; it may import ${allowed} and its own folder`
    }
  }
  if (specifier.startsWith('node:')) return null
  if (builtinModules.includes(specifier)) return `write node:${specifier}`
  if (specifier.startsWith(scope)) return checkWorkspace(context, file, found)
  return checkThirdParty(context, file, found)
}

function checkRelative(context, file, { specifier }) {
  if (!/\.(ts|mts|json)$/.test(specifier)) return `${specifier} lacks its extension: .ts`
  const target = posix.join(posix.dirname(file.path), specifier)
  // What the tests of all packages share lies beside their shared setup.
  const isTest = file.path.endsWith('.test.ts') || /^(test|fixtures)\//.test(file.path)
  if (isTest && /^(\.\.\/)+scripts\/vitest\/[a-z-]+\.ts$/.test(target)) return null
  if (target.startsWith('..')) return `${specifier} leaves the package; import it by its package name`
  if (isTestFile(file.path)) return null
  if (isTestFile(target)) return `${specifier} belongs to the tests and is not published`
  if (isProtocol(context, file) && !isOpenToProtocol(context, target)) {
    return `a protocol core imports ${specifier}; it may import its own folder and ../errors.ts`
  }
  return null
}

function checkWorkspace({ pkg, packages, table }, file, { specifier }) {
  const name = shortName(packageOf(specifier))
  const isTest = isTestFile(file.path)
  const isPrivate = isTest || !pkg.isPublic
  if (name === pkg.name && isTest) return null
  if (name === pkg.name) return `${specifier} is this package itself; import the file by its relative path`
  const target = packages.get(name)
  if (target === undefined) return `${specifier}: no such package in this workspace`
  const entry = `.${specifier.slice(scope.length + name.length)}`
  const entries = Object.keys(target.manifest.exports ?? {})
  if (!entries.includes(entry)) {
    return `${specifier} reaches into the package; it exports ${entries.join(', ') || 'nothing'}`
  }
  const { dependencies = {}, devDependencies = {} } = pkg.manifest
  if (!isTest && table[pkg.name] !== undefined) {
    const allowed = allowedImports(pkg.name, table)
    if (!allowed.has(name)) return `${pkg.name} imports ${specifier}; it may import ${list(allowed)}`
  }
  if (target.manifest.name in dependencies) return null
  if (isPrivate && target.manifest.name in devDependencies) return null
  return `${specifier} is not among the dependencies of package.json`
}

function checkThirdParty({ pkg, rootTools }, file, { specifier, isType, isDynamic }) {
  const name = packageOf(specifier)
  const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = pkg.manifest
  if (name in dependencies) return null
  if (isTestFile(file.path) || !pkg.isPublic) {
    if (name in devDependencies || name in peerDependencies || rootTools.has(name)) return null
    return `${specifier} is not among the dependencies of package.json`
  }
  if (!(name in peerDependencies)) return `${specifier} is not among the dependencies of package.json`
  if (isType || isDynamic) return null
  return `${specifier} is an optional peer: load it by import() where it is used`
}

function checkBarrel({ pkg }, file) {
  if (!pkg.isPublic || !file.path.startsWith('src/') || isTestFile(file.path)) return []
  const where = `${pkg.folder}/${file.path}:1 `
  const isEntry = entryFiles(pkg.manifest).includes(file.path)
  if (/^src\/.+\/index\.ts$/.test(file.path)) {
    return [`${where} a barrel inside src; import the files themselves`]
  }
  if (isEntry && !file.isExportList) {
    return [`${where} an entry is a list of exports only; move the code to a file named after it`]
  }
  if (!isEntry && file.isExportList) {
    return [`${where} only exports what other files define and is no entry of package.json`]
  }
  return []
}

/** The sources that `exports` of a package name: `src/index.ts`, `src/tcp.ts`. */
export function entryFiles({ exports = {} }) {
  return Object.values(exports)
    .map((entry) => entry?.['@tornado-ts/source'])
    .filter((path) => typeof path === 'string')
    .map((path) => path.replace(/^\.\//, ''))
}

/** A core in one of the packages that every core may import may import that package as well. */
function isOpenToProtocol({ pkg }, target) {
  if (protocolImports.includes(pkg.name)) return true
  return target.startsWith('src/protocol/') || target === 'src/errors.ts'
}

/** `src/protocol`, and `src/errors.ts` with it where there is one: the core throws its classes. */
function isProtocol({ hasProtocol }, { path }) {
  if (isTestFile(path)) return false
  return path.startsWith('src/protocol/') || (path === 'src/errors.ts' && hasProtocol)
}

/** @param {Set<string>} names */
function list(names) {
  return names.size === 0 ? 'no other package' : [...names].toSorted().join(', ')
}
