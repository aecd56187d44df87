import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { needsPython, python } from '../fixtures/python.ts'

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
const programs = new Map(
  readme
    .split(/^## /m)
    .map((section, i): [string, string | undefined] => [
      i === 0 ? '' : section.split('\n', 1)[0]!,
      /```ts\n([^]*?)```/.exec(section)?.[1],
    ]),
)

/** Runs the program under a heading on an unused port, asks it for a path, and ends it with SIGINT. */
async function answerOf(heading: string, path: string): Promise<{ body: string; status: number | null }> {
  const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
  const program = programs.get(heading)!.replace('8888', '0')
  const flags = ['--disable-warning=ExperimentalWarning', ...conditions, '--input-type=module-typescript']
  const child = spawn(process.execPath, [...flags, '--eval', program], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit') as Promise<[number | null]>
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  const body = await (await fetch(url + path)).text()
  child.kill('SIGINT')
  return { body, status: (await ended)[0] }
}

it.skipIf(python === null)(`the first program runs as pasted, and ends${needsPython}`, async () => {
  const { body, status } = await answerOf('', '/')
  expect(body).toMatch(/^Hello world!/)
  expect(status).toBe(0)
})

it.each([
  ['Functions of TypeScript', '/there', 'Hello from /there\n'],
  ['Mounting', '/old/path', '/old /path\n'],
])('%s', async (heading, path, expected) => {
  expect((await answerOf(heading, path)).body).toBe(expected)
})
