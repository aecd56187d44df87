import type { ApplicationSettings } from '../settings.ts'
import type { AnyHandlerClass, HandlerClass } from '../handler-class.ts'
import type { RequestHandler } from '../request-handler.ts'

/** Options of `staticUrl`. A static handler class of your own may know others. */
export interface StaticUrlOptions {
  /** Adds the version of the file's content, so that the URL may be cached for good. @default true */
  includeVersion?: boolean
  readonly [option: string]: unknown
}

/** Makes the URLs of static files. */
interface StaticUrlMaker {
  makeStaticUrl(settings: ApplicationSettings, path: string, options?: StaticUrlOptions): string
  /** Forgets what is known of files. */
  reset(): void
}

/** A class that serves static files, and makes their URLs. */
export interface StaticHandlerClass extends HandlerClass, StaticUrlMaker {}

/** The same, whatever settings of its own the application must have for it. */
export interface AnyStaticHandlerClass extends AnyHandlerClass, StaticUrlMaker {}

/** The URL of a static file, for {@link RequestHandler.staticUrl}. */
export function staticUrlOf<Settings extends object>(
  handler: RequestHandler<Settings>,
  path: string,
  includeHost: boolean,
  options: StaticUrlOptions | undefined,
): string {
  handler.requireSetting('staticPath', 'staticUrl')
  const settings: ApplicationSettings = handler.settings
  const { protocol, host } = handler.request
  const base = includeHost ? `${protocol}://${host}` : ''
  return base + settings.staticHandlerClass!.makeStaticUrl(settings, path, options)
}

/**
 * A path as it stands in a URL: what has a meaning of its own there, or may not stand there, is percent-encoded. Slashes stay.
 */
export function encodeUrlPath(path: string): string {
  return plainUrlPath.test(path)
    ? path
    : path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]+/g, (text) => encodeURIComponent(text.toWellFormed()))
}

const plainUrlPath = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/
