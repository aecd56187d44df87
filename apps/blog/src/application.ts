import { Application, type ApplicationRule, type ApplicationSettings } from '@tornado-ts/web'
import { EntryModule } from './entry-module.ts'
import { LoginHandler, LogoutHandler, SignUpHandler } from './handlers/author-handlers.ts'
import { ComposeHandler } from './handlers/compose-handler.ts'
import { FeedHandler } from './handlers/feed-handler.ts'
import { NotFoundPage } from './handlers/page.ts'
import { ArchiveHandler, EntryHandler, HomeHandler } from './handlers/reader-handlers.ts'
import type { BlogSettings } from './settings.ts'

/** What {@link makeApplication} needs; further settings of the framework may stand beside it. */
export interface BlogApplicationSettings extends BlogSettings, ApplicationSettings {
  readonly cookieSecret: string
}

/** The application: pages for readers and authors, and the feed. */
export function makeApplication(settings: BlogApplicationSettings): Application<BlogSettings> {
  const rules: ApplicationRule<BlogSettings>[] = [
    ['/', HomeHandler],
    ['/archive', ArchiveHandler],
    ['/feed', FeedHandler],
    ['/entry/([^/]+)', EntryHandler, {}, 'entry'],
    ['/compose', ComposeHandler],
    ['/auth/create', SignUpHandler],
    ['/auth/login', LoginHandler],
    ['/auth/logout', LogoutHandler],
    ['.*', NotFoundPage],
  ]
  return new Application<BlogSettings>(rules, {
    templatePath: new URL('../templates/', import.meta.url),
    staticPath: new URL('../static/', import.meta.url),
    uiModules: { Entry: EntryModule },
    loginUrl: '/auth/login',
    xsrfCookies: true,
    xsrfCookieKwargs: { httpOnly: true, sameSite: 'Lax' },
    compressResponse: true,
    ...settings,
  })
}
