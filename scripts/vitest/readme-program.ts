import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { temporaryFiles } from './temporary-files.ts'

/** The arguments with which Node runs a program given as text, against the sources or the builds as the tests do. */
export function programArguments(program: string): string[] {
  const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
  return ['--disable-warning=ExperimentalWarning', ...conditions, '--input-type=module', '--eval', program]
}

/** Runs the first program of the README in a package's folder, and expects it to print the text that stands below it. */
export async function expectReadmeProgramToRun(folder: string): Promise<void> {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const program = /```ts\n([^]*?)```/.exec(readme)?.[1] ?? ''
  const documented = /```text\n([^]*?)```/.exec(readme)?.[1] ?? ''
  const { stdout, stderr } = await promisify(execFile)(process.execPath, programArguments(program), {
    cwd: folder,
    env: { ...process.env, TMPDIR: temporaryFiles({}) },
  })
  expect(stderr).toBe('')
  expect(documented).not.toBe('')
  expect(stdout).toBe(documented)
}
