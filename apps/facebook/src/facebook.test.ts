import { expectLog, serve, type ServedApplication } from '@tornado-ts/testing'
import { describe, expect, it } from 'vitest'
import { makeApplication } from './application.ts'
import { LoginHandler, MainHandler } from './handlers.ts'
import { postsOf } from './post.ts'
import { Graph } from './test/graph.ts'
import { Visitor } from '../../../scripts/vitest/visitor.ts'

async function open(graph: Graph): Promise<ServedApplication> {
  class TestLogin extends LoginHandler {
    static override _OAUTH_AUTHORIZE_URL = `${graph.url}/dialog`
    static override _OAUTH_ACCESS_TOKEN_URL = `${graph.url}/token`
    static override _FACEBOOK_BASE_URL = graph.url
  }
  class TestMain extends MainHandler {
    static override _FACEBOOK_BASE_URL = graph.url
  }
  const settings = {
    facebookApiKey: 'key',
    facebookSecret: 'secret',
    cookieSecret: 'a secret of this test',
    logFunction: () => {},
  }
  return await serve(makeApplication(settings, { main: TestMain, login: TestLogin }))
}

/** Goes to the provider and comes back with a code. */
async function logIn(visitor: Visitor): Promise<URL> {
  const dialog = await visitor.redirected('/auth/login?next=%2F%3Fa%3D1')
  const { redirect_uri: back = '', state = '' } = Object.fromEntries(dialog.searchParams)
  return await visitor.redirected(`${back}&${new URLSearchParams({ code: 'code-1', state })}`)
}

describe('facebook', () => {
  it('B-demo-003 logs in, shows the stream by a module, and posts', async () => {
    await using graph = await Graph.serve()
    await using app = await open(graph)
    const visitor = new Visitor(app)
    const login = await visitor.redirected('/')
    expect(login.pathname + login.search).toBe('/auth/login?next=%2F')
    const dialog = await visitor.redirected('/auth/login')
    expect([dialog.origin + dialog.pathname, dialog.searchParams.get('client_id')]).toEqual([
      `${graph.url}/dialog`,
      'key',
    ])
    const after = await logIn(visitor)
    expect([after.origin, after.pathname + after.search]).toEqual([app.url, '/?a=1'])

    expect((await visitor.get('/')).text()).toContain('There is no news.')
    const posted = await visitor.post('/', { message: 'See https://example.org <script>' })
    expect([posted.code, posted.headers.get('Location')]).toEqual([303, '/'])
    const page = (await visitor.get('/')).text()
    expect(page).toContain('<b>Ann &lt;b&gt;</b> · <time datetime="2026-11-05T07:08:09.000Z">')
    expect(page).toContain('<a href="https://example.org">https://example.org</a> &lt;script&gt;')
    expect(page).toMatch(/\/static\/post\.css\?v=\w+/)
    expect(page).not.toContain('token-1')
    expect((await visitor.post('/auth/logout')).code).toBe(200)
    expect((await visitor.redirected('/')).pathname).toBe('/auth/login')
  })

  it('a login that another browser began is refused, and so are forms without the token or a text', async () => {
    using refusedLogin = expectLog(
      'tornado.application',
      /^Uncaught exception GET \/auth\/login\?… \(127\.0\.0\.1\)$/,
    )
    using refusedForm = expectLog(
      'tornado.general',
      /^403 POST \/ \(127\.0\.0\.1\): XSRF cookie does not match POST argument$/,
    )
    await using graph = await Graph.serve()
    await using app = await open(graph)
    const visitor = new Visitor(app)
    const dialog = await visitor.redirected('/auth/login')
    const stolen = new Visitor(app)
    const state = dialog.searchParams.get('state')!
    expect((await stolen.get(`/auth/login?code=code-1&state=${state}`)).code).toBe(502)
    expect(stolen.cookies.has('facebook_user')).toBe(false)
    expect(refusedLogin.records[0]?.error).toMatchObject({ message: 'Missing OAuth 2.0 state cookie' })
    await logIn(visitor)
    await visitor.get('/')
    expect((await visitor.post('/', { message: 'x', _xsrf: 'other' })).code).toBe(403)
    expect((await visitor.post('/', { message: ' ' })).code).toBe(400)
    expect((await visitor.post('/', { message: 'x'.repeat(5_001) })).code).toBe(400)
    expect(graph.posts).toEqual([])
    expect([refusedLogin.matched, refusedForm.matched]).toEqual([1, 1])
  })

  it('who does not agree at Facebook is not sent there again', async () => {
    await using graph = await Graph.serve()
    await using app = await open(graph)
    const declined = await new Visitor(app).get('/auth/login?error=access_denied')
    expect([declined.code, declined.text()]).toEqual([403, expect.stringContaining('You are not signed in')])
  })

  it('forgets a user whose access token holds no more', async () => {
    using refusedToken = expectLog('tornado.application', /^Uncaught exception GET \/ \(127\.0\.0\.1\)$/)
    await using graph = await Graph.serve()
    await using app = await open(graph)
    const visitor = new Visitor(app)
    await logIn(visitor)
    graph.refuses = true
    const refused = await visitor.get('/')
    expect([refused.code, refused.text()]).toEqual([502, 'Facebook refuses. <a href="/">Sign in again</a>\n'])
    expect(visitor.cookies.has('facebook_user')).toBe(false)
    expect(refusedToken.records.map(({ error }) => (error as Error).name)).toEqual(['AuthError'])
  })

  it('takes no more of an answer than is a post', () => {
    expect(postsOf(null)).toEqual([])
    expect(postsOf({ data: 'x' })).toEqual([])
    const data = [
      null,
      1,
      { id: '1' },
      { id: '2', message: 'a', link: 'javascript:alert(1)', created_time: 'x' },
    ]
    expect(postsOf({ data })).toEqual([{ id: '2', author: '', message: 'a', link: null, createdAt: null }])
  })
})
