import { urlEscape } from '@tornado-ts/escape'
import { HTTPError } from '../errors.ts'
import { localPath } from '../output/redirect.ts'
import type { MethodResult, RequestHandler } from '../request-handler.ts'

/** What of a handler it needs, whatever the application's own settings are. */
type KnowsUser = Pick<RequestHandler, 'currentUser' | 'getLoginUrl' | 'redirect' | 'request'>

/**
 * Lets a method run only for a user: `''`, `0` and `false` are nobody, as `null` is. Others are sent to the login URL when they
 * GET or HEAD, with where they wanted to go as `next`, and refused with 403 otherwise.
 *
 * As a decorator, `@authenticated`, or around a function: `static readonly secret = authenticated(function () { … })`.
 * `next` is the path asked for, with one slash at its beginning however many there were, so it leads back to this site; when the
 * login URL is absolute, it is the whole URL. Check it all the same before you redirect to it: anybody can make a link to your
 * login page. Tornado: web.authenticated.
 */
export function authenticated<This extends KnowsUser, Args extends unknown[], Result extends MethodResult>(
  method: (this: This, ...args: Args) => Result,
  _context?: ClassMethodDecoratorContext,
): (this: This, ...args: Args) => Result | undefined {
  return function (this: This, ...args: Args): Result | undefined {
    if (this.currentUser) return method.apply(this, args)
    const { request } = this
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new HTTPError(403)
    this.redirect(withNext(this.getLoginUrl(), request.uri, request.fullUrl()))
    return undefined
  }
}

function withNext(loginUrl: string, uri: string, fullUrl: string): string {
  if (loginUrl.includes('?')) return loginUrl
  const absolute = /^[a-z][a-z0-9+.-]*:/i.test(loginUrl)
  return `${loginUrl}?next=${urlEscape(absolute ? fullUrl : targetPath(uri))}`
}

/** The path and query of a request target, which names no other host. */
function targetPath(uri: string): string {
  const path = uri.startsWith('/') ? uri : uri.replace(/^[^/?#]*\/\/[^/?#]*/, '')
  return path.startsWith('/') ? localPath(path) : `/${path}`
}
