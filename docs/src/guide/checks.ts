/* oxlint-disable vitest/no-standalone-expect -- guide.test.ts calls them in its tests */
import { scryptSync } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { expect } from 'vitest'
import type { GuideProgram } from './guide-program.ts'

/** How one program of the guide is looked at. */
interface Check {
  /** Arguments of the program, which then runs in a process of its own. */
  readonly alone?: readonly string[]
  readonly check: (program: GuideProgram) => Promise<void>
}

/** What every whole program of the guide must do, by its page and file. */
export const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    '01-install/check.ts',
    {
      check: async (program) => {
        await program.printed(/^tornado-ts \d+\.\d+\.\d+ on Node \d+\.\d+\.\d+\n/m)
      },
    },
  ],
  ...serving('02-hello-world/hello.ts', async (get) => {
    expect(await get('/')).toEqual([200, 'Hello, world'])
  }),
  [
    '02-hello-world/debug.ts',
    {
      alone: [],
      check: async (program) => {
        const response = await fetch(`${await program.url()}/?name=Ann`)
        expect(await response.text()).toBe('{"hello":"Ann"}')
        await program.printed(/^\[I \d{6} [\d:]+ \S+:\d+\] 200 GET \/\?name=Ann \(127\.0\.0\.1\) [\d.]+ms$/m)
      },
    },
  ],
  ...serving('02-hello-world/function.ts', async (get) => {
    expect(await get('/')).toEqual([200, 'Hello, world'])
    expect(await get('/hello/Ann')).toEqual([200, '{"hello":"Ann"}'])
  }),
  ...serving('03-handlers-and-routing/stories.ts', async (get, program) => {
    expect(await get('/')).toEqual([200, '{"stories":[{"title":"A frog","url":"/story/1"}]}'])
    expect((await get('/story/1'))[1]).toContain('Once upon a time')
    expect((await get('/story/2'))[0]).toBe(404)
    expect((await get('/', { method: 'POST' }))[0]).toBe(405)
    await program.printed(/No story 2/)
  }),
  ...serving('03-handlers-and-routing/base.ts', async (get) => {
    expect(await get('/')).toEqual([203, 'Hello'])
    expect(await get('/none')).toEqual([404, '<h1>Sorry: 404</h1>'])
  }),
  ...serving('03-handlers-and-routing/middleware.ts', async (get) => {
    expect(await get('/')).toEqual([200, 'Hello'])
    expect((await get('/me'))[0]).toBe(401)
    expect(await get('/me', { headers: { 'X-Api-Key': 'secret-of-ann' } })).toEqual([200, '{"name":"Ann"}'])
  }),
  ...serving('04-input/greet.ts', async (get) => {
    expect((await get('/'))[1]).toContain('<form')
    const body = new URLSearchParams({ name: ' Ann ' })
    expect(await get('/?times=2', { method: 'POST', body })).toEqual([200, 'Hello, Ann\nHello, Ann\n'])
    expect((await get('/', { method: 'POST', body: new URLSearchParams() }))[0]).toBe(400)
  }),
  ...serving('04-input/users.ts', async (get) => {
    const post = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
    const ann = JSON.stringify({ name: 'Ann', age: 41 })
    expect(await get('/users', { ...post, body: ann })).toEqual([201, '{"name":"Ann","ageNextYear":42}'])
    expect((await get('/users?dry=true', { ...post, body: ann }))[0]).toBe(200)
    const [status, problem] = await get('/users', { ...post, body: '{"name":""}' })
    expect(status).toBe(400)
    expect(JSON.parse(problem).errors.map(({ path }: { path: string[] }) => path[0])).toEqual(['name', 'age'])
  }),
  ...serving('04-input/small-upload.ts', async (get) => {
    expect(await get('/', upload())).toEqual([200, '{"files":[{"filename":"a.txt","size":4}]}'])
  }),
  ...serving('04-input/large-upload.ts', async (get) => {
    const [status, text] = await get('/', upload())
    expect(status).toBe(200)
    const { saved } = JSON.parse(text) as { saved: [{ filename: string; path: string }] }
    expect(saved[0].filename).toBe('a.txt')
    expect(readFileSync(saved[0].path, 'utf8')).toBe('text')
    rmSync(saved[0].path)
  }),
  ...serving('05-templates/pages.ts', async (get) => {
    const [, page] = await get('/')
    expect(page).toContain('<html lang="en-US">')
    expect(page).toContain('<title>1 entry</title>')
    expect(page).toContain('<p>Is 1 &lt; 2? It is.</p>')
    expect(page).not.toContain('Nothing yet')
    expect(page).toMatch(/<style[^]*\.entry \{ border-left[^]*<\/head>/)
  }),
  [
    '05-templates/mail.ts',
    {
      check: async (program) => {
        await program.printed(/^Dear Ann,\nyour order of tea and milk is on its way\.\n/m)
      },
    },
  ],
  ...serving('05-templates/translated.ts', async (get) => {
    expect(await get('/', { headers: { 'Accept-Language': 'fr' } })).toEqual([200, 'Bonjour, le monde'])
    expect(await get('/', { headers: { 'Accept-Language': 'de' } })).toEqual([200, 'Hello, world'])
  }),
  ...serving('06-security/login.ts', async (_get, program) => {
    const browser = new CookieBrowser(await program.url())
    expect((await browser.fetch('/')).headers.get('location')).toBe('/login?next=%2F')
    const page = await (await browser.fetch('/login')).text()
    const xsrf = /name="_xsrf" value="([^"]+)"/.exec(page)![1]!
    const signIn = async (password: string, _xsrf: string): Promise<Response> => {
      return await browser.post('/login', { name: 'ann', password, _xsrf })
    }
    expect((await signIn('correct horse', '')).status).toBe(403)
    expect((await signIn('wrong', xsrf)).status).toBe(403)
    expect((await signIn('correct horse', xsrf)).headers.get('location')).toBe('/')
    expect(await (await browser.fetch('/')).text()).toContain('<p>Hello, ann</p>')
    expect((await browser.post('/logout', { _xsrf: xsrf })).headers.get('location')).toBe('/login')
    expect((await browser.fetch('/')).status).toBe(302)
  }),
  ...serving('06-security/headers.ts', async (_get, program) => {
    const { headers } = await fetch(await program.url())
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'self'")
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(headers.has('Strict-Transport-Security')).toBe(false)
  }),
  ...serving('07-static-files/site.ts', async (get, program) => {
    const [, page] = await get('/')
    const url = /href="(\/static\/site\.css\?v=[0-9a-f]+)"/.exec(page)![1]!
    const css = await fetch((await program.url()) + url)
    expect(await css.text()).toContain('color: teal')
    expect(css.headers.get('Cache-Control')).toContain('max-age=315360000')
    expect((await get('/downloads/'))[1]).toContain('<h1>Downloads</h1>')
    expect((await get('/downloads/..%2fsite.ts'))[0]).not.toBe(200)
  }),
  ...serving('07-static-files/private-files.ts', async (get) => {
    expect((await get('/private-files.ts'))[0]).toBe(401)
    const [status, text] = await get('/private-files.ts', { headers: { 'X-Api-Key': 'open sesame' } })
    expect([status, text.split('\n')[0]]).toEqual([200, '// private-files.ts'])
  }),
  ...serving('08-async/weather.ts', async (get) => {
    expect(await get('/')).toEqual([200, '{"weather":"answer of weather","news":"answer of news"}'])
  }),
  ...serving('08-async/count.ts', async (get) => {
    expect(await get('/')).toEqual([200, '1\n2\n3\n4\n5\n'])
  }),
  ...serving('08-async/long-poll.ts', async (get, program) => {
    const leaving = new AbortController()
    const left = get('/updates', { signal: leaving.signal }).catch((error: Error) => error.name)
    const waiting = get('/updates?since=0')
    leaving.abort()
    expect(await left).toBe('AbortError')
    const body = new URLSearchParams({ text: 'Hello' })
    expect(await get('/messages', { method: 'POST', body })).toEqual([200, '{"count":1}'])
    expect(await waiting).toEqual([200, '{"messages":["Hello"],"next":1}'])
    expect(program.output).not.toContain('[E ')
  }),
  ...serving('08-async/clock.ts', async (get, program) => {
    expect((await get('/'))[1]).toContain("new EventSource('/clock')")
    const response = await fetch(`${await program.url()}/clock`)
    expect(response.headers.get('Content-Type')).toContain('text/event-stream')
    for await (const chunk of response.body!) {
      expect(Buffer.from(chunk as Uint8Array).toString()).toMatch(
        /^event: time\ndata: \d{4}-\d\d-\d\dT.*Z\n\n$/,
      )
      break
    }
  }),
  [
    '08-async/worker.ts',
    {
      check: async (program) => {
        await program.printed(/^working on one\nworking on two\nworking on three\nall done\n/m)
      },
    },
  ],
  // The module that the next one runs in threads.
  ['08-async/hashing.ts', { check: async (program) => void (await program.report('loaded')) }],
  ...serving(
    '08-async/threads.ts',
    async (get) => {
      const [, hash] = await get('/', { method: 'POST', body: new URLSearchParams({ password: 'secret' }) })
      expect(hash).toBe(scryptSync('secret', 'salt', 32).toString('hex'))
    },
    [],
  ),
  ...serving('09-websockets/chat.ts', async (get, program) => {
    expect((await get('/'))[1]).toContain('new WebSocket(')
    const url = (await program.url()).replace('http', 'ws')
    const [ann, bob] = [new WebSocket(`${url}/chat`), new WebSocket(`${url}/chat`)]
    await Promise.all([once(ann, 'open'), once(bob, 'open')])
    const received = Promise.all([once(ann, 'message'), once(bob, 'message')])
    ann.send('<b>Hello')
    for (const [event] of await received) expect((event as MessageEvent).data).toBe('<b>Hello')
    const closed = Promise.all([once(ann, 'close'), once(bob, 'close')])
    ann.close()
    bob.close()
    await closed
  }),
  ...serving('09-websockets/typed.ts', async (_get, program) => {
    const socket = new WebSocket(`${(await program.url()).replace('http', 'ws')}/sum`)
    await once(socket, 'open')
    const answer = once(socket, 'message')
    socket.send('{"add":[1,2,3]}')
    expect(((await answer)[0] as MessageEvent).data).toBe('{"sum":6}')
    const closed = once(socket, 'close')
    socket.send('{"add":["one"]}')
    expect(((await closed)[0] as CloseEvent).code).toBe(1007)
  }),
  [
    '09-websockets/client.ts',
    {
      check: async (program) => {
        await program.printed(/^Hello\nBye\n/m)
        await program.report('loaded')
      },
    },
  ],
  [
    '10-clients/fetch.ts',
    {
      check: async (program) => {
        await program.printed(/^200 \{ type: 'application\/json', size: 14 \}\n[^]*^HTTP 404: Not Found\n/m)
        await program.report('loaded')
      },
    },
  ],
  ...serving('10-clients/proxy.ts', async (get) => {
    expect(await get('/')).toEqual([200, '{"backend":{"path":"/backend"}}'])
  }),
  [
    '10-clients/lines.ts',
    {
      check: async (program) => {
        await program.printed(/^HELLO\n/m)
        await program.report('loaded')
      },
    },
  ],
  // What the next one tests.
  ['11-testing/application.ts', { check: async (program) => void (await program.report('loaded')) }],
  ['11-testing/application.test.ts', { alone: [], check: async (program) => await expectTests(program, 3) }],
  ['11-testing/reminder.test.ts', { alone: [], check: async (program) => await expectTests(program, 1) }],
  ...serving(
    '12-options-and-logging/service.ts',
    async (get) => {
      expect(await get('/')).toEqual([200, 'Good day, after 10000 ms'])
    },
    ['--config=service.json', '--poll-timeout-ms=10s', '--logging=warning'],
  ),
  [
    '12-options-and-logging/logging.ts',
    {
      alone: [],
      check: async (program) => {
        expect(await program.ended).toBe(0)
        await program.printed(/^\[I \d{6} [\d:]+ logging:\d+\] ready$/m)
        await program.printed(/^\[D .*\] made only when it is shown: \{"order":7\}$/m)
        const [line] = await program.printed(/^\{.*\}$/m)
        expect(JSON.parse(line)).toMatchObject({
          logger: 'tornado.access',
          message: '200 GET / (127.0.0.1) 0.91ms',
        })
        expect(program.output.match(/0\.91ms/g)).toHaveLength(1)
      },
    },
  ],
  [
    '13-deployment/server.ts',
    {
      alone: ['--processes=2', '--logging=warning'],
      check: async (program) => {
        const [, url = ''] = await program.printed(/Listening on (\S+)\n[^]*Listening on/)
        const headers = { 'X-Real-Ip': '192.0.2.7', 'X-Scheme': 'https', Connection: 'close' }
        const answer = await (await fetch(url, { headers })).json()
        expect(answer).toMatchObject({ remoteIp: '192.0.2.7', protocol: 'https' })
        expect(await (await fetch(`${url}/health`, { headers })).text()).toBe('fine')
        program.child.kill('SIGTERM')
        expect(await program.ended).toBe(0)
      },
    },
  ],
])

