import type { HTTPResponse } from '@tornado-ts/httpclient'
import type { ServedApplication } from '@tornado-ts/testing'

/** A browser: keeps cookies, and sends forms with the token of the site. */
export class Visitor {
  readonly cookies = new Map<string, string>()
  readonly #app: ServedApplication

  constructor(app: ServedApplication) {
    this.#app = app
  }

  get(path: string): Promise<HTTPResponse> {
    return this.#fetch(path, null)
  }

  /** Sends a form, with the token of the cookie unless it says otherwise. */
  async post(path: string, fields: Record<string, string>): Promise<HTTPResponse> {
    if (!this.cookies.has('_xsrf')) {
      const login = await this.get('/auth/login')
      if (login.code === 302) await this.get(login.headers.get('Location')!)
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
