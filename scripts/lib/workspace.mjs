// What stands in the workspace: its root, and its packages with their manifests.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of this repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** As in pnpm-workspace.yaml. */
const folders = ['packages/*', 'apps/*', 'benchmarks', 'conformance', 'docs']

export function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/**
 * The workspace's packages, in order of their folders.
 * `folder` is relative to the root, `name` is what the package is called without `@tornado-ts/`.
 */
export function readPackages(dir = root) {
  return globSync(folders, { cwd: dir })
    .map((folder) => folder.replaceAll('\\', '/'))
    .filter((folder) => existsSync(join(dir, folder, 'package.json')))
    .toSorted()
    .map((folder) => {
      const manifest = readJson(join(dir, folder, 'package.json'))
      return { folder, name: shortName(manifest.name), manifest, isPublic: manifest.private !== true }
    })
}

/** `@tornado-ts/log` is `log`; any other name stays as it is. */
export function shortName(name) {
  return name.replace(/^@tornado-ts\//, '')
}
