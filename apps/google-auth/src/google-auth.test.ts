import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expectLog, serve, type ServedApplication } from '@tornado-ts/testing'
import { Application, RequestHandler } from '@tornado-ts/web'
import { describe, expect, it } from 'vitest'
import { makeApplication } from './application.ts'
import { LoginHandler } from './handlers.ts'
import { Visitor } from '../../../scripts/vitest/visitor.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const node = ['--conditions=@tornado-ts/source', '--no-warnings', main]

class TokenHandler extends RequestHandler {
  override post(): void {
    const { code, secret } = { code: this.getArgument('code'), secret: this.getArgument('client_secret') }
    this.setStatus(code === 'code-1' && secret === 'secret' ? 200 : 400)
    this.write({ access_token: 'token-1', expires_in: 3600 })
  }
}

class UserHandler extends RequestHandler {
  override get(): void {
    if (this.request.headers.get('Authorization') !== 'Bearer token-1') this.setStatus(401)
    this.write({ id: '7', name: 'Ann <b>', email: 'ann@example.org' })
  }
}

/** A Google of the tests' own. */
async function serveProvider(): Promise<ServedApplication> {
  const rules = [
    ['/token', TokenHandler],
    ['/userinfo', UserHandler],
  ] as const
  return await serve(new Application([...rules], { logFunction: () => {} }))
}

async function open(provider: ServedApplication): Promise<ServedApplication> {
  class TestLogin extends LoginHandler {
    static override _OAUTH_AUTHORIZE_URL = `${provider.url}/authorize`
    static override _OAUTH_ACCESS_TOKEN_URL = `${provider.url}/token`
    static override _OAUTH_USERINFO_URL = `${provider.url}/userinfo`
  }
  const googleOauth = { key: 'key', secret: 'secret' }
  const settings = { googleOauth, cookieSecret: 'a secret of this test', logFunction: () => {} }
  return await serve(makeApplication(settings, { login: TestLogin }))
}

describe('google-auth', () => {
  it('B-demo-005 logs in with Google, and keeps the user in a signed cookie', async () => {
    await using provider = await serveProvider()
    await using app = await open(provider)
    const visitor = new Visitor(app)
    expect((await visitor.redirected('/?a=1')).search).toBe('?next=%2F%3Fa%3D1')
    const dialog = await visitor.redirected('/auth/login?next=%2F%3Fa%3D1')
    const args = Object.fromEntries(dialog.searchParams)
    expect(dialog.origin + dialog.pathname).toBe(`${provider.url}/authorize`)
    expect(args).toMatchObject({
      client_id: 'key',
      redirect_uri: `${app.url}/auth/login`,
      scope: 'profile email',
    })
    const back = new URLSearchParams({ code: 'code-1', state: args['state']! })
    const after = await visitor.redirected(`/auth/login?${back}`)
    expect(after.pathname + after.search).toBe('/?a=1')

    await provider.close()
    const page = await visitor.get('/')
    expect(page.text()).toContain('<p>Hello, Ann &lt;b&gt; (ann@example.org).</p>')
    expect(visitor.cookies.get('google_user')).toMatch(/^"?2\|/)

    const cookie = visitor.cookies.get('google_user')!
    visitor.cookies.set('google_user', cookie.replace('2|1:0|', '2|1:1|'))
    expect((await visitor.get('/')).code).toBe(302)
    visitor.cookies.set('google_user', cookie)
    expect((await visitor.post('/auth/logout')).code).toBe(200)
    expect(visitor.cookies.has('google_user')).toBe(false)
  })

  it('who does not agree at Google is not sent there again', async () => {
    await using provider = await serveProvider()
    await using app = await open(provider)
    const declined = await new Visitor(app).get('/auth/login?error=access_denied')
    expect([declined.code, declined.text()]).toEqual([403, expect.stringContaining('You are not signed in')])
  })

  it('a login that another browser began is refused', async () => {
    using refused = expectLog(
      'tornado.application',
      /^Uncaught exception GET \/auth\/login\?… \(127\.0\.0\.1\)$/,
    )
    await using provider = await serveProvider()
    await using app = await open(provider)
    const dialog = await new Visitor(app).redirected('/auth/login')
    const other = new Visitor(app)
    const state = dialog.searchParams.get('state')!
    expect((await other.get(`/auth/login?code=code-1&state=${state}`)).code).toBeGreaterThanOrEqual(400)
    expect(other.cookies.has('google_user')).toBe(false)
    expect(refused.records.map(({ error }) => (error as Error).message)).toEqual([
      'Missing OAuth 2.0 state cookie',
    ])
  })

  it('B-demo-005 has its credentials from a configuration file, as Tornado writes it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'google-auth-'))
    const config = join(directory, 'main.cfg')
    await writeFile(config, "google_oauth_key = 'key of the file'\ngoogle_oauth_secret = 'secret'\n")
    const child = spawn(process.execPath, [...node, '--port=0', `--config=${config}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = once(child, 'close')
    try {
      let output = ''
      for await (const chunk of child.stdout) {
        output += String(chunk)
        if (output.includes('\n')) break
      }
      const url = new URL('/auth/login', /http:\S+/.exec(output)![0])
      const response = await fetch(url, { redirect: 'manual', headers: { Connection: 'close' } })
      const location = new URL(response.headers.get('Location')!)
      expect([location.origin, location.searchParams.get('client_id')]).toEqual([
        'https://accounts.google.com',
        'key of the file',
      ])
    } finally {
      child.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
      await rm(directory, { recursive: true })
    }
  })

  it('says in one line that credentials are missing', async () => {
    await expect(promisify(execFile)(process.execPath, node)).rejects.toMatchObject({
      code: 2,
      stderr: 'google-auth: google_oauth_key and google_oauth_secret are required; see --help\n',
    })
  })
})
