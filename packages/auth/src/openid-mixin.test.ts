import { RequestHandler } from '@tornado-ts/web'
import { describe, expect, it } from 'vitest'
import { Browser } from '../fixtures/browser.ts'
import { Provider, serveLogin } from '../fixtures/provider.ts'
import { OpenIdMixin } from './openid-mixin.ts'

/** A login handler; what it throws is answered as text. */
function login(provider: Provider): new (...args: never[]) => RequestHandler {
  return class extends OpenIdMixin(RequestHandler) {
    static override _OPENID_ENDPOINT = `${provider.url}/openid`

    override async get(): Promise<void> {
      try {
        if (this.getArgument('openid.mode', null) === null) {
          const axAttrs = this.getArgument('ax', null)
          this.authenticateRedirect(axAttrs === null ? {} : { axAttrs: axAttrs.split(',') })
        } else this.write(await this.getAuthenticatedUser())
      } catch (error) {
        this.write((error as Error).message)
      }
    }
  }
}

function answer(returnTo: string, changes: Record<string, string> = {}): string {
  const args: Record<string, string> = {
    'openid.mode': 'id_res',
    'openid.return_to': returnTo,
    'openid.claimed_id': 'https://id.example/foo',
    'openid.ns.ext1': 'http://openid.net/srv/ax/1.0',
    'openid.ext1.type.email': 'http://axschema.org/contact/email',
    'openid.ext1.value.email': 'foo@example.com',
    'openid.ext1.type.first': 'http://axschema.org/namePerson/first',
    'openid.ext1.value.first': 'Foo',
    'openid.ext1.type.last': 'http://axschema.org/namePerson/last',
    'openid.ext1.value.last': 'Bär',
    'openid.ext1.type.lang': 'http://axschema.org/pref/language',
    'openid.ext1.value.lang': 'EN-US',
    'openid.ext1.type.nick': 'http://axschema.org/namePerson/friendly',
    'openid.ext1.value.nick': 'foo',
    ...changes,
  }
  args['openid.signed'] ??= Object.keys(args)
    .filter((name) => name !== 'openid.mode')
    .map((name) => name.slice('openid.'.length))
    .join(',')
  return `/login?${new URLSearchParams(args)}`
}

describe('OpenIdMixin', () => {
  it('B-auth-002 redirects with the arguments of OpenID 2.0 and attribute exchange', async () => {
    await using provider = await Provider.serve(() => '')
    await using app = await serveLogin(login(provider) as never)
    const location = await new Browser(app).redirected('/login')
    expect(location.origin + location.pathname).toBe(`${provider.url}/openid`)
    const select = 'http://specs.openid.net/auth/2.0/identifier_select'
    expect(Object.fromEntries(location.searchParams)).toEqual({
      'openid.ns': 'http://specs.openid.net/auth/2.0',
      'openid.claimed_id': select,
      'openid.identity': select,
      'openid.return_to': `${app.url}/login`,
      'openid.realm': `${app.url}/`,
      'openid.mode': 'checkid_setup',
      'openid.ns.ax': 'http://openid.net/srv/ax/1.0',
      'openid.ax.mode': 'fetch_request',
      'openid.ax.required': 'firstname,fullname,lastname,email,language,username',
      'openid.ax.type.firstname': 'http://axschema.org/namePerson/first',
      'openid.ax.type.fullname': 'http://axschema.org/namePerson',
      'openid.ax.type.lastname': 'http://axschema.org/namePerson/last',
      'openid.ax.type.email': 'http://axschema.org/contact/email',
      'openid.ax.type.language': 'http://axschema.org/pref/language',
      'openid.ax.type.username': 'http://axschema.org/namePerson/friendly',
    })
    const email = (await new Browser(app).redirected('/login?ax=email')).searchParams
    expect(email.get('openid.ax.required')).toBe('email')
  })

  it('B-auth-003 has the provider confirm the answer, and tells of the user', async () => {
    await using provider = await Provider.serve(() => 'ns:http://specs.openid.net/auth/2.0\nis_valid:true\n')
    await using app = await serveLogin(login(provider) as never)
    const response = await app.fetch(answer(`${app.url}/login`))
    expect(response.json()).toEqual({
      first_name: 'Foo',
      last_name: 'Bär',
      name: 'Foo Bär',
      email: 'foo@example.com',
      locale: 'en-us',
      username: 'foo',
      claimed_id: 'https://id.example/foo',
    })
    expect(provider.request('/openid')).toMatchObject({
      method: 'POST',
      args: { 'openid.mode': 'check_authentication', 'openid.ext1.value.email': 'foo@example.com' },
    })
  })

  it.each(['x_is_valid:true', 'is_valid:trueX', 'is_valid:false', 'is_valid: true', ''])(
    'B-auth-003 Tornado 6.5.6: only a whole line counts, not %j',
    async (line) => {
      await using provider = await Provider.serve(() => `ns:x\n${line}\n`)
      await using app = await serveLogin(login(provider) as never)
      expect((await app.fetch(answer(`${app.url}/login`))).text()).toBe('Invalid OpenID response')
    },
  )

  it('B-auth-003 believes only what is signed, and meant for this page', async () => {
    await using provider = await Provider.serve(() => 'is_valid:true\n')
    await using app = await serveLogin(login(provider) as never)
    const here = `${app.url}/login`
    const signed = 'return_to,ns.ext1,ext1.type.email,ext1.value.email'
    const added = await app.fetch(answer(here, { 'openid.signed': signed }))
    expect(added.json()).toEqual({ name: 'foo', email: 'foo@example.com' })
    const nothing = await app.fetch(
      answer(here, { 'openid.signed': 'return_to,ext1.type.email,ext1.value.email' }),
    )
    expect(nothing.json()).toEqual({})
    for (const other of ['https://evil.example/login', `${app.url}/other`, 'no url', '']) {
      expect((await app.fetch(answer(other))).text()).toBe('OpenID response is for another URL')
    }
    expect((await app.fetch(answer(here, { 'openid.mode': 'cancel' }))).text()).toBe(
      'The user refused the login',
    )
    expect((await app.fetch(answer(here, { 'openid.mode': 'x' }))).text()).toBe('Invalid OpenID response')
  })
})
