import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'vitest'

/** The data of other projects lies beside the repository and is not part of it. */
const directory = new URL('../../../shared/conformance/', import.meta.url)

/** Defines tests over the cases of a file; without the file there is one test, skipped, that names it. */
export function describeCases<T>(file: string, define: (cases: readonly T[]) => void): void {
  const path = fileURLToPath(new URL(file, directory))
  describe(file, () => {
    if (existsSync(path)) define(JSON.parse(readFileSync(path, 'utf8')))
    else it.skip(`${file} is not in shared/conformance beside the repository`, () => undefined)
  })
}
