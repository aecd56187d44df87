import { Application, type ApplicationRule, type ApplicationSettings } from '@tornado-ts/web'
import { EventsHandler } from './handlers/events-handler.ts'
import { LanguageHandler, LoginHandler, LogoutHandler } from './handlers/login-handler.ts'
import { NewMessageHandler } from './handlers/new-message-handler.ts'
import { NotFoundPage } from './handlers/page.ts'
import { FacebookLoginHandler, GoogleLoginHandler } from './handlers/provider-login.ts'
import { FindRoomHandler, RoomHandler } from './handlers/room-handler.ts'
import { SocketHandler } from './handlers/socket-handler.ts'
import { UpdatesHandler } from './handlers/updates-handler.ts'
import { MessageModule } from './message-module.ts'
import type { ChatSettings } from './settings.ts'

/** What {@link makeApplication} needs; further settings of the framework may stand beside it. */
export interface ChatApplicationSettings extends ChatSettings, ApplicationSettings {
  readonly cookieSecret: string
}

/** The directory of the translations. */
export const localesPath: URL = new URL('../locales/', import.meta.url)

/** The application: pages, and the three ways that messages go. */
export function makeApplication(settings: ChatApplicationSettings): Application<ChatSettings> {
  const rules: ApplicationRule<ChatSettings>[] = [
    ['/', RoomHandler],
    ['/r', FindRoomHandler],
    ['/r/([^/]+)', RoomHandler, {}, 'room'],
    ['/login', LoginHandler],
    ['/logout', LogoutHandler],
    ['/language', LanguageHandler],
    ['/a/message/new', NewMessageHandler],
    ['/a/message/updates', UpdatesHandler],
    ['/a/message/events', EventsHandler],
    ['/a/message/socket', SocketHandler],
  ]
  if (settings.googleOauth !== undefined) rules.push(['/login/google', GoogleLoginHandler])
  if (settings.facebookApiKey !== undefined) rules.push(['/login/facebook', FacebookLoginHandler])
  rules.push(['.*', NotFoundPage])
  return new Application<ChatSettings>(rules, {
    templatePath: new URL('../templates/', import.meta.url),
    staticPath: new URL('../static/', import.meta.url),
    loginUrl: '/login',
    xsrfCookies: true,
    xsrfCookieKwargs: { httpOnly: true, sameSite: 'Lax' },
    uiModules: { Message: MessageModule },
    compressResponse: true,
    websocketPingIntervalMs: 25_000,
    websocketMaxMessageSize: 16_384,
    // A page that does not read comes again, and is told what it has missed.
    websocketMaxQueuedSize: 1_048_576,
    websocketSlowReaderPolicy: 'close',
    ...settings,
  })
}
