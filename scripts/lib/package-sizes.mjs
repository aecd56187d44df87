// What the packed packages hold once they are installed, and how much that is.
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from './workspace.mjs'

/** Everything that a package may hold, by the first name of its path. */
const allowed = new Set([
  'LICENSE',
  'NOTICE',
  'README.md',
  'CHANGELOG.md',
  'bin',
  'dist',
  'package.json',
  'python',
])
const demanded = ['LICENSE', 'NOTICE', 'README.md', 'dist', 'package.json']

/** What is wrong with the files of an installed package, one line each. */
export function checkContents(name, files) {
  const tops = new Set(files.map((path) => path.split('/')[0]))
  return [
    ...demanded.filter((each) => !tops.has(each)).map((each) => `${name} has no ${each}`),
    ...[...tops]
      .filter((each) => !allowed.has(each))
      .map((each) => `${name} has ${each}, which is of no use there`),
    ...files
      .filter((path) => /\.map$|\.test\.|(?<!\.d)\.ts$/.test(path))
      .map((path) => `${name} has ${path}`),
  ]
}

/** @returns {Map<string, { size: number, files: string[], needs: string[] }>} of each package in `node_modules` of `project` */
export function readInstalled(project, names) {
  return new Map(
    names.map((name) => {
      const folder = join(project, 'node_modules', name)
      const files = globSync('**/*', { cwd: folder, withFileTypes: false })
        .map((path) => path.replaceAll('\\', '/'))
        .filter((path) => statSync(join(folder, path)).isFile())
        .toSorted()
      const size = files.reduce((sum, path) => sum + statSync(join(folder, path)).size, 0)
      return [
        name,
        { size, files, needs: Object.keys(readJson(join(folder, 'package.json')).dependencies ?? {}) },
      ]
    }),
  )
}

/** All that comes when `name` is installed, itself included. @returns {{ names: string[], others: string[], size: number }} */
export function closureOf(name, installed) {
  const names = new Set()
  const others = new Set()
  const visit = (each) => {
    if (!installed.has(each)) others.add(each)
    else if (!names.has(each)) {
      names.add(each)
      installed.get(each).needs.forEach(visit)
    }
  }
  visit(name)
  const size = [...names].reduce((sum, each) => sum + installed.get(each).size, 0)
  return { names: [...names], others: [...others], size }
}

/** A table of every package: its own size, and what installing it brings. */
export function formatSizes(installed) {
  const kilobytes = (size) => `${Math.round(size / 1000)} kB`
  return [...installed.keys()].map((name) => {
    const { names, others, size } = closureOf(name, installed)
    const cells = [
      name.padEnd(26),
      kilobytes(installed.get(name).size).padStart(8),
      kilobytes(size).padStart(8),
    ]
    return [...cells, String(names.length).padStart(3), others.join(' ')].join('  ').trimEnd()
  })
}
