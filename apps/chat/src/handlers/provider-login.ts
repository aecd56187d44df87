import { createHash } from 'node:crypto'
import { FacebookGraphMixin, GoogleOAuth2Mixin, localPath } from '@tornado-ts/auth'
import { HTTPError } from '@tornado-ts/web'
import { keepPerson } from '../people/person-cookie.ts'
import { cleanName, maxNameLength, type Person } from '../people/person.ts'
import { Page } from './page.ts'

/** Remembers where a login that leads through another site is to end. */
class ProviderPage extends Page {
  protected get redirectUri(): string {
    return `${this.request.protocol}://${this.request.host}${this.request.path}`
  }

  protected keepNext(): void {
    this.setSignedCookie('chat_next', localPath(this.getArgument('next', '/')), {
      expiresDays: 1 / 24,
      httpOnly: true,
      sameSite: 'Lax',
    })
  }

  protected enter(provider: string, id: unknown, name: unknown): void {
    if ((typeof id !== 'string' && typeof id !== 'number') || id === '') throw new HTTPError(502)
    keepPerson(this, personOfProvider(provider, String(id), String(name ?? '')))
    this.redirect(this.#takeNext())
  }

  /** Whoever did not agree at the other site may come in another way. */
  protected askAgain(): void {
    this.redirect(`/login?${new URLSearchParams({ next: this.#takeNext() })}`)
  }

  #takeNext(): string {
    const next = this.getSignedCookie('chat_next', { maxAgeDays: 1 })
    this.clearCookie('chat_next')
    return localPath(next?.toString())
  }
}

/** `GET /login/google`, when its key is among the options. */
export class GoogleLoginHandler extends GoogleOAuth2Mixin(ProviderPage) {
  override async get(): Promise<void> {
    const { redirectUri } = this
    if (this.getArgument('error', null) !== null) return this.askAgain()
    const code = this.getArgument('code', null)
    if (code === null) {
      const { key } = this.getGoogleOauthSettings()
      this.keepNext()
      this.authorizeRedirect({ redirectUri, clientId: key, scope: ['profile'] })
      return
    }
    const { access_token: accessToken } = await this.getAuthenticatedUser({ redirectUri, code })
    const url = (this.constructor as typeof GoogleLoginHandler)._OAUTH_USERINFO_URL
    const user = await this.oauth2Request<{ id?: unknown; name?: unknown }>(url, {
      accessToken: String(accessToken),
    })
    this.enter('google', user.id, user.name)
  }
}

/** `GET /login/facebook`, when its key is among the options. */
export class FacebookLoginHandler extends FacebookGraphMixin(ProviderPage) {
  override async get(): Promise<void> {
    const { redirectUri } = this
    const { facebookApiKey: clientId = '', facebookSecret: clientSecret = '' } = this.settings
    if (this.getArgument('error', null) !== null) return this.askAgain()
    const code = this.getArgument('code', null)
    if (code === null) {
      this.keepNext()
      this.authorizeRedirect({ redirectUri, clientId })
      return
    }
    const user = await this.getAuthenticatedUser({ redirectUri, clientId, clientSecret, code })
    this.enter('facebook', user['id'], user['name'])
  }
}

/** The same person each time, without telling others who that is at the provider. */
function personOfProvider(provider: string, id: string, name: string): Person {
  const digest = createHash('sha256').update(`${provider} ${id}`).digest('base64url')
  const shown = cleanName(Array.from(name).slice(0, maxNameLength).join(''))
  return { id: digest.slice(0, 12), name: shown ?? digest.slice(0, 6) }
}
