import { AuthError, FacebookGraphMixin, localPath } from '@tornado-ts/auth'
import { authenticated, HTTPError, RequestHandler } from '@tornado-ts/web'
import type { FacebookSettings } from './application.ts'
import { postsOf } from './post.ts'
import { type User, userOf } from './user.ts'

const cookieName = 'facebook_user'
const maxMessageLength = 5_000

/** What all pages have in common: the user, kept in a signed cookie. */
class Page extends RequestHandler<FacebookSettings> {
  override getCurrentUser(): User | null {
    const value = this.getSignedCookie(cookieName)
    return value === null ? null : (JSON.parse(value.toString()) as User)
  }

  override setDefaultHeaders(): void {
    this.setHeader('Cache-Control', 'no-store')
    this.setHeader('Content-Security-Policy', "default-src 'self'; base-uri 'none'; frame-ancestors 'none'")
    this.setHeader('X-Content-Type-Options', 'nosniff')
  }

  override writeError(statusCode: number, { error }: { error?: unknown } = {}): void {
    if (!(error instanceof AuthError)) {
      void super.writeError(statusCode, { error })
      return
    }
    // Access tokens end, and a user can take them back: the next login has a new one.
    if (this.request.method === 'GET') this.forgetUser()
    this.setStatus(502)
    void this.finish('Facebook refuses. <a href="/">Sign in again</a>\n')
  }

  protected keepUser(user: User): void {
    const secure = this.request.protocol === 'https'
    this.setSignedCookie(cookieName, JSON.stringify(user), { httpOnly: true, sameSite: 'Lax', secure })
  }

  protected forgetUser(): void {
    this.clearCookie(cookieName)
  }
}

/** `/`: the news of the user; a POST adds a post. */
export class MainHandler extends FacebookGraphMixin(Page) {
  override get = authenticated(async function (this: MainHandler): Promise<void> {
    const user = this.currentUser as User
    const answer = await this.facebookRequest('/me/feed', {
      accessToken: user.accessToken,
      args: { fields: 'id,from,message,story,link,created_time' },
    })
    await this.render('stream.html', { user, posts: postsOf(answer), maxMessageLength })
  })

  override post = authenticated(async function (this: MainHandler): Promise<void> {
    const message = this.getBodyArgument('message', '')
    if (message === '' || message.length > maxMessageLength) throw new HTTPError(400)
    const { accessToken } = this.currentUser as User
    await this.facebookRequest('/me/feed', { accessToken, postArgs: { message } })
    this.redirect('/', { status: 303 })
  })
}

/** `GET /auth/login`: sends the browser to Facebook, and takes it when it comes back. */
export class LoginHandler extends FacebookGraphMixin(Page) {
  override async get(): Promise<void> {
    const { facebookApiKey: clientId, facebookSecret: clientSecret } = this.settings
    const next = localPath(this.getArgument('next', '/'))
    const redirectUri = `${this.request.protocol}://${this.request.host}/auth/login?${new URLSearchParams({ next })}`
    // Whoever did not agree is not asked again and again.
    if (this.getArgument('error', null) !== null) {
      this.setStatus(403)
      this.write('You are not signed in. <a href="/">Sign in</a>\n')
      return
    }
    const code = this.getArgument('code', null)
    if (code === null) {
      this.authorizeRedirect({
        redirectUri,
        clientId,
        scope: ['public_profile', 'user_posts'],
      })
      return
    }
    const user = userOf(await this.getAuthenticatedUser({ redirectUri, clientId, clientSecret, code }))
    if (user === null) throw new HTTPError(502, 'Facebook names no user')
    this.keepUser(user)
    this.redirect(next)
  }
}

/** `POST /auth/logout`: forgets the user. */
export class LogoutHandler extends Page {
  override post(): void {
    this.forgetUser()
    this.write('You are signed out. <a href="/">Sign in</a>\n')
  }
}
