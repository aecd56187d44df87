import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** The data of other projects lies beside the repository and is not part of it. */
const directory = new URL('../../../shared/conformance/', import.meta.url)

/** Defines tests over the cases of a file. Without the file there is one test, skipped, that names it. */
export function describeCases<T>(file: string, define: (cases: readonly T[]) => void): void {
  const path = fileURLToPath(new URL(file, directory))
  const missing = !existsSync(path)
  const cases: readonly T[] = missing ? [] : JSON.parse(readFileSync(path, 'utf8'))
  describe(`cases of ${file}`, () => {
    it.skipIf(missing)(`${file} lies in shared/conformance beside the repository`, () => {
      expect(cases.length).toBeGreaterThan(0)
    })
    define(cases)
  })
}
