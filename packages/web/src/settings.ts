import type { AnyHandlerClass } from './handler-class.ts'
import type { RequestHandler } from './request-handler.ts'
import type { CookieSecret } from './security/signed-value.ts'
import type { SetCookieOptions } from '@tornado-ts/httputil'
import type { ContentEncodingOptions } from './output/content-encoding.ts'
import type { OutputTransformClass } from './output/output-transform.ts'
import type { StaticFileOptions } from './static/static-rule.ts'
import type { AnyStaticHandlerClass } from './static/static-url.ts'
import type { TemplateLoader, WhitespaceMode } from '@tornado-ts/template'
import type { UIMethods, UIModules } from './pages/user-interface.ts'

/** The settings of an application that the framework itself knows. */
export interface ApplicationSettings {
  /**
   * Shorthand for development: `autoreload` and `serveTraceback` on, `compiledTemplateCache` and `staticHashCache` off, unless they
   * are set. @default false
   */
  debug?: boolean
  /** Starts the program again when one of its files changes. @default the value of `debug` */
  autoreload?: boolean
  /**
   * Shows an error on its page: stack, source and request. Without more only to clients on this machine, which no proxy speaks for;
   * `'anyone'` shows it to all. @default the value of `debug`
   */
  serveTraceback?: boolean | 'anyone'
  /** Called after each request in place of the access log. @default a line on `tornado.access` */
  logFunction?: (handler: RequestHandler) => void
  /** Answers requests that no rule matches. @default a 404 page */
  defaultHandlerClass?: AnyHandlerClass
  /** What `defaultHandlerClass` is initialized with. @default {} */
  defaultHandlerArgs?: Readonly<Record<string, unknown>>
  /** Host whose rules also serve requests for hosts that no rule knows. @default none */
  defaultHost?: string
  /** Encodes responses as clients ask for: with zstd, br or gzip, or as the options say. See `contentEncoding`. @default false */
  compressResponse?: boolean | ContentEncodingOptions
  /** The older name of `compressResponse`. @default false */
  gzip?: boolean
  /** What responses go through, the first first. @default what `compressResponse` says */
  transforms?: readonly OutputTransformClass[]
  /** The key that signed cookies are signed with, or several by version. Keep it secret, and long. @default none */
  cookieSecret?: CookieSecret
  /** Which key of a `cookieSecret` table signs. Required with a table. @default none */
  keyVersion?: number
  /** Where `authenticated` sends those who are not logged in. @default none */
  loginUrl?: string
  /** Refuses requests that change something and do not carry the token of the client's cookie. @default false */
  xsrfCookies?: boolean
  /** Layout of the token. @default 2 */
  xsrfCookieVersion?: 1 | 2
  /** Name of the cookie; the form field is `_xsrf` in any case. @default '_xsrf' */
  xsrfCookieName?: string
  /** Attributes of the cookie. @default {} */
  xsrfCookieKwargs?: SetCookieOptions
  /** Directory of the templates. @default that of the source file which renders */
  templatePath?: string | URL
  /** Has the templates in place of the files of `templatePath`. @default none */
  templateLoader?: TemplateLoader
  /** The function that values in templates go through; `null` for none. @default 'xhtml_escape' */
  autoescape?: string | null
  /** How white space in templates is kept. @default 'single' for .html and .js, else 'all' */
  templateWhitespace?: WhitespaceMode
  /** Keeps compiled templates; if not, they are read anew for each request. @default true, unless `debug` */
  compiledTemplateCache?: boolean
  /** Parts of pages, by the names that `{% module Name() %}` calls them. @default {} */
  uiModules?: UIModules
  /** Functions for templates, by name; they get the handler first. @default {} */
  uiMethods?: UIMethods
  /** Directory of the static files, served below `staticUrlPrefix` and as `/favicon.ico` and `/robots.txt`. @default none */
  staticPath?: string | URL
  /** What the paths of static files begin with. @default '/static/' */
  staticUrlPrefix?: string
  /** Serves the static files and makes their URLs. @default StaticFileHandler */
  staticHandlerClass?: AnyStaticHandlerClass
  /** Arguments of `staticHandlerClass` beside the path, for a class of your own others than these. @default {} */
  staticHandlerArgs?: Omit<Partial<StaticFileOptions>, 'path'> & Readonly<Record<string, unknown>>
  /** Keeps versions and small static files for as long as the files do not change; if not, for one request. @default true, unless `debug` */
  staticHashCache?: boolean
  /** How often a `WebSocketHandler` pings its peer; 0 for never. In ms. @default 0 */
  websocketPingIntervalMs?: number
  /** How long after a ping something must have come from the peer; 0 for no matter how long. In ms. @default the interval */
  websocketPingTimeoutMs?: number
  /** Largest message of a WebSocket, also after inflating. In bytes. @default 10_485_760 (10 MiB) */
  websocketMaxMessageSize?: number
  /** Most bytes of messages that wait for a WebSocket's slow peer. @default 16_777_216 (16 MiB) */
  websocketMaxQueuedSize?: number
  /** What happens beyond that: further messages are refused, the oldest dropped, or the WebSocket closed. @default 'wait' */
  websocketSlowReaderPolicy?: 'wait' | 'dropOldest' | 'close'
}
