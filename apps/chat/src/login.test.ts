import { Application, RequestHandler } from '@tornado-ts/web'
import { afterEach, expect, it } from 'vitest'
import { FacebookLoginHandler, GoogleLoginHandler } from './handlers/provider-login.ts'
import { Browser } from './test/browser.ts'
import { ChatServer } from './test/chat-server.ts'

/** Stands in for Google and Facebook. */
class Provider extends RequestHandler {
  static asked: string[] = []

  override get(): void {
    this.#answer()
  }

  override post(): void {
    this.#answer()
  }

  #answer(): void {
    const { path } = this.request
    Provider.asked.push(`${path} ${this.getArgument('code', '')}`.trim())
    if (path === '/token') this.write({ access_token: 'the-token' })
    else this.write({ id: '12345', name: 'Grace Hopper <b>' })
  }
}

const google = Object.entries(GoogleLoginHandler)
const facebook = Object.entries(FacebookLoginHandler)

afterEach(() => {
  Object.assign(GoogleLoginHandler, Object.fromEntries(google))
  Object.assign(FacebookLoginHandler, Object.fromEntries(facebook))
  Provider.asked = []
})

it.each(['google', 'facebook'] as const)(
  'B-demo-005 people come in with %s, and a signed cookie keeps who they are',
  async (name) => {
    const provider = new Application([['/.*', Provider]], { logFunction: () => {} }).listen(0, {
      address: '127.0.0.1',
    })
    await using _ = provider
    const url = await provider.url()
    Object.assign(name === 'google' ? GoogleLoginHandler : FacebookLoginHandler, {
      _OAUTH_AUTHORIZE_URL: `${url}/authorize`,
      _OAUTH_ACCESS_TOKEN_URL: `${url}/token`,
      _OAUTH_USERINFO_URL: `${url}/user`,
      _FACEBOOK_BASE_URL: url,
    })
    const settings = {
      googleOauth: { key: 'key', secret: 'secret' },
      facebookApiKey: 'key',
      facebookSecret: 'secret',
      guests: false,
    }
    await using server = await ChatServer.start({ settings })
    const browser = new Browser(server.url)
    const page = await browser.page('/login?next=/r/tea')
    expect(page).toContain(`href="/login/${name}?next=%2Fr%2Ftea"`)
    expect(page).not.toContain('id="name"')
    const away = await browser.get(`/login/${name}?next=/r/tea`)
    const authorize = new URL(away.headers.get('Location')!)
    expect([authorize.origin, authorize.searchParams.get('client_id')]).toEqual([url, 'key'])
    const back = new URL(authorize.searchParams.get('redirect_uri')!)
    expect(back.pathname).toBe(`/login/${name}`)
    const state = authorize.searchParams.get('state')!
    const home = await browser.get(`${back.pathname}?code=the-code&state=${encodeURIComponent(state)}`)
    expect([home.status, home.headers.get('Location')]).toEqual([302, '/r/tea'])
    expect(Provider.asked).toEqual(['/token the-code', name === 'google' ? '/user' : '/me'])
    const room = await browser.page('/r/tea')
    expect(room).toContain('<p class="name">Grace Hopper &lt;b&gt;</p>')
    expect(room).not.toContain('12345')

    // Whoever does not agree there is not sent there again.
    const other = new Browser(server.url)
    await other.get(`/login/${name}?next=/r/tea`)
    const declined = await other.get(`${back.pathname}?error=access_denied`)
    expect([declined.status, declined.headers.get('Location')]).toEqual([302, '/login?next=%2Fr%2Ftea'])
  },
)

it('a name that cannot be shown is asked for again; leaving forgets; a language is remembered', async () => {
  await using server = await ChatServer.start({ loginRate: { perSecond: 0.01, burst: 2 } })
  const browser = new Browser(server.url)
  const refused = await browser.login('\u200b')
  expect(refused.status).toBe(400)
  expect(await refused.text()).toContain('role="alert"')
  expect((await browser.login('Ann')).headers.get('Location')).toBe('/')
  expect(await browser.page('/')).toContain('<p class="name">Ann</p>')
  expect(await browser.page('/', { 'Accept-Language': 'zh-CN,zh;q=0.9' })).toContain('<html lang="zh')
  await browser.post('/language', { code: 'zh' })
  expect(await browser.page('/')).toContain('>发送</button>')
  expect((await browser.post('/logout', {})).headers.get('Location')).toBe('/login')
  expect((await browser.get('/')).status).toBe(302)
  await browser.login('Bo')
  expect((await browser.login('Cy')).status).toBe(429)
})

it('pages say what browsers may do with them; rooms have one address; what is not there has a page', async () => {
  await using server = await ChatServer.start()
  const ann = await server.person('Ann')
  const { headers } = await ann.get('/')
  expect(headers.get('Content-Security-Policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/)
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
  expect((await ann.get('/r/Tea')).headers.get('Location')).toBe('/r/tea')
  expect((await ann.get('/r?room=Green+Tea')).headers.get('Location')).toBe('/r/green-tea')
  for (const path of ['/r/a%2Fb', '/r?room=%3Cb%3E', '/nothing']) {
    const response = await ann.get(path)
    expect([path, response.status]).toEqual([path, 404])
    expect(await response.text()).toContain('There is no such page')
  }
})
