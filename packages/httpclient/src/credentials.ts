import type { HTTPRequest } from './http-request.ts'
import type { RequestTarget } from './request-target.ts'
import type { ResolvedSettings } from './settings.ts'

/** Who a request says it comes from, and how. */
export interface Credentials {
  readonly username: string
  readonly password: string
  readonly mode: 'basic' | 'digest'
}

/**
 * Those of a request, or `null`. Whoever is asked for in the URL comes first.
 *
 * @throws {TypeError} When the way of authentication is not known.
 */
export function credentialsOf(
  target: RequestTarget,
  request: HTTPRequest,
  settings: ResolvedSettings,
): Credentials | null {
  const mode = request.authMode ?? settings.authMode
  if (mode !== 'basic' && mode !== 'digest') throw new TypeError(`Unsupported authMode ${String(mode)}`)
  const ofUrl = credentialsOfUrl(target, mode)
  if (ofUrl !== null) return ofUrl
  const name = request.authUsername ?? settings.authUsername
  if (name === undefined) return null
  return { username: name, password: request.authPassword ?? settings.authPassword ?? '', mode }
}

/** Those in a URL, or `null`. */
export function credentialsOfUrl(
  { username, password }: RequestTarget,
  mode: Credentials['mode'],
): Credentials | null {
  return username === '' && password === '' ? null : { username, password, mode }
}
