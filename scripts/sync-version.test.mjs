import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { syncVersions, withVersion } from './sync-version.mjs'

test('changes the version and nothing else', () => {
  const source =
    "// Kept by a script.\nexport const version: string = '0.1.0'\nexport const other = '0.1.0'\n"
  assert.equal(
    withVersion(source, '0.2.0'),
    "// Kept by a script.\nexport const version: string = '0.2.0'\nexport const other = '0.1.0'\n",
  )
})

test('refuses a file without a version', () => {
  assert.throws(() => withVersion('export {}\n', '0.2.0'), /no line/)
})

test('writes what is behind; a check only names it', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'versions-'))
  t.after(() => rmSync(dir, { recursive: true }))
  for (const [name, text] of Object.entries({ a: "export const version = '0.1.0'\n", b: undefined })) {
    mkdirSync(join(dir, 'packages', name, 'src'), { recursive: true })
    const manifest = { name: `@tornado-ts/${name}`, version: '0.2.0' }
    writeFileSync(join(dir, 'packages', name, 'package.json'), JSON.stringify(manifest))
    if (text !== undefined) writeFileSync(join(dir, 'packages', name, 'src', 'version.ts'), text)
  }
  const written = () => readFileSync(join(dir, 'packages/a/src/version.ts'), 'utf8')

  assert.deepEqual(syncVersions(dir, { check: true }), ['packages/a/src/version.ts'])
  assert.equal(written(), "export const version = '0.1.0'\n")
  assert.deepEqual(syncVersions(dir), ['packages/a/src/version.ts'])
  assert.equal(written(), "export const version = '0.2.0'\n")
  assert.deepEqual(syncVersions(dir, { check: true }), [])
})
