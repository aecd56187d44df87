import { createHmac } from 'node:crypto'
import { RequestHandler } from '@tornado-ts/web'
import { describe, expect, it } from 'vitest'
import { Browser } from '../fixtures/browser.ts'
import { type Answer, type Asked, Provider, serveLogin } from '../fixtures/provider.ts'
import { OAuthMixin, type OAuthUser } from './oauth-mixin.ts'
import { oauthSignature, type OAuthToken, type OAuthVersion } from './oauth-signature.ts'
import { TwitterMixin } from './twitter-mixin.ts'

const consumer = { key: 'consumer', secret: 'c&s' }

function answer({ path }: Asked): Answer {
  if (path === '/request') return 'oauth_token=zx%20cv&oauth_token_secret=asdf%2B'
  if (path === '/access') return 'oauth_token=access&oauth_token_secret=as&screen_name=foo'
  if (path === '/account/verify_credentials.json') return { screen_name: 'foo', name: 'Foo' }
  if (path === '/broken') return 'no token here'
  return path === '/post.json' ? { posted: true } : 404
}

interface Kind {
  readonly version?: OAuthVersion
  readonly noCallbacks?: boolean
  readonly user?: OAuthUser | null
  readonly callbackUri?: string
  readonly requestUrl?: string
}

/** A login handler; what it throws is answered as text. */
function login(provider: Provider, kind: Kind = {}): new (...args: never[]) => RequestHandler {
  return class extends OAuthMixin(RequestHandler) {
    static override _OAUTH_REQUEST_TOKEN_URL = `${provider.url}${kind.requestUrl ?? '/request'}`
    static override _OAUTH_ACCESS_TOKEN_URL = `${provider.url}/access`
    static override _OAUTH_AUTHORIZE_URL = `${provider.url}/authorize`
    static override _OAUTH_VERSION: OAuthVersion = kind.version ?? '1.0a'
    static override _OAUTH_NO_CALLBACKS = kind.noCallbacks ?? false

    override async get(): Promise<void> {
      try {
        if (this.getArgument('oauth_token', null) === null) {
          const { callbackUri } = kind
          await this.authorizeRedirect({
            ...(callbackUri === undefined ? {} : { callbackUri }),
            extraParams: { extra: '1' },
          })
        } else this.write(await this.getAuthenticatedUser())
      } catch (error) {
        this.write((error as Error).message)
      }
    }

    override oauthConsumerToken(): typeof consumer {
      return consumer
    }

    override oauthGetUserFuture(accessToken: OAuthToken): Promise<OAuthUser | null> {
      return Promise.resolve(kind.user === undefined ? { email: 'f@x.org', key: accessToken.key } : kind.user)
    }
  }
}

