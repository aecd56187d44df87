import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
// Beside the sources, so that the package's own name is found.
const folder = mkdtempSync(join(root, 'readme-'))
const names: string[] = []
for (const [, program = '', name = ''] of readme.matchAll(/```ts\n(\/\/ (\S+\.ts)\n[^]*?)```/g)) {
  writeFileSync(join(folder, name), program)
  names.push(name)
}

afterAll(() => rmSync(folder, { recursive: true }))

it('the tests of the README pass under node:test', async () => {
  expect(names).toEqual(['first.test.ts', 'inject.test.ts', 'classes.test.ts'])
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...conditions, '--test', '--test-reporter=tap', ...names],
    { cwd: folder },
  )
  expect(stdout).toMatch(/^# pass 3$/m)
  expect(stdout).toMatch(/^# fail 0$/m)
}, 30_000)
