import type { ClientCredentials } from '@tornado-ts/auth'
import { Application, type ApplicationSettings } from '@tornado-ts/web'
import { LoginHandler, LogoutHandler, MainHandler } from './handlers.ts'

/** What the handlers need. */
export interface GoogleSettings {
  /** What Google knows the program by. */
  readonly googleOauth: ClientCredentials
}

/** What {@link makeApplication} needs; further settings of the framework may stand beside it. */
export interface GoogleApplicationSettings extends GoogleSettings, ApplicationSettings {
  readonly cookieSecret: string
}

/** The application. `login` can be a subclass with endpoints of another provider. */
export function makeApplication(
  settings: GoogleApplicationSettings,
  { login = LoginHandler }: { login?: typeof LoginHandler } = {},
): Application<GoogleSettings> {
  return new Application<GoogleSettings>(
    [
      ['/', MainHandler],
      ['/auth/login', login],
      ['/auth/logout', LogoutHandler],
    ],
    {
      loginUrl: '/auth/login',
      xsrfCookies: true,
      xsrfCookieKwargs: { httpOnly: true, sameSite: 'Lax' },
      ...settings,
    },
  )
}
