import { Page } from './page.ts'

/** `GET /feed`: the newest entries by Atom (RFC 4287). */
export class FeedHandler extends Page {
  override get(): void {
    const entries = this.settings.store.newest(20)
    const { origin } = this
    this.setHeader('Content-Type', 'application/atom+xml; charset=UTF-8')
    void this.render('feed.xml', {
      entries,
      origin,
      urlOf: (slug: string) => origin + this.reverseUrl('entry', slug),
      isoDate: (at: number) => new Date(at).toISOString(),
      updatedAt: Math.max(0, ...entries.map((entry) => entry.updatedAt)),
      xmlText,
    })
  }
}

/** Without the characters that XML 1.0 has no way to write. */
function xmlText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
}
