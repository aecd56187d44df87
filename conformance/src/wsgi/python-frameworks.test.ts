// Applications of Flask and Django in workers, as users of those have them; the validator of wsgiref stands around each.
import { HTTPServer } from '@tornado-ts/httpserver'
import { accessLog, appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { Application, FallbackHandler, RequestHandler } from '@tornado-ts/web'
import { WebSocketHandler } from '@tornado-ts/websocket'
import { pythonApp, WSGIContainer } from '@tornado-ts/wsgi-compat'
import { spawnSync } from 'node:child_process'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { measureLargeBodies } from './large-bodies.ts'

const python = '/usr/bin/python3'

function installed(module: string): boolean {
  return spawnSync(python, ['-c', `import ${module}`]).status === 0
}

describe.each(['flask', 'django'])('%s', (framework) => {
  const isThere = installed(framework)
  const note = isThere ? '' : ` (skipped: no python3-${framework} here)`

  describe.skipIf(!isThere)(`in workers${note}`, () => {
    let container: WSGIContainer
    let server: HTTPServer
    let url: string

    beforeAll(async () => {
      const app = pythonApp(`${framework}_app:application`, {
        python,
        cwd: import.meta.dirname,
        env: { PYTHONDONTWRITEBYTECODE: '1' },
        threads: 2,
      })
      container = new WSGIContainer(app)
      await container.ready()
      server = new HTTPServer(container, { maxBodySize: 2 ** 28 })
      server.listen(0, { address: '127.0.0.1' })
      url = await server.url()
    }, 30_000)

    afterAll(async () => {
      await server.close({ idleGraceMs: 0 })
      await container.close()
    })

    async function get(path: string, init?: RequestInit): Promise<[status: number, body: string]> {
      const response = await fetch(url + path, init)
      return [response.status, await response.text()]
    }

    it('routes, and makes URLs', async () => {
      expect(await get('/')).toEqual([200, 'Hello, world'])
      const [status, body] = await get('/item/6?q=%C3%A9')
      expect([status, JSON.parse(body)]).toEqual([200, { number: 6, url: '/item/7', query: 'é' }])
      using _access = expectLog(accessLog, /^404/)
      using _log = expectLog(appLog, 'Not Found', { required: false })
      expect((await get('/no/such/path'))[0]).toBe(404)
    })

    it('reads forms', async () => {
      expect(await get('/form', { method: 'POST', body: new URLSearchParams({ text: 'grün' }) })).toEqual([
        200,
        'POST=grün',
      ])
    })

    it('keeps a session', async () => {
      const login = await fetch(`${url}/login`, {
        method: 'POST',
        body: new URLSearchParams({ name: 'Ada' }),
        redirect: 'manual',
      })
      expect([login.status, login.headers.get('Location')]).toEqual([302, '/me'])
      const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!
      expect(await get('/me', { headers: { cookie } })).toEqual([200, 'Ada'])
      expect(await get('/me')).toEqual([200, 'nobody'])
    })

    it('takes an upload', async () => {
      const body = new FormData()
      body.append('file', new Blob([Buffer.alloc(5_000_000, 'x')]), 'large.bin')
      expect(await get('/upload', { method: 'POST', body })).toEqual([200, 'large.bin 5000000'])
    })

    it('streams a download', async () => {
      const response = await fetch(`${url}/download/${2 ** 24}`)
      let size = 0
      for await (const chunk of response.body!) size += chunk.length
      expect(size).toBe(2 ** 24)
    })

    it.each([1000, 1_000_000])('reads chunked bodies of pieces of %d bytes', async (size) => {
      const request = httpRequest(`${url}/raw`, { method: 'POST' })
      for (let i = 0; i < 10; i++) request.write('x'.repeat(size))
      request.end()
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      let text = ''
      for await (const chunk of response) text += String(chunk)
      expect(text).toBe(String(10 * size))
    })

    it('serves static files, and answers that they are not modified', async () => {
      const response = await fetch(`${url}/static/file.txt`)
      expect([response.status, await response.text()]).toEqual([200, 'a static file\n'])
      const since = response.headers.get('Last-Modified')!
      expect(
        (await fetch(`${url}/static/file.txt`, { headers: { 'If-Modified-Since': since } })).status,
      ).toBe(304)
      const head = await fetch(`${url}/static/file.txt`, { method: 'HEAD' })
      expect([head.headers.get('Content-Length'), await head.text()]).toEqual(['14', ''])
    })

    it('answers with its error pages, and its traceback is logged', async () => {
      using _access = expectLog(accessLog, /^500|^418/)
      // Flask writes to wsgi.errors, Django to stderr.
      using log = expectLog(appLog, 'ValueError: on purpose', { required: framework === 'flask' })
      using _others = expectLog(appLog, /teapot|418/, { required: false })
      const [status, page] = await get('/fail')
      expect(status).toBe(500)
      expect(page).toMatch(/Internal Server Error|Server Error \(500\)/)
      expect((await get('/teapot'))[0]).toBe(418)
      expect(log.matched).toBe(framework === 'flask' ? 1 : 0)
    })

    it('is mounted in an Application beside its handlers, by a rule and by a FallbackHandler', async () => {
      class NewHandler extends RequestHandler {
        override get(): void {
          this.write('new')
        }
      }
      class EchoHandler extends WebSocketHandler {
        override onMessage(message: string | Buffer): void {
          void this.writeMessage(`echo ${String(message)}`)
        }
      }
      const application = new Application([
        ['/new', NewHandler],
        ['/socket', EchoHandler],
        [
          '/form',
          FallbackHandler,
          {
            fallback: (request: Parameters<WSGIContainer['handleRequest']>[0]) =>
              container.handleRequest(request),
          },
        ],
        ['/.*', container],
      ])
      const mounted = new HTTPServer(application)
      mounted.listen(0, { address: '127.0.0.1' })
      const base = await mounted.url()
      expect(await (await fetch(`${base}/new`)).text()).toBe('new')
      expect(await (await fetch(`${base}/item/1`)).json()).toMatchObject({ number: 1 })
      const form = await fetch(`${base}/form`, { method: 'POST', body: new URLSearchParams({ text: 'x' }) })
      expect(await form.text()).toBe('POST=x')
      const socket = new WebSocket(`${base.replace('http', 'ws')}/socket`)
      await once(socket, 'open')
      socket.send('hello')
      const [message] = (await once(socket, 'message')) as [{ data: unknown }]
      expect(message.data).toBe('echo hello')
      socket.close()
      await once(socket, 'close')
      await mounted.close({ idleGraceMs: 0 })
    })
  })
})

// The short form; the command moves a gibibyte.
for (const [framework, isSlow] of [
  ['flask', false],
  ['django', true],
] as const) {
  const isThere = installed(framework)
  const note = isThere ? '' : ` (skipped: no python3-${framework} here)`
  it.skipIf(!isThere)(
    `memory stays flat while large bodies go through ${framework}, the client ${isSlow ? 'slow' : 'quick'}${note}`,
    async () => {
      const { up, down } = await measureLargeBodies(framework, { up: 2 ** 26, down: 2 ** 27, isSlow })
      // More than half of what goes up: what V8 has not collected of what the platform has read.
      expect(up.server).toBeLessThan(2 ** 26)
      for (const size of [up.worker, down.server, down.worker]) expect(size).toBeLessThan(2 ** 25)
    },
    60_000,
  )
}