describe('OAuthMixin', () => {
  it('B-auth-004 B-auth-009 gets a request token, keeps it in a cookie and redirects', async () => {
    await using provider = await Provider.serve(answer)
    await using app = await serveLogin(login(provider, { callbackUri: '/login?x=1' }) as never)
    const browser = new Browser(app)
    const location = await browser.redirected('/login')
    expect(location.origin + location.pathname).toBe(`${provider.url}/authorize`)
    expect(Object.fromEntries(location.searchParams)).toEqual({
      oauth_token: 'zx cv',
      oauth_callback: `${app.url}/login?x=1`,
    })
    expect(browser.cookies.get('_oauth_request_token')?.replaceAll('"', '')).toBe('enggY3Y=|YXNkZis=')
    expect(browser.attributes.get('_oauth_request_token')).toMatch(/HttpOnly/i)
    const { args } = provider.request('/request')
    expect(args).toEqual({
      oauth_consumer_key: 'consumer',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: expect.stringMatching(/^\d{10}$/),
      oauth_nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
      oauth_version: '1.0',
      oauth_callback: `${app.url}/login?x=1`,
      extra: '1',
      oauth_signature: expect.any(String),
    })
    const { oauth_signature: signature, ...signed } = args
    expect(signature).toBe(oauthSignature('1.0a', consumer, 'GET', `${provider.url}/request`, signed))
  })

  it('B-auth-004 OAuth 1.0 sends no callback and nothing extra for the token', async () => {
    await using provider = await Provider.serve(answer)
    await using app = await serveLogin(login(provider, { version: '1.0', callbackUri: '/done' }) as never)
    const location = await new Browser(app).redirected('/login')
    expect(location.searchParams.get('oauth_callback')).toBe(`${app.url}/done`)
    const { oauth_signature: signature, ...signed } = provider.request('/request').args
    expect(Object.keys(signed)).not.toContain('oauth_callback')
    expect(Object.keys(signed)).not.toContain('extra')
    expect(signature).toBe(oauthSignature('1.0', consumer, 'GET', `${provider.url}/request`, signed))
  })

  it('B-auth-005 oob answers with the URL', async () => {
    await using provider = await Provider.serve(answer)
    await using app = await serveLogin(login(provider, { callbackUri: 'oob' }) as never)
    const response = await app.fetch('/login')
    expect([response.code, response.text()]).toEqual([200, `${provider.url}/authorize?oauth_token=zx+cv`])
    expect(provider.request('/request').args['oauth_callback']).toBe('oob')
  })

  it('B-auth-006 B-auth-009 verifies the user who comes back, once', async () => {
    await using provider = await Provider.serve(answer)
    await using app = await serveLogin(login(provider) as never)
    const browser = new Browser(app)
    await browser.redirected('/login')
    const user = (await browser.get('/login?oauth_token=zx+cv&oauth_verifier=ver')).json()
    expect(user).toEqual({
      email: 'f@x.org',
      key: 'access',
      access_token: { key: 'access', secret: 'as', screen_name: 'foo' },
    })
    const { oauth_signature: signature, ...signed } = provider.request('/access').args
    expect(signed).toMatchObject({ oauth_token: 'zx cv', oauth_verifier: 'ver', oauth_version: '1.0' })
    expect(signature).toBe(
      oauthSignature('1.0a', consumer, 'GET', `${provider.url}/access`, signed, {
        key: 'zx cv',
        secret: 'asdf+',
      }),
    )
    expect((await browser.get('/login?oauth_token=zx+cv')).text()).toBe('Missing OAuth request token cookie')
  })

  it('B-auth-006 refuses another token, and a user who cannot be told', async () => {
    await using provider = await Provider.serve(answer)
    await using app = await serveLogin(login(provider) as never)
    const browser = new Browser(app)
    await browser.redirected('/login')
    expect((await browser.get('/login?oauth_token=other')).text()).toBe('Request token does not match cookie')
    // The cookie was for one try.
    expect((await browser.get('/login?oauth_token=zx+cv')).text()).toBe('Missing OAuth request token cookie')
    for (const user of [null, {}]) {
      await using nobody = await serveLogin(login(provider, { user }) as never)
      const there = new Browser(nobody)
      await there.redirected('/login')
      expect((await there.get('/login?oauth_token=zx+cv')).text()).toBe('Error getting user')
    }
  })

  it('B-auth-007 a service without callbacks takes none', async () => {
    await using provider = await Provider.serve(answer)
    await using app = await serveLogin(login(provider, { noCallbacks: true, callbackUri: '/x' }) as never)
    expect((await app.fetch('/login')).text()).toBe('This service does not support oauth_callback')
    expect(provider.asked).toEqual([])
  })

  it('tells of a provider that gives no token, and of what a subclass lacks', async () => {
    await using provider = await Provider.serve(answer)
    await using app = await serveLogin(login(provider, { requestUrl: '/broken' }) as never)
    expect((await app.fetch('/login')).text()).toBe('OAuth request token: the answer has none')
    await using gone = await serveLogin(login(provider, { requestUrl: '/none' }) as never)
    expect((await gone.fetch('/login')).text()).toMatch(/^OAuth request token: \S+ answered 404/)
    class Bare extends OAuthMixin(RequestHandler) {
      override async get(): Promise<void> {
        const error: unknown = await this.authorizeRedirect().catch((thrown: unknown) => thrown)
        this.write((error as Error).message)
      }
    }
    await using bare = await serveLogin(Bare)
    expect((await bare.fetch('/login')).text()).toBe('Bare has no static _OAUTH_REQUEST_TOKEN_URL')
  })
})

