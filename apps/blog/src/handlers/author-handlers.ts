import { localPath } from '@tornado-ts/auth'
import { HTTPError } from '@tornado-ts/web'
import { hashPassword, isPassword, passwordLength } from '../password.ts'
import { Page } from './page.ts'

/** A page with a form for an author's address and password. */
class AuthorPage extends Page {
  protected get email(): string {
    return this.getBodyArgument('email', '')
  }

  protected get password(): string {
    return this.getBodyArgument('password', '', { strip: false })
  }

  /** Where to go afterwards: a path of this site. */
  protected get next(): string {
    return localPath(this.getArgument('next', '/'))
  }

  protected ask(template: string, problem: string | null): void {
    if (problem !== null) this.setStatus(400)
    const { email, next } = this
    const name = this.getBodyArgument('name', '')
    const { openSignUp } = this.settings
    void this.render(template, { email, name, next, problem, passwordLength, openSignUp })
  }
}

/** `/auth/create`: the first author signs up; others can when the blog is open to them. */
export class SignUpHandler extends AuthorPage {
  override prepare(): void {
    const { openSignUp, store } = this.settings
    if (!openSignUp && store.hasAuthors()) throw new HTTPError(403)
  }

  override get(): void {
    this.ask('sign-up.html', null)
  }

  override async post(): Promise<void> {
    const { email, password } = this
    const name = this.getBodyArgument('name', '')
    const problem = findProblem(email, name, password)
    if (problem !== null) {
      this.ask('sign-up.html', problem)
      return
    }
    const hash = await hashPassword(password)
    // While the password was hashed another may have become the first.
    this.prepare()
    const author = this.settings.store.addAuthor({ email, name, password: hash })
    if (author === null) {
      this.ask('sign-up.html', 'There is an author with that address.')
      return
    }
    this.enter(author)
    this.redirect(this.next, { status: 303 })
  }
}

/** `/auth/login`: an author comes back. */
export class LoginHandler extends AuthorPage {
  override get(): void {
    if (this.settings.store.hasAuthors()) this.ask('login.html', null)
    else this.redirect(`/auth/create?next=${encodeURIComponent(this.next)}`)
  }

  override async post(): Promise<void> {
    const { email, password } = this
    const author = this.settings.store.authorByEmail(email)
    const isRight =
      password.length <= passwordLength.max && (await isPassword(password, author?.password ?? null))
    if (author === null || !isRight) {
      this.ask('login.html', 'Address or password is wrong.')
      return
    }
    this.enter(author)
    this.redirect(this.next, { status: 303 })
  }
}

/** `POST /auth/logout`: forgets the author. */
export class LogoutHandler extends Page {
  override post(): void {
    this.leave()
    this.redirect('/', { status: 303 })
  }
}

function findProblem(email: string, name: string, password: string): string | null {
  const { min, max } = passwordLength
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254) return 'That is no mail address.'
  if (name === '' || name.length > 80) return 'A name has 1 to 80 characters.'
  if (password.length < min || password.length > max) return `A password has ${min} to ${max} characters.`
  return null
}
