import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { findImports, findUnreached } from './prune-types.mjs'

test('finds every way of naming another declaration', () => {
  const text = `export { a } from './a.ts';\nimport type { B } from "./in/b.ts";\nimport './c.ts';
export declare const d: import('./d.ts').D;\nexport { e } from '@tornado-ts/e';`
  assert.deepEqual(findImports(text), ['./a.ts', './in/b.ts', './c.ts', './d.ts'])
})

test('finds what no entry leads to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prune-types-'))
  try {
    mkdirSync(join(folder, 'in'))
    const files = {
      'index.d.ts': `export * from './a.ts'`,
      'a.d.ts': `export type A = import('./in/b.ts').B`,
      'in/b.d.ts': `import { A } from '../a.ts'`,
      'other.d.ts': `export * from './only-other.ts'`,
      'only-other.d.ts': '',
      'in/lone.d.ts': `export * from '../a.ts'`,
    }
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
    const unreached = (...entries) =>
      findUnreached(
        folder,
        entries.map((entry) => join(folder, entry)),
      )
        .map((file) => relative(folder, file))
        .toSorted()
    assert.deepEqual(unreached('index.d.ts'), ['in/lone.d.ts', 'only-other.d.ts', 'other.d.ts'])
    assert.deepEqual(unreached('index.d.ts', 'other.d.ts'), ['in/lone.d.ts'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