/** Expects that so many tests of node:test have passed, and no other. */
async function expectTests(program: GuideProgram, count: number): Promise<void> {
  expect([await program.ended, program.output]).toEqual([0, expect.any(String)])
  await program.printed(new RegExp(`^. pass ${count}$`, 'm'))
}

type Get = (path: string, init?: RequestInit) => Promise<[status: number, text: string]>

/** The check of a program that serves. */
function serving(
  name: string,
  check: (get: Get, program: GuideProgram) => Promise<void>,
  alone?: readonly string[],
): [string, Check][] {
  const checkServer = async (program: GuideProgram): Promise<void> => {
    const url = await program.url()
    const get: Get = async (path, init) => {
      const response = await fetch(url + path, init)
      return [response.status, await response.text()]
    }
    await check(get, program)
  }
  return [[name, { check: checkServer, ...(alone === undefined ? {} : { alone }) }]]
}

/** Keeps cookies, and does not follow redirects. */
class CookieBrowser {
  readonly #url: string
  readonly #cookies = new Map<string, string>()

  constructor(url: string) {
    this.#url = url
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ')
    const response = await fetch(this.#url + path, { ...init, redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || value === '""') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return response
  }

  async post(path: string, fields: Record<string, string>): Promise<Response> {
    return await this.fetch(path, { method: 'POST', body: new URLSearchParams(fields) })
  }
}

/** A form with a file. */
function upload(): RequestInit {
  const body = new FormData()
  body.set('file', new File(['text'], 'a.txt'))
  return { method: 'POST', body }
}
