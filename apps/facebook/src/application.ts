import type { AuthSettings } from '@tornado-ts/auth'
import { Application, type ApplicationSettings } from '@tornado-ts/web'
import { LoginHandler, LogoutHandler, MainHandler } from './handlers.ts'
import { PostModule } from './post-module.ts'

/** What the handlers need. */
export interface FacebookSettings extends AuthSettings {
  readonly facebookApiKey: string
  readonly facebookSecret: string
}

/** What {@link makeApplication} needs; further settings of the framework may stand beside it. */
export interface FacebookApplicationSettings extends FacebookSettings, ApplicationSettings {
  readonly cookieSecret: string
}

/** The application. `login` and `main` can be subclasses with endpoints of another provider. */
export function makeApplication(
  settings: FacebookApplicationSettings,
  {
    main = MainHandler,
    login = LoginHandler,
  }: { main?: typeof MainHandler; login?: typeof LoginHandler } = {},
): Application<FacebookSettings> {
  return new Application<FacebookSettings>(
    [
      ['/', main],
      ['/auth/login', login],
      ['/auth/logout', LogoutHandler],
    ],
    {
      templatePath: new URL('../templates/', import.meta.url),
      staticPath: new URL('../static/', import.meta.url),
      uiModules: { Post: PostModule },
      loginUrl: '/auth/login',
      xsrfCookies: true,
      xsrfCookieKwargs: { httpOnly: true, sameSite: 'Lax' },
      ...settings,
    },
  )
}
