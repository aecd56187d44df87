import { localPath } from '@tornado-ts/auth'
import { HTTPError } from '@tornado-ts/web'
import { keepPerson } from '../people/person-cookie.ts'
import { cleanName, maxNameLength, newPerson } from '../people/person.ts'
import { Page } from './page.ts'

/** `/login`: asks for a name, and remembers it in a signed cookie. */
export class LoginHandler extends Page {
  override get(): void {
    this.#ask(null)
  }

  override post(): void {
    const { guests, chat } = this.settings
    if (!guests) throw new HTTPError(403)
    const name = cleanName(this.getBodyArgument('name', ''))
    if (name === null) {
      this.setStatus(400)
      this.#ask('name')
      return
    }
    const waitMs = chat.logins.take(this.request.remoteIp)
    if (waitMs > 0) {
      this.setStatus(429)
      this.setHeader('Retry-After', Math.ceil(waitMs / 1000))
      this.#ask('rate')
      return
    }
    keepPerson(this, newPerson(name))
    this.redirect(localPath(this.getBodyArgument('next', '/')), { status: 303 })
  }

  #ask(problem: 'name' | 'rate' | null): void {
    const { guests, googleOauth, facebookApiKey } = this.settings
    void this.render('login.html', {
      problem,
      guests,
      google: googleOauth !== undefined,
      facebook: facebookApiKey !== undefined,
      name: this.getArgument('name', ''),
      next: localPath(this.getArgument('next', '/')),
      maxNameLength,
    })
  }
}

/** `POST /logout`: forgets who used the browser. */
export class LogoutHandler extends Page {
  override post(): void {
    this.forget()
    this.redirect('/login', { status: 303 })
  }
}

/** `POST /language`: has pages of this browser be in `code`. */
export class LanguageHandler extends Page {
  override post(): void {
    const code = this.getBodyArgument('code')
    this.setCookie('chat_language', /^[a-z]{2}$/.test(code) ? code : '', {
      expiresDays: 365,
      sameSite: 'Lax',
    })
    this.redirect(localPath(this.getBodyArgument('next', '/')), { status: 303 })
  }
}
