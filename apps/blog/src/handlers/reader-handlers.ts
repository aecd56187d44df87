import { HTTPError } from '@tornado-ts/web'
import { Page } from './page.ts'

/** `GET /`: the newest entries. */
export class HomeHandler extends Page {
  override get(): void {
    void this.render('home.html', { entries: this.settings.store.newest(5) })
  }
}

/** `GET /archive`: the titles of all entries. */
export class ArchiveHandler extends Page {
  override get(): void {
    void this.render('archive.html', { entries: this.settings.store.all() })
  }
}

/** `GET /entry/SLUG`: one entry. */
export class EntryHandler extends Page {
  override get(slug: string): void {
    const entry = this.settings.store.entryBySlug(slug)
    if (entry === null) throw new HTTPError(404)
    void this.render('entry.html', { entry })
  }
}
