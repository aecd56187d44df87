import { get, type Locale } from '@tornado-ts/locale'
import { RequestHandler } from '@tornado-ts/web'
import { forgetPerson, readPerson } from '../people/person-cookie.ts'
import type { Person } from '../people/person.ts'
import type { ChatSettings } from '../settings.ts'

/** The languages there are, by their own names. */
const languages = [
  { code: 'en', name: 'English' },
  { code: 'zh', name: '中文' },
]

/** What all pages have in common: who uses the browser, in which language, and what the page may do. */
export class Page extends RequestHandler<ChatSettings> {
  /** Who uses the browser; `null` for somebody unknown. */
  get person(): Person | null {
    return this.currentUser as Person | null
  }

  override getCurrentUser(): Person | null {
    return readPerson(this)
  }

  override getUserLocale(): Locale | null {
    const code = this.getCookie('chat_language')
    return languages.some((language) => language.code === code) ? get(code!) : null
  }

  override setDefaultHeaders(): void {
    // Scripts and styles come from files of this site alone: what people write can never become one.
    this.setHeader(
      'Content-Security-Policy',
      "default-src 'self'; base-uri 'none'; form-action 'self' https:; frame-ancestors 'none'; object-src 'none'",
    )
    this.setHeader('X-Content-Type-Options', 'nosniff')
    this.setHeader('Referrer-Policy', 'same-origin')
    this.setHeader('Cache-Control', 'no-store')
  }

  override getTemplateNamespace(): Record<string, unknown> {
    const { languageTag } = this.locale
    const others = languages.filter(({ code }) => code !== languageTag.slice(0, 2))
    return { ...super.getTemplateNamespace(), person: this.person, languageTag, others }
  }

  override writeError(statusCode: number): void {
    void this.render('error.html', { statusCode, retry: statusCode === 403 })
  }

  /** Forgets who used the browser. */
  protected forget(): void {
    forgetPerson(this)
  }
}

/** Answers what no rule matches. */
export class NotFoundPage extends Page {
  override prepare(): void {
    this.sendError(404)
  }
}
