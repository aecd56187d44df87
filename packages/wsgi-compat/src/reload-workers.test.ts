import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { needsPython, python } from '../fixtures/python.ts'

const page = (text: string): string => `
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"${text}"]
`

it.skipIf(python === null)(
  `autoreload starts the program again when a file of Python changes${needsPython}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wsgi-reload-'))
    const file = join(folder, 'page.py')
    writeFileSync(file, page('one'))
    const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
    const program = join(import.meta.dirname, '..', 'fixtures', 'reloading.ts')
    const child = spawn(process.execPath, ['--no-warnings', ...conditions, program, python!, folder], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const lines = createInterface(child.stdout)
      const [first] = (await once(lines, 'line')) as [string]
      expect(await (await fetch(first)).text()).toBe('one')
      writeFileSync(file, page('two'))
      // The clock of the file system may be coarse.
      utimesSync(file, new Date(), new Date(Date.now() + 5000))
      const [second] = (await once(lines, 'line')) as [string]
      expect(await (await fetch(second)).text()).toBe('two')
    } finally {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true })
    }
  },
  30_000,
)
