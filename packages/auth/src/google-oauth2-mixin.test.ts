import { inspect } from 'node:util'
import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/testing'
import { RequestHandler } from '@tornado-ts/web'
import { describe, expect, it } from 'vitest'
import { Browser } from '../fixtures/browser.ts'
import { type Answer, type Asked, Provider, serveLogin } from '../fixtures/provider.ts'
import { withErrors } from '../fixtures/with-errors.ts'
import { GoogleOAuth2Mixin } from './google-oauth2-mixin.ts'

const secrets = ['client-secret', 'access-secret', 'code-secret']

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

describe('GoogleOAuth2Mixin', () => {
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
