import { HTTPError } from './errors.ts'
import type { HandlerResult, RequestHandler } from './request-handler.ts'

type Method<This, Args extends unknown[]> = (this: This, ...args: Args) => HandlerResult

/** Redirects `/path` to `/path/` before a method runs. As a decorator, or around a function. Tornado: web.addslash. */
export function addslash<This extends RequestHandler, Args extends unknown[]>(
  method: Method<This, Args>,
  _context?: ClassMethodDecoratorContext,
): Method<This, Args> {
  return function (this: This, ...args: Args): HandlerResult {
    const { path } = this.request
    if (path.endsWith('/')) return method.apply(this, args)
    return move(this, `${path}/`)
  }
}

/** Redirects `/path/` to `/path` before a method runs; `/` stays. Tornado: web.removeslash. */
export function removeslash<This extends RequestHandler, Args extends unknown[]>(
  method: Method<This, Args>,
  _context?: ClassMethodDecoratorContext,
): Method<This, Args> {
  return function (this: This, ...args: Args): HandlerResult {
    const { path } = this.request
    if (!path.endsWith('/')) return method.apply(this, args)
    const bare = path.replace(/\/+$/, '')
    return bare === '' ? method.apply(this, args) : move(this, bare)
  }
}

function move(handler: RequestHandler, path: string): void {
  const { method, query } = handler.request
  if (method !== 'GET' && method !== 'HEAD') throw new HTTPError(404)
  // Two slashes at the beginning would name another host.
  const local = path.replace(/^\/[/\\]+/, '/')
  handler.redirect(query === '' ? local : `${local}?${query}`, { permanent: true })
}
