import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { expectReadmeProgramToRun } from '../../../scripts/vitest/readme-program.ts'
import { defaultNamespace } from './runtime/default-namespace.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

it('the program of the README prints what stands below it', async () => {
  await expectReadmeProgramToRun(root)
})

it('the README names what every template knows', () => {
  const text = readme.slice(readme.indexOf('A template knows'), readme.indexOf('## Escaping'))
  const grouped = /Error$|URIComponent$|^is[A-Z]|^parseFloat$|^(?:xhtml|url|json)[A-Z]/
  const missing = Object.keys(defaultNamespace).filter((name) => {
    return !grouped.test(name) && !text.includes(`\`${name}\``)
  })
  expect(missing).toEqual([])
})
