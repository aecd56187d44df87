import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, vi } from 'vitest'
import { needsPython, python } from '../fixtures/python.ts'

const page = `
import os
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getppid()).encode()]
`

it.skipIf(python === null)(
  `workers whose server was killed end, and leave no sockets behind${needsPython}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wsgi-orphans-'))
    const sockets = join(folder, 'sockets')
    mkdirSync(sockets)
    writeFileSync(join(folder, 'page.py'), page)
    const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
    const program = join(import.meta.dirname, '..', 'fixtures', 'reloading.ts')
    const child = spawn(process.execPath, ['--no-warnings', ...conditions, program, python!, folder, '3'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, TMPDIR: sockets },
    })
    try {
      const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
      expect(await (await fetch(url)).text()).toBe(String(child.pid))
      const [made] = readdirSync(sockets)
      expect(readdirSync(join(sockets, made!))).toHaveLength(3)
      child.kill('SIGKILL')
      await once(child, 'exit')
      await vi.waitFor(() => expect(readdirSync(sockets)).toEqual([]), 10_000)
      // They held its output, which ends with the last of them.
      if (!child.stdout.closed) await once(child.stdout, 'close')
    } finally {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true })
    }
  },
  30_000,
)
