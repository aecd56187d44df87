import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { sourceCondition } from '../fixtures/source-condition.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
// Beside the sources, so that the package's own name is found; not in `src`, which others watch and list.
const directory = mkdtempSync(join(root, 'readme-'))
for (const [, program = '', name = ''] of readme.matchAll(/```ts\n(\/\/ (\S+\.ts)\n[^]*?)```/g)) {
  writeFileSync(join(directory, name), program)
}

afterAll(() => rmSync(directory, { recursive: true }))

async function run(program: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...sourceCondition, program],
    { cwd: directory },
  )
  return stdout.trim().split('\n')
}

const nodeMajor = Number(process.versions.node.split('.')[0])

it('the first program prints what stands below it', async () => {
  const [, documented = ''] = /It prints (.*)\./.exec(readme) ?? []
  await expect(run('first.ts')).resolves.toEqual(documented.replaceAll('`', '').split(', '))
})

it.skipIf(nodeMajor < 24)('the program that waits prints what its comments say', async () => {
  const [object, first, second, error, lock] = await run('waiting.ts')
  expect([object, first, second, error]).toEqual([
    "{ slow: 'slow', fast: 'fast' }",
    'slow',
    'fast',
    'TimeoutError',
  ])
  expect(lock).toContain('<Lock _block=<BoundedSemaphore [locked]>>')
})

it('the program with a pool prints a hash', async () => {
  await expect(run('pool.ts')).resolves.toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)])
})

it('the program with a thread prints its progress', async () => {
  await expect(run('thread.ts')).resolves.toEqual(['50 %', '100 %'])
})
