import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { accessLog, appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/testing'
import { HTTPError, RequestHandler } from '@tornado-ts/web'
import { describe, expect, it } from 'vitest'
import { Browser } from '../fixtures/browser.ts'
import { Provider, serveLogin } from '../fixtures/provider.ts'
import { OAuth2Mixin } from './oauth2-mixin.ts'

describe('OAuth2Mixin', () => {
  it('B-auth-010 a state of the caller goes as it is, and sets no cookie', async () => {
    class Own extends OAuth2Mixin(RequestHandler) {
      static override _OAUTH_AUTHORIZE_URL = 'https://provider.example/authorize?tenant=1'

      override get(): void {
        this.authorizeRedirect({ extraParams: { state: 'mine' }, responseType: 'token' })
      }
    }
    await using app = await serveLogin(Own)
    const browser = new Browser(app)
    expect((await browser.redirected('/login')).href).toBe(
      'https://provider.example/authorize?tenant=1&response_type=token&state=mine',
    )
    expect(browser.cookies.size).toBe(0)
  })

  it('B-auth-001 asks through the client that a subclass gives', async () => {
    await using provider = await Provider.serve(({ args }) => ({ args }))
    const asked: string[] = []
    class Counting extends OAuth2Mixin(RequestHandler) {
      override async get(): Promise<void> {
        this.write(await this.oauth2Request<object>(`${provider.url}/api`, { args: { a: '1' } }))
      }

      override getAuthHttpClient(): AsyncHTTPClient {
        const client = new AsyncHTTPClient({ forceInstance: true, defaults: { userAgent: 'auth' } })
        asked.push('client')
        return client
      }
    }
    await using app = await serveLogin(Counting)
    expect((await app.fetch('/login')).json()).toEqual({ args: { a: '1' } })
    expect(asked).toEqual(['client'])
  })

  it('B-auth-011 GETs or, with postArgs, POSTs a form; the token goes in a field, the arguments always', async () => {
    await using provider = await Provider.serve(({ path }) => (path === '/text' ? 'access-secret' : { path }))
    class Api extends OAuth2Mixin(RequestHandler) {
      override async get(): Promise<void> {
        const results = [
          await this.oauth2Request(`${provider.url}/get?x=1`, { args: { y: 'ü' } }),
          await this.oauth2Request(`${provider.url}/post`, {
            accessToken: 'access-secret',
            postArgs: { a: 'b c' },
            args: { q: '1' },
          }),
        ]
        const text: unknown = await this.oauth2Request(`${provider.url}/text`).catch(
          (error: unknown) => error,
        )
        this.write({ results, error: (text as Error).message })
      }
    }
    await using app = await serveLogin(Api)
    expect((await app.fetch('/login')).json()).toEqual({
      results: [{ path: '/get' }, { path: '/post' }],
      error: 'OAuth 2.0 request: the answer is no JSON',
    })
    expect(provider.request('/get')).toMatchObject({ method: 'GET', args: { x: '1', y: 'ü' } })
    expect(provider.request('/post')).toEqual({
      method: 'POST',
      path: '/post',
      args: { a: 'b c', q: '1' },
      authorization: 'Bearer access-secret',
    })
  })

  it('leaves the query out of every line about a login, what else fails in it included', async () => {
    class Login extends OAuth2Mixin(RequestHandler) {
      override get(): void {
        const kind = this.getArgument('kind', null)
        if (kind === 'bug') throw new TypeError('a bug')
        if (kind === 'status') throw new HTTPError(400, 'not so')
        this.checkOAuth2State()
      }
    }
    await using app = await serveLogin(Login, { logFunction: undefined })
    using application = expectLog(appLog, /Uncaught exception/)
    using general = expectLog(genLog, /not so/)
    using access = expectLog(accessLog, /login/)
    for (const kind of ['', '&kind=bug', '&kind=status']) await app.fetch(`/login?code=code-secret${kind}`)
    await app.fetch('/login')
    const lines = [...application.records, ...general.records, ...access.records].map(
      ({ message }) => message,
    )
    expect(lines).toHaveLength(3 + 1 + 4)
    for (const line of lines) expect(line).not.toContain('secret')
    expect(access.records[0]?.message).toMatch(/^500 GET \/login\?… \(127\.0\.0\.1\) [\d.]+ms$/)
    expect(access.records[3]?.message).toMatch(/^500 GET \/login \(/)
  })
})
