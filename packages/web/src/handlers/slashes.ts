import { HTTPError } from '../errors.ts'
import { localPath } from '../output/redirect.ts'
import type { MethodResult, RequestHandler } from '../request-handler.ts'

/** What of a handler they need, whatever the application's own settings are. */
type Redirects = Pick<RequestHandler, 'redirect' | 'request'>

type Method<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Result

/** Redirects `/path` to `/path/` before a method runs. As a decorator, or around a function. Tornado: web.addslash. */
export function addslash<This extends Redirects, Args extends unknown[], Result extends MethodResult>(
  method: Method<This, Args, Result>,
  _context?: ClassMethodDecoratorContext,
): Method<This, Args, Result | undefined> {
  return function (this: This, ...args: Args): Result | undefined {
    const { path } = this.request
    if (path.endsWith('/')) return method.apply(this, args)
    return move(this, `${path}/`)
  }
}

/** Redirects `/path/` to `/path` before a method runs; `/` stays. Tornado: web.removeslash. */
export function removeslash<This extends Redirects, Args extends unknown[], Result extends MethodResult>(
  method: Method<This, Args, Result>,
  _context?: ClassMethodDecoratorContext,
): Method<This, Args, Result | undefined> {
  return function (this: This, ...args: Args): Result | undefined {
    const { path } = this.request
    if (!path.endsWith('/')) return method.apply(this, args)
    const bare = path.replace(/\/+$/, '')
    return bare === '' ? method.apply(this, args) : move(this, bare)
  }
}

function move(handler: Redirects, path: string): undefined {
  const { method, query } = handler.request
  if (method !== 'GET' && method !== 'HEAD') throw new HTTPError(404)
  const local = localPath(path)
  handler.redirect(query === '' ? local : `${local}?${query}`, { permanent: true })
}
