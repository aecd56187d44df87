import { readFile, rm, writeFile } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('README: the first program runs as it stands', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const program = /```ts\n([\s\S]*?)```/.exec(readme)![1]!
  expect(program).toContain('listen(8888,')
  // Beside the package, so that its own name resolves; on an unused port, since another program may have 8888.
  const file = new URL('../readme-program.tmp.ts', import.meta.url)
  await writeFile(file, program.replace('8888', '0'))
  const child = spawn(
    process.execPath,
    ['--conditions=@tornado-ts/source', '--no-warnings', fileURLToPath(file)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const response = await fetch(line)
    expect([response.status, await response.text()]).toEqual([200, 'Hello, world'])
  } finally {
    child.kill()
    await rm(file)
  }
})
