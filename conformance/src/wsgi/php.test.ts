// The FastCGI client against PHP, which speaks it itself.
import { HTTPServer } from '@tornado-ts/httpserver'
import { accessLog, appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { fastcgi, WSGIContainer } from '@tornado-ts/wsgi-compat'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Starts PHP on the socket, in the folder. */
interface Way {
  readonly name: string
  /** Null where it is not installed. */
  readonly program: string | null
  start(program: string, folder: string, path: string): ChildProcess
}

const ways: Way[] = [
  {
    name: 'php-cgi',
    program: firstPresent(['php-cgi']),
    start: (program, _folder, path) =>
      spawn(program, ['-b', path, '-d', 'error_log=', '-d', 'log_errors=1'], {
        stdio: 'ignore',
        env: { PATH: process.env['PATH'], PHP_FCGI_CHILDREN: '0' },
      }),
  },
  {
    name: 'php-fpm',
    // Debian names it after its version, and keeps it out of the PATH of those who are not root.
    program: firstPresent(
      ['php-fpm', 'php-fpm8.2', 'php-fpm8.3', 'php-fpm8.4'].flatMap((name) => [name, `/usr/sbin/${name}`]),
    ),
    start(program, folder, path) {
      const config = join(folder, 'fpm.conf')
      const pool = ['[www]', `listen = ${path}`, 'pm = static', 'pm.max_children = 1']
      // Only root can change the user; the pool then has to say which one.
      const isRoot = process.getuid?.() === 0
      if (isRoot) pool.push('user = root', 'group = root')
      writeFileSync(config, ['[global]', `error_log = ${join(folder, 'log')}`, ...pool, ''].join('\n'))
      const flags = ['--nodaemonize', '--fpm-config', config, '-n', '-d', 'log_errors=1']
      return spawn(program, isRoot ? [...flags, '--allow-to-run-as-root'] : flags, { stdio: 'ignore' })
    },
  },
]

function firstPresent(programs: readonly string[]): string | null {
  return programs.find((program) => spawnSync(program, ['-v']).status === 0) ?? null
}

describe.each(ways)('$name', ({ name, program, start }) => {
  describe.skipIf(program === null)(`answers${program === null ? ` (skipped: no ${name} here)` : ''}`, () => {
    let folder: string
    let php: ChildProcess
    let container: WSGIContainer
    let server: HTTPServer
    let url: string

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'php-'))
      const path = join(folder, 'php.sock')
      const watcher = watch(folder)
      const root = join(import.meta.dirname, 'php')
      php = start(program!, folder, path)
      while (!existsSync(path)) await once(watcher, 'change')
      watcher.close()
      container = new WSGIContainer(
        fastcgi(
          { path },
          {
            keepAlive: true,
            maxConnections: 1,
            params: { SCRIPT_FILENAME: join(root, 'index.php'), DOCUMENT_ROOT: root, REDIRECT_STATUS: '200' },
          },
        ),
      )
      server = new HTTPServer(container)
      server.listen(0, { address: '127.0.0.1' })
      url = await server.url()
    })

    afterAll(async () => {
      await server.close({ idleGraceMs: 0 })
      await container.close()
      const ended = once(php, 'exit')
      // Killed outright, the master of php-fpm would leave its child.
      php.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true })
    })

    it('answers requests over a connection that is kept', async () => {
      for (let i = 0; i < 3; i++) {
        const response = await fetch(`${url}/path?q=${i}`, { headers: { Proxy: 'http://evil' } })
        expect([response.status, await response.text()]).toEqual([
          200,
          `Hello from tornado-ts to 127.0.0.1, GET /path?q=${i}`,
        ])
        expect(response.headers.get('Set-Cookie')).toBe('a=b')
        expect(response.headers.get('X-Proxy')).toBe('none')
      }
    })

    it('gets forms, raw and chunked bodies, and requests that come at once', async () => {
      const post = async (path: string, body: RequestInit['body']): Promise<string> =>
        await (await fetch(url + path, { method: 'POST', body: body!, duplex: 'half' })).text()
      expect(await post('/?form', new URLSearchParams({ text: 'a & b' }))).toBe('a & b')
      expect(await post('/?raw', Buffer.alloc(3_000_000))).toBe('3000000')
      for (const size of [5000, 500_000])
        expect(await post('/?raw', new Blob([Buffer.alloc(size)]).stream())).toBe(String(size))
      expect(await Promise.all(Array.from({ length: 8 }, () => post('/?raw', 'four')))).toEqual(
        Array(8).fill('4'),
      )
    })

    it('its redirects, statuses, downloads and log lines arrive', async () => {
      const redirect = await fetch(`${url}/?redirect`, { redirect: 'manual' })
      expect([redirect.status, redirect.headers.get('Location')]).toEqual([302, '/elsewhere'])
      using _access = expectLog(accessLog, /^404/)
      const missing = await fetch(`${url}/?missing`)
      expect([missing.status, await missing.text()]).toEqual([404, 'not here'])
      expect((await (await fetch(`${url}/?download`)).arrayBuffer()).byteLength).toBe(160 * 65_536)
      using log = expectLog(appLog, 'from PHP')
      expect(await (await fetch(`${url}/?log`)).text()).toBe('logged')
      expect(log.matched).toBeGreaterThan(0)
    })
  })
})
