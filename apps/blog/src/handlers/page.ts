import { RequestHandler } from '@tornado-ts/web'
import type { BlogSettings } from '../settings.ts'
import { showDate } from '../show-date.ts'
import type { Author } from '../store/author.ts'

const cookieName = 'blog_author'

/** What all pages have in common: who is logged in, and what the page may do. */
export class Page extends RequestHandler<BlogSettings> {
  /** Who is logged in; `null` for a reader. */
  get author(): Author | null {
    return this.currentUser as Author | null
  }

  override getCurrentUser(): Author | null {
    const id = this.getSignedCookie(cookieName)
    return id === null ? null : this.settings.store.author(Number(id))
  }

  override setDefaultHeaders(): void {
    this.setHeader(
      'Content-Security-Policy',
      "default-src 'self'; img-src 'self' https:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    this.setHeader('X-Content-Type-Options', 'nosniff')
    this.setHeader('Referrer-Policy', 'same-origin')
    // Pages show who is logged in.
    this.setHeader('Cache-Control', 'private, no-cache')
  }

  override getTemplateNamespace(): Record<string, unknown> {
    const { blogTitle } = this.settings
    return { ...super.getTemplateNamespace(), blogTitle, author: this.author, showDate }
  }

  override writeError(statusCode: number): void {
    void this.render('error.html', { statusCode })
  }

  /** Where readers find the blog, without a slash at the end. */
  protected get origin(): string {
    return this.settings.siteUrl ?? `${this.request.protocol}://${this.request.host}`
  }

  /** Keeps an author in the cookie of this browser. */
  protected enter(author: Author): void {
    this.setSignedCookie(cookieName, String(author.id), {
      httpOnly: true,
      sameSite: 'Lax',
      secure: this.origin.startsWith('https:'),
    })
  }

  protected leave(): void {
    this.clearCookie(cookieName)
  }
}

/** Answers what no rule matches. */
export class NotFoundPage extends Page {
  override prepare(): void {
    this.sendError(404)
  }
}
