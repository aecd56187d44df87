import { fileURLToPath } from 'node:url'
import type { ApplicationSettings } from '../settings.ts'
import type { AnyStaticHandlerClass } from './static-url.ts'

/** The rules that the setting `staticPath` stands for. Tornado: web.Application. */
export function staticRules(
  settings: ApplicationSettings,
  handlerClass: AnyStaticHandlerClass,
): [pattern: string, handler: AnyStaticHandlerClass, kwargs: Readonly<Record<string, unknown>>][] {
  const { staticPath, staticUrlPrefix = defaultStaticUrlPrefix, staticHandlerArgs = {} } = settings
  if (staticPath === undefined || staticPath === '') return []
  const kwargs = { ...staticHandlerArgs, path: staticPath }
  const patterns = ['/(robots\\.txt)', '/(favicon\\.ico)', `${escapePattern(staticUrlPrefix)}(.*)`]
  return patterns.map((pattern) => [pattern, handlerClass, kwargs])
}

/** The path of a directory that is given as such or as a `file:` URL. */
export function directoryPath(path: string | URL): string {
  return path instanceof URL ? fileURLToPath(path) : path
}

export const defaultStaticUrlPrefix = '/static/'

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
