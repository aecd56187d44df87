import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { accessLog, appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/testing'
import { HTTPError, RequestHandler } from '@tornado-ts/web'
import { describe, expect, it } from 'vitest'
import { Browser } from '../fixtures/browser.ts'
import { type Answer, type Asked, Provider, serveLogin } from '../fixtures/provider.ts'
import { AuthError } from './errors.ts'
import { FacebookGraphMixin } from './facebook-graph-mixin.ts'
import { GoogleOAuth2Mixin } from './google-oauth2-mixin.ts'
import { OAuth2Mixin } from './oauth2-mixin.ts'

const secrets = ['client-secret', 'access-secret', 'code-secret']

/** Answers what `get` throws as text, so that a test can look at it. */
function withErrors<Base extends new (...args: never[]) => RequestHandler>(base: Base): Base {
  Object.defineProperty(base.prototype, 'writeError', {
    value(this: RequestHandler, _status: number, { error }: { error?: unknown }) {
      const { name, message, code } = error as AuthError
      void this.finish({ name, message, code })
    },
  })
  Object.defineProperty(base.prototype, 'logException', { value() {} })
  return base
}

function answerGoogle({ path, args, authorization }: Asked): Answer {
  if (path === '/token') {
    return args['code'] === 'code-secret' && args['client_secret'] === 'client-secret'
      ? { access_token: 'access-secret', id_token: 'x.y.z', expires_in: 3600 }
      : 400
  }
  if (path === '/userinfo')
    return authorization === 'Bearer access-secret' ? { name: 'Foo', email: 'f@x.org' } : 401
  return 404
}

function googleLogin(provider: Provider): new (...args: never[]) => RequestHandler {
  return class extends GoogleOAuth2Mixin(RequestHandler) {
    static override _OAUTH_AUTHORIZE_URL = `${provider.url}/authorize`
    static override _OAUTH_ACCESS_TOKEN_URL = `${provider.url}/token`
    static override _OAUTH_USERINFO_URL = `${provider.url}/userinfo`

    override async get(): Promise<void> {
      const code = this.getArgument('code', null)
      if (code === null) {
        const { key } = this.getGoogleOauthSettings()
        this.authorizeRedirect({
          redirectUri: '/login',
          clientId: key,
          scope: ['profile', 'email'],
          extraParams: { approval_prompt: 'auto' },
        })
        return
      }
      const tokens = await this.getAuthenticatedUser({
        redirectUri: '/login',
        code,
        ...(this.getArgument('other', null) === null
          ? {}
          : { clientId: 'other', clientSecret: 'client-secret' }),
      })
      const url = `${provider.url}/userinfo`
      const user = await this.oauth2Request<object>(url, { accessToken: String(tokens['access_token']) })
      this.write({ tokens, user })
    }
  }
}

const settings = { googleOauth: { key: 'client-key', secret: 'client-secret' } }

describe('OAuth2Mixin', () => {
  it('B-auth-010 redirects with its arguments, a state, and no secret', async () => {
    await using provider = await Provider.serve(answerGoogle)
    await using app = await serveLogin(googleLogin(provider) as never, settings)
    const browser = new Browser(app)
    const { origin, pathname, searchParams, href } = await browser.redirected('/login')
    expect(origin + pathname).toBe(`${provider.url}/authorize`)
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: 'code',
      redirect_uri: `${app.url}/login`,
      client_id: 'client-key',
      approval_prompt: 'auto',
      scope: 'profile email',
      state: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(href).not.toContain('client-secret')
    expect(browser.attributes.get('_oauth2_state')).toMatch(/Max-Age=600; HttpOnly|HttpOnly/i)
    expect(browser.attributes.get('_oauth2_state')).toMatch(/SameSite=Lax/i)
  })

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
})

describe('GoogleOAuth2Mixin', () => {
  it('B-auth-012 logs in with a form POST for the token', async () => {
    await using provider = await Provider.serve(answerGoogle)
    await using app = await serveLogin(googleLogin(provider) as never, settings)
    const browser = new Browser(app)
    const { searchParams } = await browser.redirected('/login')
    const state = searchParams.get('state')
    const done = await browser.get(`/login?code=code-secret&state=${state}`)
    expect(done.json()).toEqual({
      tokens: { access_token: 'access-secret', id_token: 'x.y.z', expires_in: 3600 },
      user: { name: 'Foo', email: 'f@x.org' },
    })
    expect(provider.request('/token')).toMatchObject({
      method: 'POST',
      args: {
        redirect_uri: `${app.url}/login`,
        code: 'code-secret',
        client_id: 'client-key',
        client_secret: 'client-secret',
        grant_type: 'authorization_code',
      },
    })
    expect(browser.cookies.size).toBe(0)
  })

  it('B-auth-012 takes other credentials for a call; B-auth-001 missing settings are named', async () => {
    await using provider = await Provider.serve(answerGoogle)
    await using app = await serveLogin(googleLogin(provider) as never, settings)
    const browser = new Browser(app)
    const state = (await browser.redirected('/login')).searchParams.get('state')
    expect((await browser.get(`/login?code=code-secret&other=1&state=${state}`)).code).toBe(200)
    expect(provider.request('/token').args).toMatchObject({
      client_id: 'other',
      client_secret: 'client-secret',
    })
    await using bare = await serveLogin(withErrors(googleLogin(provider)) as never)
    expect((await bare.fetch('/login')).json()).toMatchObject({
      message: "You must define the 'googleOauth' setting in your application to use Google login",
    })
  })

  it('refuses an answer that this browser did not ask for', async () => {
    await using provider = await Provider.serve(answerGoogle)
    await using app = await serveLogin(withErrors(googleLogin(provider)) as never, settings)
    const forged = new Browser(app)
    expect((await forged.get('/login?code=code-secret&state=x')).json()).toMatchObject({
      name: 'AuthError',
      message: 'Missing OAuth 2.0 state cookie',
    })
    await forged.redirected('/login')
    const other = new Browser(app)
    const state = (await other.redirected('/login')).searchParams.get('state')
    for (const wrong of [`&state=${state}`, '&state=', '']) {
      await forged.redirected('/login')
      expect((await forged.get(`/login?code=code-secret${wrong}`)).json()).toMatchObject({
        message: 'OAuth 2.0 state does not match cookie',
      })
    }
    other.cookies.set('_oauth2_state', state ?? '')
    expect((await other.get(`/login?code=code-secret&state=${state}`)).json()).toMatchObject({
      message: 'Missing OAuth 2.0 state cookie',
    })
    expect(provider.asked).toEqual([])
  })

  it('tells what the provider refuses, with no secret in the error or the log', async () => {
    await using provider = await Provider.serve(answerGoogle)
    await using app = await serveLogin(googleLogin(provider) as never, {
      googleOauth: { key: 'client-key', secret: 'wrong client-secret' },
    })
    const browser = new Browser(app)
    const state = (await browser.redirected('/login')).searchParams.get('state')
    using expected = expectLog(appLog, /Uncaught exception/)
    expect((await browser.get(`/login?code=code-secret&state=${state}`)).code).toBe(500)
    const [record] = expected.records
    expect(record?.error).toMatchObject({
      name: 'AuthError',
      code: 'invalid_grant',
      message: `Google login: ${new URL(provider.url).host} answered 400 invalid_grant`,
    })
    const text = inspect(record?.error, { depth: 20, showHidden: true })
    for (const secret of secrets) expect(text).not.toContain(secret)
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

  it('an unreachable provider is an AuthError with no secret', async () => {
    const provider = await Provider.serve(answerGoogle)
    await using app = await serveLogin(withErrors(googleLogin(provider)) as never, settings)
    const browser = new Browser(app)
    const state = (await browser.redirected('/login')).searchParams.get('state')
    await provider.app.close()
    const { message } = (await browser.get(`/login?code=code-secret&state=${state}`)).json() as {
      message: string
    }
    expect(message).toMatch(/^Google login: no answer of 127\.0\.0\.1:\d+ /)
    for (const secret of secrets) expect(message).not.toContain(secret)
  })
})

describe('FacebookGraphMixin', () => {
  it('B-auth-013 gets the token, then the fields of the user with a proof', async () => {
    await using provider = await Provider.serve(({ path }) => {
      if (path === '/token') return { access_token: 'access-secret', expires_in: 5183999 }
      if (path === '/me') return { id: '7', name: 'Foo', email: 'f@x.org', secret_field: 1 }
      if (path === '/me/feed') return { posted: true }
      return 404
    })
    class Login extends FacebookGraphMixin(RequestHandler) {
      static override _OAUTH_AUTHORIZE_URL = `${provider.url}/authorize`
      static override _OAUTH_ACCESS_TOKEN_URL = `${provider.url}/token`
      static override _FACEBOOK_BASE_URL = provider.url

      override async get(): Promise<void> {
        const code = this.getArgument('code', null)
        if (code === null) {
          this.authorizeRedirect({ redirectUri: '/login', clientId: 'key', scope: ['email'] })
          return
        }
        const user = await this.getAuthenticatedUser({
          redirectUri: '/login',
          clientId: 'key',
          clientSecret: 'client-secret',
          code,
          extraFields: ['email', 'birthday'],
        })
        const accessToken = String(user['access_token'])
        const feed = await this.facebookRequest('/me/feed', { accessToken, postArgs: { message: 'hi' } })
        this.write({ user, feed })
      }
    }
    await using app = await serveLogin(Login)
    const browser = new Browser(app)
    const state = (await browser.redirected('/login')).searchParams.get('state')
    expect((await browser.get(`/login?code=abc&state=${state}`)).json()).toEqual({
      user: {
        id: '7',
        name: 'Foo',
        first_name: null,
        last_name: null,
        locale: null,
        picture: null,
        link: null,
        email: 'f@x.org',
        birthday: null,
        access_token: 'access-secret',
        session_expires: '5183999',
      },
      feed: { posted: true },
    })
    expect(provider.request('/token')).toMatchObject({
      method: 'GET',
      args: {
        redirect_uri: `${app.url}/login`,
        code: 'abc',
        client_id: 'key',
        client_secret: 'client-secret',
      },
    })
    expect(provider.request('/me').args).toEqual({
      fields: 'id,name,first_name,last_name,locale,picture,link,email,birthday',
      appsecret_proof: createHmac('sha256', 'client-secret').update('access-secret').digest('hex'),
    })
    expect(provider.request('/me').authorization).toBe('Bearer access-secret')
    expect(provider.request('/me/feed')).toMatchObject({ method: 'POST', args: { message: 'hi' } })
  })
})
