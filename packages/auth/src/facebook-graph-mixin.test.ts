import { createHmac } from 'node:crypto'
import { RequestHandler } from '@tornado-ts/web'
import { describe, expect, it } from 'vitest'
import { Browser } from '../fixtures/browser.ts'
import { type Answer, Provider, serveLogin } from '../fixtures/provider.ts'
import { withErrors } from '../fixtures/with-errors.ts'
import type { AuthError } from './errors.ts'
import { FacebookGraphMixin } from './facebook-graph-mixin.ts'

function facebookLogin(provider: Provider): new (...args: never[]) => RequestHandler {
  return class extends FacebookGraphMixin(RequestHandler) {
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
}

describe('FacebookGraphMixin', () => {
  it('B-auth-013 gets the token, then the fields of the user with a proof', async () => {
    await using provider = await Provider.serve(({ path }) => {
      if (path === '/token') return { access_token: 'access-secret', expires_in: 5183999 }
      if (path === '/me') return { id: '7', name: 'Foo', email: 'f@x.org', secret_field: 1 }
      if (path === '/me/feed') return { posted: true }
      return 404
    })
    await using app = await serveLogin(facebookLogin(provider) as never)
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

  it.each<[string, Partial<Record<string, Answer>>, string]>([
    ['refuses the code', { '/token': 400 }, 'answered 400 invalid_grant$'],
    [
      'answers no JSON',
      { '/token': 'access_token=access-secret' },
      '^Facebook login: the answer is no JSON$',
    ],
    ['answers a list', { '/token': '["access-secret"]' }, '^Facebook login: the answer is no JSON object$'],
    ['gives no token', { '/token': { token: 'x' } }, '^Facebook login: the answer has no access token$'],
    ['gives a token that is no text', { '/token': { access_token: 7 } }, 'has no access token$'],
    ['knows no user', { '/me': 'null' }, '^Facebook login: there is no user$'],
    ['refuses the token', { '/me': 401 }, '^OAuth 2.0 request: .* answered 401 invalid_grant$'],
    ['tells of the user as text', { '/me': '<html>access-secret' }, 'the answer is no JSON$'],
  ])('B-auth-013 a provider that %s is an AuthError with no secret', async (_what, answers, message) => {
    const usual: Record<string, Answer> = { '/token': { access_token: 'access-secret' }, '/me': { id: '7' } }
    await using provider = await Provider.serve(({ path }) => answers[path] ?? usual[path] ?? 404)
    await using app = await serveLogin(withErrors(facebookLogin(provider)) as never)
    const browser = new Browser(app)
    const state = (await browser.redirected('/login')).searchParams.get('state')
    const error = (await browser.get(`/login?code=code-secret&state=${state}`)).json() as AuthError
    expect(error.name).toBe('AuthError')
    expect(error.message).toMatch(new RegExp(message))
    expect(error.message).not.toContain('secret')
  })

  it('B-auth-013 refuses an answer that this browser did not ask for, before the code is used', async () => {
    await using provider = await Provider.serve(() => 404)
    await using app = await serveLogin(withErrors(facebookLogin(provider)) as never)
    const browser = new Browser(app)
    await browser.redirected('/login')
    expect((await browser.get('/login?code=code-secret&state=x')).json()).toMatchObject({
      message: 'OAuth 2.0 state does not match cookie',
    })
    const state = (await browser.redirected('/login')).searchParams.get('state')
    const denied = await browser.get(`/login?code=&error=access_denied&state=${state}`)
    expect(denied.json()).toMatchObject({
      message: 'The provider refused the login: access_denied',
      code: 'access_denied',
    })
    expect(provider.asked).toEqual([])
  })
})
