import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { defaultNamespace } from './runtime/default-namespace.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

it('the program of the README prints what stands below it', async () => {
  const program = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? ''
  const documented = /```text\n([^]*?)```/.exec(readme)?.[1] ?? ''
  const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...conditions, '--input-type=module', '--eval', program],
    { cwd: root },
  )
  expect(stderr).toBe('')
  expect(documented).not.toBe('')
  expect(stdout).toBe(documented)
})

it('the README names what every template knows', () => {
  const text = readme.slice(readme.indexOf('A template knows'), readme.indexOf('## Escaping'))
  const grouped = /Error$|URIComponent$|^is[A-Z]|^parseFloat$|^(?:xhtml|url|json)[A-Z]/
  const missing = Object.keys(defaultNamespace).filter((name) => {
    return !grouped.test(name) && !text.includes(`\`${name}\``)
  })
  expect(missing).toEqual([])
})
