import { inspect } from 'node:util'
import { SignJWT } from 'jose'
import { RequestHandler } from '@tornado-ts/web'
import { describe, expect, it } from 'vitest'
import { Browser } from '../fixtures/browser.ts'
import { OpenIDProvider, type ProviderChanges } from '../fixtures/openid-provider.ts'
import { serveLogin } from '../fixtures/provider.ts'
import { AuthError } from './errors.ts'
import { OpenIDConnectClient, type OpenIDConnectClientOptions } from './openid-connect-client.ts'
import { OpenIDConnectMixin } from './openid-connect-mixin.ts'
import type { TokenSet } from './token-set.ts'

const redirectUri = 'http://localhost/login'

function clientOf(
  provider: OpenIDProvider,
  options: Partial<OpenIDConnectClientOptions> = {},
): OpenIDConnectClient {
  return new OpenIDConnectClient({
    issuer: provider.issuer,
    clientId: 'client',
    clientSecret: 'client:secret',
    ...options,
  })
}

/** Begins a login, has the provider grant it, and ends it. */
async function logIn(
  provider: OpenIDProvider,
  client: OpenIDConnectClient,
  options: { maxAgeMs?: number } = {},
): Promise<TokenSet> {
  const { url, transaction } = await client.authenticationRequest({ redirectUri, ...options })
  const answer = new URL(provider.grant(new URL(url))).searchParams
  return await client.authenticationResponse(answer, transaction)
}