describe('oauthSignature', () => {
  it('B-auth-008 signs the example of RFC 5849 §1.2', () => {
    const args = {
      oauth_consumer_key: 'dpf43f3p2l4k3l03',
      oauth_token: 'nnch734d00sl2jdk',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '137131202',
      oauth_nonce: 'chapoH',
      file: 'vacation.jpg',
      size: 'original',
    }
    const secrets = [
      { key: '', secret: 'kd94hf93k423kf44' },
      { key: '', secret: 'pfkkdhi9sl3r4s00' },
    ] as const
    const sign = (version: OAuthVersion): string =>
      oauthSignature(version, secrets[0], 'get', 'http://PHOTOS.example.net:80/photos', args, secrets[1])
    expect(sign('1.0a')).toBe('MdpQcU8iPSUjWoN/UDMsK2sui9I=')
    expect(sign('1.0')).toBe('MdpQcU8iPSUjWoN/UDMsK2sui9I=')
  })

  it('B-auth-008 signs the query of the URL too, names that come twice included: RFC 5849 §3.4.1', () => {
    const args = {
      oauth_consumer_key: '9djdj82h48djs9d2',
      oauth_token: 'kkk9d7dh3k39sjv7',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '137131201',
      oauth_nonce: '7d8f3e4a',
      c2: '',
      a3: '2 q',
    }
    const consumer = { key: '9djdj82h48djs9d2', secret: 'j49sk3j29djd' }
    const token = { key: 'kkk9d7dh3k39sjv7', secret: 'dh893hdasih9' }
    const sign = (url: string): string => oauthSignature('1.0a', consumer, 'POST', url, args, token)
    // §3.1 prints another one; this is that of the base string in §3.4.1.1.
    const signature = 'r6/TJjbCOr97/+UU0NsvSne7s5g='
    const base =
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26' +
      'oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26' +
      'oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7'
    expect(hmacSha1('j49sk3j29djd&dh893hdasih9', Buffer.from(base))).toBe(signature)
    expect(sign('http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b')).toBe(signature)
    expect(sign('http://EXAMPLE.com:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&a3=2+q')).toBe(signature)
  })

  it('B-auth-008 encodes secrets in 1.0a alone, and everything but letters, digits and -._~', () => {
    const sign = (version: OAuthVersion, secret: string): string =>
      oauthSignature(version, { key: '', secret }, 'POST', 'https://x.org/a', { a: "!'()*~ é" })
    expect(sign('1.0a', 'a&b')).not.toBe(sign('1.0', 'a&b'))
    expect(sign('1.0a', 'a&b')).toBe(sign('1.0', 'a%26b'))
    const encoded = Buffer.from('POST&https%3A%2F%2Fx.org%2Fa&a%3D%2521%2527%2528%2529%252A~%2520%25C3%25A9')
    expect(sign('1.0', 'plain')).toBe(hmacSha1('plain&', encoded))
  })
})

describe('TwitterMixin', () => {
  it('B-auth-001 names the settings that are missing', async () => {
    class Login extends TwitterMixin(RequestHandler) {
      override async get(): Promise<void> {
        const error: unknown = await this.authorizeRedirect().catch((reason: unknown) => reason)
        this.write((error as Error).message)
      }
    }
    for (const [settings, name] of [
      [{}, 'twitterConsumerKey'],
      [{ twitterConsumerKey: 'consumer' }, 'twitterConsumerSecret'],
    ] as const) {
      await using app = await serveLogin(Login, settings)
      expect((await app.fetch('/login')).text()).toMatch(`You must define the '${name}' setting`)
    }
  })

  it('B-auth-014 reads its settings, adds .json, keeps whole URLs, and names the user', async () => {
    await using provider = await Provider.serve(answer)
    class Login extends TwitterMixin(RequestHandler) {
      static override _OAUTH_REQUEST_TOKEN_URL = `${provider.url}/request`
      static override _OAUTH_ACCESS_TOKEN_URL = `${provider.url}/access`
      static override _OAUTH_AUTHORIZE_URL = `${provider.url}/authorize`
      static override _OAUTH_AUTHENTICATE_URL = `${provider.url}/authenticate`
      static override _TWITTER_BASE_URL = provider.url

      override async get(): Promise<void> {
        if (this.getArgument('oauth_token', null) === null) {
          if (this.getArgument('again', null) === null) await this.authorizeRedirect()
          else await this.authenticateRedirect()
          return
        }
        const user = await this.getAuthenticatedUser()
        const posted = await this.twitterRequest(`${provider.url}/post.json`, {
          accessToken: user.access_token,
          postArgs: { status: 'hi there' },
          args: { page: '2' },
        })
        const missing: unknown = await this.twitterRequest('/missing').catch((error: unknown) => error)
        this.write({ user, posted, missing: (missing as Error).name })
      }
    }
    const settings = { twitterConsumerKey: 'consumer', twitterConsumerSecret: 'c&s' }
    await using app = await serveLogin(Login, settings)
    const browser = new Browser(app)
    expect((await browser.redirected('/login')).pathname).toBe('/authorize')
    expect((await browser.redirected('/login?again=1')).pathname).toBe('/authenticate')
    expect((await browser.get('/login?oauth_token=zx+cv')).json()).toMatchObject({
      user: {
        name: 'Foo',
        username: 'foo',
        screen_name: 'foo',
        access_token: { key: 'access', secret: 'as' },
      },
      posted: { posted: true },
      missing: 'AuthError',
    })
    const { method, args } = provider.request('/post.json')
    const { oauth_signature: signature, ...signed } = args
    expect(signed).toMatchObject({ status: 'hi there', page: '2', oauth_token: 'access' })
    const token = { key: 'access', secret: 'as' }
    expect(signature).toBe(
      oauthSignature('1.0a', consumer, method, `${provider.url}/post.json`, signed, token),
    )
    expect(provider.asked.some(({ path }) => path === '/missing.json')).toBe(true)
  })
})

function hmacSha1(key: string, data: Buffer): string {
  return createHmac('sha1', key).update(data).digest('base64')
}
