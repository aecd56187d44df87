import { UIModule } from '@tornado-ts/web'
import type { BlogSettings } from './settings.ts'
import { showDate } from './show-date.ts'
import type { Author } from './store/author.ts'
import type { Entry } from './store/entry.ts'

/** An entry in a page: title, date, text, and a link for its author to change it. */
export class EntryModule extends UIModule<BlogSettings> {
  override render(entry: Entry): string {
    const author = this.currentUser as Author | null
    return this.renderString('modules/entry.html', {
      entry,
      isOwn: author?.id === entry.authorId,
      published: showDate(entry.publishedAt),
      isoDate: new Date(entry.publishedAt).toISOString(),
    })
  }

  override cssFiles(): string {
    return 'entry.css'
  }
}