describe('OpenIDConnectClient', () => {
  it('tornado#2446 tornado#1067 tornado#1441 discovers the provider, sends PKCE, state and nonce, and checks the ID token', async () => {
    await using provider = await OpenIDProvider.serve()
    const client = clientOf(provider)
    const { url, transaction } = await client.authenticationRequest({
      redirectUri,
      scope: ['email', 'openid'],
      maxAgeMs: 90_500,
      extraParams: { prompt: 'login', state: 'not this' },
    })
    const random = expect.stringMatching(/^[\w-]{43}$/)
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      tenant: '1',
      prompt: 'login',
      max_age: '90',
      response_type: 'code',
      client_id: 'client',
      redirect_uri: redirectUri,
      scope: 'openid email',
      state: random,
      nonce: random,
      code_challenge: random,
      code_challenge_method: 'S256',
    })
    expect(new Set([transaction.state, transaction.nonce, transaction.codeVerifier]).size).toBe(3)
    expect(url).not.toContain(transaction.codeVerifier)

    provider.changes = { claims: { auth_time: Math.floor(Date.now() / 1000) - 80 } }
    const tokens = await client.authenticationResponse(
      new URL(provider.grant(new URL(url))).searchParams,
      transaction,
    )
    expect(tokens.claims).toMatchObject({ sub: 'user-7', email: 'f@x.org', iss: provider.issuer })
    expect(tokens).toMatchObject({
      accessToken: 'access-secret',
      expiresInMs: 3_600_000,
      scope: ['openid', 'email'],
    })
    await expect(client.userInfo(tokens)).resolves.toMatchObject({ name: 'Foo' })
    await expect(client.endSessionUrl({ postLogoutRedirectUri: 'http://localhost/' })).resolves.toBe(
      `${provider.issuer}/logout?client_id=client&post_logout_redirect_uri=http%3A%2F%2Flocalhost%2F`,
    )
    await logIn(provider, client)
    const paths = provider.provider.asked.map(({ path }) => path)
    expect(paths.filter((path) => path.startsWith('/.well-known'))).toHaveLength(1)
    expect(paths.filter((path) => path === '/keys')).toHaveLength(1)
  })

  it('shows no token when it is printed', async () => {
    await using provider = await OpenIDProvider.serve()
    const tokens = await logIn(provider, clientOf(provider))
    const texts = [inspect(tokens, { depth: 9, showHidden: true }), JSON.stringify(tokens), String(tokens)]
    for (const secret of ['access-secret', 'refresh-secret', tokens.idToken]) {
      for (const text of texts) expect(text).not.toContain(secret)
    }
  })

  it('tells no token that cannot be sent', async () => {
    await using provider = await OpenIDProvider.serve()
    const client = clientOf(provider)
    provider.changes = { claims: { at_hash: undefined }, tokens: { access_token: 'access-secret\r\nX: y' } }
    const tokens = await logIn(provider, client)
    const error = await client.userInfo(tokens).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(AuthError)
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('secret')
    expect((error as AuthError).message).toMatch(
      /^OpenID userinfo: no answer of 127\.0\.0\.1:\d+ \(HTTPOutputError\)$/,
    )
  })

  it('refreshes, for the same user alone', async () => {
    await using provider = await OpenIDProvider.serve()
    const client = clientOf(provider)
    const tokens = await logIn(provider, client)
    await expect(client.refresh(tokens)).resolves.toMatchObject({ claims: { sub: 'user-7' } })
    provider.changes = { tokens: { id_token: undefined, refresh_token: undefined } }
    const kept = await client.refresh(tokens)
    expect([kept.idToken, kept.refreshToken]).toEqual([tokens.idToken, 'refresh-secret'])
    provider.changes = { claims: { sub: 'other' } }
    await expect(client.refresh(tokens)).rejects.toThrow('OpenID tokens are of another user')
  })

  it('fetches the keys again when a token is signed by a new one, but not at each', async () => {
    await using provider = await OpenIDProvider.serve()
    const client = clientOf(provider)
    await logIn(provider, client)
    await provider.changeKey()
    // Fetched a moment ago: whoever sends tokens with made-up keys must not make it ask again and again.
    await expect(logIn(provider, client)).rejects.toThrow('ID token is not valid: its key is unknown')
    const patient = clientOf(provider, { keysMinAgeMs: -1 })
    await logIn(provider, patient)
    await provider.changeKey()
    await expect(logIn(provider, patient)).resolves.toMatchObject({ claims: { sub: 'user-7' } })
  })

  it('sends the secret as the provider takes it', async () => {
    await using provider = await OpenIDProvider.serve()
    provider.changes = { metadata: { token_endpoint_auth_methods_supported: ['client_secret_post'] } }
    await logIn(provider, clientOf(provider))
    expect(provider.provider.request('/token')).toMatchObject({
      authorization: undefined,
      args: { client_id: 'client', client_secret: 'client:secret' },
    })
    const publicClient = { issuer: provider.issuer, clientId: 'client' }
    await expect(logIn(provider, new OpenIDConnectClient(publicClient))).rejects.toMatchObject({
      name: 'AuthError',
      code: 'invalid_grant',
    })
  })

  const now = Math.floor(Date.now() / 1000)
  const wrong: [string, ProviderChanges, string][] = [
    ['of another issuer', { claims: { iss: 'https://evil.example' } }, 'unexpected "iss"'],
    ['for another client', { claims: { aud: 'other' } }, 'unexpected "aud"'],
    ['for several clients, unsaid for which', { claims: { aud: ['client', 'other'] } }, 'unexpected "azp"'],
    ['given to another client', { claims: { azp: 'other' } }, 'unexpected "azp"'],
    ['that has ended', { claims: { exp: now - 3600 } }, 'unexpected "exp"'],
    ['without an end', { claims: { exp: undefined } }, 'unexpected "exp"'],
    ['without a time', { claims: { iat: undefined } }, 'unexpected "iat"'],
    ['not valid yet', { claims: { nbf: now + 3600 } }, 'unexpected "nbf"'],
    ['without a user', { claims: { sub: undefined } }, 'unexpected "sub"'],
    ['with an empty user', { claims: { sub: '' } }, 'unexpected "sub"'],
    ['of another login', { claims: { nonce: 'other' } }, 'unexpected "nonce"'],
    ['without a nonce', { claims: { nonce: undefined } }, 'unexpected "nonce"'],
    ['for another access token', { claims: { at_hash: 'other' } }, 'unexpected "at_hash"'],
    ['that is none', { tokens: { id_token: 'x.y' } }, 'ID token is not valid'],
    ['that is missing', { tokens: { id_token: undefined } }, 'has no ID token'],
    ['signed by nobody', { sign: (claims) => unsigned(claims) }, 'ID token is not valid'],
    ['signed by the client secret', { sign: (claims) => signedBySecret(claims) }, 'ID token is not valid'],
  ]
  it.each(wrong)('refuses an ID token %s', async (_name, changes, message) => {
    await using provider = await OpenIDProvider.serve()
    provider.changes = changes
    const error: unknown = await logIn(provider, clientOf(provider)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AuthError)
    expect((error as AuthError).message).toContain(message)
    expect(inspect(error, { depth: 9 })).not.toMatch(/secret|eyJ/)
  })

  it('refuses an ID token whose signature is of other claims', async () => {
    await using provider = await OpenIDProvider.serve()
    provider.changes = {
      async sign(claims) {
        const [head, , signature] = (await provider.sign({ ...claims, sub: 'attacker' })).split('.')
        return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
      },
    }
    await expect(logIn(provider, clientOf(provider))).rejects.toThrow('ERR_JWS_SIGNATURE_VERIFICATION_FAILED')
  })

  it('refuses a user who proved who they are too long ago, or unsaid when', async () => {
    await using provider = await OpenIDProvider.serve()
    const client = clientOf(provider)
    await expect(logIn(provider, client, { maxAgeMs: 60_000 })).rejects.toThrow('unexpected "auth_time"')
    provider.changes = { claims: { auth_time: now - 600 } }
    await expect(logIn(provider, client, { maxAgeMs: 60_000 })).rejects.toThrow('unexpected "auth_time"')
  })

  it('refuses an answer of another login, another provider, or with an error', async () => {
    await using provider = await OpenIDProvider.serve()
    const client = clientOf(provider)
    const { transaction } = await client.authenticationRequest({ redirectUri })
    const { state } = transaction
    const answered = (answer: Record<string, string>): Promise<TokenSet> =>
      client.authenticationResponse(answer, transaction)
    await expect(answered({ state: 'other', code: 'x' })).rejects.toThrow('state does not match')
    await expect(answered({ code: 'x' })).rejects.toThrow('state does not match')
    await expect(answered({ state, code: 'x', iss: 'https://evil.example' })).rejects.toThrow(
      'of another issuer',
    )
    await expect(answered({ state })).rejects.toThrow('has no code')
    await expect(answered({ state, error: 'access_denied' })).rejects.toMatchObject({
      message: 'The provider refused the login: access_denied',
      code: 'access_denied',
    })
    await expect(answered({ state, error: '<script>' })).rejects.toThrow(/^The provider refused the login$/)
    provider.changes = { metadata: { authorization_response_iss_parameter_supported: true } }
    const strict = clientOf(provider)
    const begun = await strict.authenticationRequest({ redirectUri })
    await expect(
      strict.authenticationResponse({ state: begun.transaction.state, code: 'x' }, begun.transaction),
    ).rejects.toThrow('of another issuer')
  })

  it('a stolen code is worth nothing without the verifier of its login (RFC 7636)', async () => {
    await using provider = await OpenIDProvider.serve()
    const client = clientOf(provider)
    const victim = await client.authenticationRequest({ redirectUri })
    const code = new URL(provider.grant(new URL(victim.url))).searchParams.get('code')!
    const { transaction } = await client.authenticationRequest({ redirectUri })
    await expect(
      client.authenticationResponse({ state: transaction.state, code }, transaction),
    ).rejects.toMatchObject({ code: 'invalid_grant' })
  })

  it('refuses userinfo of another user, and other answers that are not what was asked for', async () => {
    await using provider = await OpenIDProvider.serve()
    const client = clientOf(provider)
    const tokens = await logIn(provider, client)
    provider.changes = { userInfo: { sub: 'other' } }
    await expect(client.userInfo(tokens)).rejects.toThrow('OpenID userinfo is of another user')
    provider.changes = { tokens: { token_type: 'mac' } }
    await expect(logIn(provider, client)).rejects.toThrow('has no bearer token')
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['of another issuer', { issuer: 'https://evil.example' }, 'names another issuer'],
    [
      'with a plain address',
      { token_endpoint: 'http://x.org/token' },
      'token_endpoint of a provider must be an https',
    ],
    ['without keys', { jwks_uri: undefined }, 'jwks_uri of a provider must be an https'],
    [
      'with a script as page',
      { end_session_endpoint: 'javascript:alert(1)' },
      'end_session_endpoint of a provider',
    ],
  ])('refuses metadata %s, and asks again the next time', async (_name, metadata, message) => {
    await using provider = await OpenIDProvider.serve()
    provider.changes = { metadata }
    const client = clientOf(provider)
    await expect(client.authenticationRequest({ redirectUri })).rejects.toThrow(message)
    provider.changes = {}
    await expect(client.discover()).resolves.toMatchObject({ issuer: provider.issuer })
  })

  it('asks no issuer over plain http, but on this machine', async () => {
    const client = new OpenIDConnectClient({ issuer: 'http://id.example', clientId: 'x' })
    await expect(client.discover()).rejects.toThrow('The issuer of a provider must be an https URL')
  })
})

