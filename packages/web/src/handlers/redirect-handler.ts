import { decodeUtf8, qsToQsl, urlConcat } from '@tornado-ts/httputil'
import { localPath } from '../output/redirect.ts'
import { RequestHandler } from '../request-handler.ts'

/**
 * Sends GET requests to another URL: the rule's argument `url`, in which `{0}` or `{name}` stand for groups of the path (and
 * `{{`, `}}` for braces). The request's arguments go along. Permanently (301) unless `permanent` is false. A `url` that is a path
 * stays one of this site, whatever the groups are.
 *
 * Tornado: web.RedirectHandler.
 */
export class RedirectHandler extends RequestHandler {
  #url = ''
  #permanent = true

  override initialize({ url, permanent = true }: { url?: string; permanent?: boolean }): void {
    if (url === undefined) throw new TypeError('A RedirectHandler needs a url')
    this.#url = url
    this.#permanent = permanent
  }

  override get(): void {
    const to = this.#url.replace(/\{\{|\}\}|\{(\w+)\}/g, (found, name?: string) => {
      if (name === undefined) return found[0]!
      const group = /^\d+$/.test(name) ? this.pathArgs[Number(name)] : this.pathKwargs[name]
      if (group === undefined)
        throw new RangeError(`Cannot redirect to ${this.#url}: there is no group ${name}`)
      return group ?? ''
    })
    // A group must not make another host of a path.
    const url = /^\/(?![/\\])/.test(this.#url) ? localPath(to) : to
    const query = [...qsToQsl(this.request.queryArguments)].map(
      ([name, value]) => [name, decodeUtf8(value)] as const,
    )
    this.redirect(query.length === 0 ? url : urlConcat(url, query), { permanent: this.#permanent })
  }
}
