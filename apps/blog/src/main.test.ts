import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const node = ['--conditions=@tornado-ts/source', '--no-warnings', main]

it('B-demo-001 serves on the port and database of its options, and ends on SIGTERM', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'blog-'))
  const database = join(directory, 'blog.sqlite')
  const child = spawn(process.execPath, [...node, '--port=0', `--database=${database}`, '--title=Mine'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(child, 'close')
  try {
    let output = ''
    for await (const chunk of child.stdout) {
      output += String(chunk)
      if (output.includes('\n')) break
    }
    const response = await fetch(/http:\S+/.exec(output)![0], { headers: { Connection: 'close' } })
    expect(await response.text()).toContain('<title>Mine</title>')
    expect((await stat(database)).mode & 0o777).toBe(0o600)
  } finally {
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    await rm(directory, { recursive: true })
  }
})

it('says in one line what is wrong with an option', async () => {
  for (const [flag, line] of [
    ['--port=65536', 'blog: --port must be a number from 0 to 65535, not 65536; see --help\n'],
    ['--site-url=blog', 'blog: --site-url must be like https://blog.example, not "blog"; see --help\n'],
  ] as const) {
    const run = promisify(execFile)(process.execPath, [...node, flag])
    await expect(run).rejects.toMatchObject({ code: 2, stderr: line })
  }
})
