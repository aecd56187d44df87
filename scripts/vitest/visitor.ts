import type { HTTPResponse } from '../../packages/httpclient/src/index.ts'
import type { ServedApplication } from '../../packages/testing/src/index.ts'

/** A browser: keeps cookies, sends forms with the token of the site, and follows no redirect. */
export class Visitor {
  readonly cookies: Map<string, string> = new Map()
  readonly #app: ServedApplication
  readonly #formPath: string | null

  /** @param formPath Page that gives the token, visited before the first form. @default none */
  constructor(app: ServedApplication, { formPath = null }: { formPath?: string | null } = {}) {
    this.#app = app
    this.#formPath = formPath
  }

  get(path: string): Promise<HTTPResponse> {
    return this.#fetch(path, null)
  }

  /** Where a path redirects to. */
  async redirected(path: string): Promise<URL> {
    const { code, headers } = await this.get(path)
    const location = headers.get('Location')
    if (location === undefined) throw new Error(`No redirect from ${path}: ${code}`)
    return new URL(location, this.#app.url)
  }

  /** Sends a form, with the token of the cookie unless it says otherwise. */
  async post(path: string, fields: Record<string, string> = {}): Promise<HTTPResponse> {
    if (this.#formPath !== null && !this.cookies.has('_xsrf')) {
      const { code, headers } = await this.get(this.#formPath)
      if (code === 302) await this.get(headers.get('Location')!)
    }
    return await this.#fetch(path, new URLSearchParams({ _xsrf: this.cookies.get('_xsrf') ?? '', ...fields }))
  }

  async #fetch(path: string, body: URLSearchParams | null): Promise<HTTPResponse> {
    const headers = { Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
    const response = await this.#app.fetch(
      path,
      body === null ? { headers } : { method: 'POST', headers, body },
    )
    for (const line of response.headers.getList('Set-Cookie')) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || value === '""') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }
}
