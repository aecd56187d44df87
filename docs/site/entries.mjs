// What the API reference is made of: each entry that a public package exports, with the file it is written in.
import { join } from 'node:path'
import { readPackages, root } from '../../scripts/lib/workspace.mjs'

/**
 * @returns {{ specifier: string, file: string, readme: string | undefined }[]}
 *   `specifier` is what a program imports; `readme` is the package's own, for its main entry.
 */
export function listEntries(packages = readPackages()) {
  return packages
    .filter((pkg) => pkg.isPublic)
    .flatMap(({ folder, manifest }) =>
      Object.entries(manifest.exports)
        .filter(([, target]) => typeof target === 'object')
        .map(([entry, target]) => ({
          specifier: manifest.name + entry.slice(1),
          file: join(root, folder, target['@tornado-ts/source']),
          readme: entry === '.' ? join(root, folder, 'README.md') : undefined,
        })),
    )
}
