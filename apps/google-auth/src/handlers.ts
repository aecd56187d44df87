import { GoogleOAuth2Mixin, localPath } from '@tornado-ts/auth'
import { xhtmlEscape } from '@tornado-ts/escape'
import { authenticated, HTTPError, RequestHandler } from '@tornado-ts/web'
import type { GoogleSettings } from './application.ts'
import { type User, userOf } from './user.ts'

const cookieName = 'google_user'

/** What all pages have in common: the user, kept in a signed cookie. */
class Page extends RequestHandler<GoogleSettings> {
  override getCurrentUser(): User | null {
    const value = this.getSignedCookie(cookieName)
    return value === null ? null : (JSON.parse(value.toString()) as User)
  }

  override setDefaultHeaders(): void {
    this.setHeader('Cache-Control', 'no-store')
  }

  protected keepUser(user: User): void {
    const secure = this.request.protocol === 'https'
    this.setSignedCookie(cookieName, JSON.stringify(user), { httpOnly: true, sameSite: 'Lax', secure })
  }

  protected forgetUser(): void {
    this.clearCookie(cookieName)
  }
}

/** `GET /`: greets the user. */
export class MainHandler extends Page {
  override get = authenticated(function (this: MainHandler): void {
    const { name, email } = this.currentUser as User
    this.write(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Google</title></head>
<body><p>Hello, ${xhtmlEscape(name)}${email === null ? '' : ` (${xhtmlEscape(email)})`}.</p>
<form action="/auth/logout" method="post">${this.xsrfFormHtml()}<button>Sign out</button></form></body></html>\n`)
  })
}

/** `GET /auth/login`: sends the browser to Google, and takes it when it comes back. */
export class LoginHandler extends GoogleOAuth2Mixin(Page) {
  override async get(): Promise<void> {
    // Google compares this with what is registered there, so it has no argument.
    const redirectUri = `${this.request.protocol}://${this.request.host}/auth/login`
    // Whoever did not agree is not asked again and again.
    if (this.getArgument('error', null) !== null) {
      this.setStatus(403)
      this.write('You are not signed in. <a href="/">Sign in</a>\n')
      return
    }
    const code = this.getArgument('code', null)
    if (code === null) {
      this.setSignedCookie('google_next', localPath(this.getArgument('next', '/')), {
        expiresDays: 1 / 24,
        httpOnly: true,
        sameSite: 'Lax',
      })
      const { key } = this.getGoogleOauthSettings()
      this.authorizeRedirect({ redirectUri, clientId: key, scope: ['profile', 'email'] })
      return
    }
    const { access_token: accessToken } = await this.getAuthenticatedUser({ redirectUri, code })
    const url = (this.constructor as typeof LoginHandler)._OAUTH_USERINFO_URL
    const user = userOf(await this.oauth2Request(url, { accessToken: String(accessToken) }))
    if (user === null) throw new HTTPError(502, 'Google names no user')
    this.keepUser(user)
    const next = this.getSignedCookie('google_next', { maxAgeDays: 1 })
    this.clearCookie('google_next')
    this.redirect(localPath(next?.toString()))
  }
}

/** `POST /auth/logout`: forgets the user. */
export class LogoutHandler extends Page {
  override post(): void {
    this.forgetUser()
    this.write('You are signed out. <a href="/">Sign in</a>\n')
  }
}