describe('OpenIDConnectMixin', () => {
  function login(client: OpenIDConnectClient): new (...args: never[]) => RequestHandler {
    return class extends OpenIDConnectMixin(RequestHandler) {
      override getOpenIDConnectClient(): OpenIDConnectClient {
        return client
      }

      override async get(): Promise<void> {
        try {
          if (this.isOpenIDConnectAnswer()) {
            const { tokens, next } = await this.getAuthenticatedUser()
            this.write({ sub: tokens.claims.sub, next })
          } else await this.authorizeRedirect({ next: this.getArgument('next', '/') })
        } catch (error) {
          this.write((error as Error).message)
        }
      }
    }
  }

  it('logs in by a signed cookie of this browser, once, and knows where the user wanted to go', async () => {
    await using provider = await OpenIDProvider.serve()
    await using app = await serveLogin(login(clientOf(provider)) as never)
    const browser = new Browser(app)
    const back = provider.grant(await browser.redirected('/login?next=%2Frooms%3Fa%3D1'))
    expect(back.startsWith(`${app.url}/login?`)).toBe(true)
    const attributes = browser.attributes.get('_openid_connect')
    for (const wanted of [/HttpOnly/i, /SameSite=Lax/i, /Max-Age=600|expires/i])
      expect(attributes).toMatch(wanted)
    expect((await browser.get(back)).json()).toEqual({ sub: 'user-7', next: '/rooms?a=1' })
    expect(browser.cookies.size).toBe(0)
    expect((await browser.get(back)).text()).toBe('Missing OpenID Connect cookie')
  })

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '',
  ])('goes nowhere else: %j', async (next) => {
    await using provider = await OpenIDProvider.serve()
    await using app = await serveLogin(login(clientOf(provider)) as never)
    const browser = new Browser(app)
    const back = provider.grant(await browser.redirected(`/login?next=${encodeURIComponent(next)}`))
    const { next: where } = (await browser.get(back)).json() as { next: string }
    expect(new URL(where, app.url).origin).toBe(app.url)
  })

  it('refuses the answer to another browser, and a cookie that is not signed', async () => {
    await using provider = await OpenIDProvider.serve()
    await using app = await serveLogin(login(clientOf(provider)) as never)
    const attacker = new Browser(app)
    const back = provider.grant(await attacker.redirected('/login'))
    const victim = new Browser(app)
    expect((await victim.get(back)).text()).toBe('Missing OpenID Connect cookie')
    await victim.redirected('/login')
    expect((await victim.get(back)).text()).toBe('OpenID Connect state does not match')
    victim.cookies.set('_openid_connect', '{"state":"x"}')
    expect((await victim.get('/login?state=x&code=y')).text()).toBe('Missing OpenID Connect cookie')
  })
})

function unsigned(claims: Record<string, unknown>): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${encode({ alg: 'none' })}.${encode(claims)}.`
}

async function signedBySecret(claims: Record<string, unknown>): Promise<string> {
  const secret = new TextEncoder().encode('client:secret'.padEnd(32, '\0'))
  return await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret)
}
