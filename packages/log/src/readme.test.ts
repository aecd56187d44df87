import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const programs = [...readme.matchAll(/```ts\n([^]*?)```/g)].map((match) => match[1] ?? '')
// Beside the sources, so that the package's own name is found; not in `src`, which others watch and list.
const directory = mkdtempSync(join(root, 'readme-'))

afterAll(() => rmSync(directory, { recursive: true }))

async function run(program: string): Promise<{ stdout: string; stderr: string }> {
  writeFileSync(join(directory, 'chat.ts'), program)
  const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...conditions, 'chat.ts'],
    { cwd: directory },
  )
  return { stdout, stderr: stripVTControlCharacters(stderr) }
}

it('the first program writes what stands below it', async () => {
  const { stdout, stderr } = await run(programs[0] ?? '')
  const documented = /```text\n([^]*?)```/.exec(readme)?.[1] ?? ''
  const timeless = (text: string): string =>
    text
      .replaceAll(/\d{6} \d\d:\d\d:\d\d/g, 'TIME')
      .replaceAll(/file:\/\/\S*chat\.ts/g, 'FILE')
      .split('\n')
      .slice(0, 5)
      .join('\n')
  expect(stdout).toBe('')
  expect(timeless(stderr)).toBe(timeless(documented).trimEnd())
})

it('the program with a file writes it', async () => {
  await run(`${programs[1]}\naccessLog.info('200 GET /')`)
  expect(JSON.parse(readFileSync(join(directory, 'access.log'), 'utf8'))).toMatchObject({
    message: '200 GET /',
  })
})

it('the program with context shows it', async () => {
  const { stderr } = await run(programs[2] ?? '')
  const documented = /\/\/ (\[.*)$/m.exec(programs[2] ?? '')?.[1] ?? ''
  expect(stderr.trimEnd().replace(/\d{6} \d\d:\d\d:\d\d/, '')).toBe(
    documented.replace(/\d{6} \d\d:\d\d:\d\d/, ''),
  )
})

it('the program with an expected line runs', async () => {
  // Node 22 has no `using`; the block then ends like this.
  const program = (programs[3] ?? '')
    .replace('using', 'const')
    .replace(/\n\}\n$/, '\n  expected[Symbol.dispose]()\n}\n')
  await expect(run(program)).resolves.toEqual({ stdout: '1\n', stderr: '' })
})
