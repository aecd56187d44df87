import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { serve } from '../test/serving.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const [decoder = '', server = '', client = ''] = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(
  (match) => match[1]!,
)
// Beside the sources, so that the package's own name is found; not in `src`, which others watch and list.
const directory = mkdtempSync(join(root, 'readme-'))

afterAll(() => rmSync(directory, { recursive: true }))

async function run(program: string): Promise<string> {
  writeFileSync(join(directory, 'program.ts'), program)
  const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...conditions, 'program.ts'],
    { cwd: directory },
  )
  expect(stderr).toBe('')
  return stdout
}

it('the program with the decoder prints what stands below it', async () => {
  expect(await run(decoder)).toBe(/```text\n([^]*?)```/.exec(readme)![1])
})

it('the program with the connection serves', async () => {
  const asked = `
const { port } = await server.bound
console.log(await (await fetch('http://127.0.0.1:' + port)).text())
process.exit()
`
  expect(await run(server.replace('server.listen(8888)', 'server.listen(0)') + asked)).toBe('Hello, world\n')
})

it('the program with the client asks a server', async () => {
  const served = await serve({ finish: (exchange) => exchange.answer('Hello, world') })
  const asking = client.replace("'localhost', 8888", `'127.0.0.1', ${served.port}`)
  expect(await run(asking)).toBe('200\nHello, world\n')
})
