import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
/** Each program with the output that stands below it. */
const programs = [...readme.matchAll(/```ts\n([^]*?)```\n[^`]*```text\n([^]*?)```/g)].map(
  ([, program, output]) => [program!, output!] as const,
)

it('has programs', () => {
  expect(programs.length).toBeGreaterThanOrEqual(3)
})

it.each(programs)('prints what stands below it: %s', async (program, documented) => {
  // Node 22 has no `using`; the block then ends like this.
  const text = program
    .replace('await using', 'const')
    .replace(/\n {2}\}\n\}\n$/, '\n    await file[Symbol.asyncDispose]()$&')
  const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...conditions, '--input-type=module', '--eval', text],
    { cwd: root },
  )
  expect([stdout, stderr]).toEqual([documented, ''])
})
