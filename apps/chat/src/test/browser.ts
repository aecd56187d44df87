/** A browser without a screen: keeps cookies, and sends forms with the token of the page. */
export class Browser {
  readonly #url: string
  readonly #cookies = new Map<string, string>()
  #token = ''

  constructor(url: string) {
    this.#url = url
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  get cookies(): { name: string; value: string }[] {
    return [...this.#cookies].map(([name, value]) => ({ name, value }))
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return await this.#fetch(path, { headers })
  }

  /** The text of a page; its token goes with the forms that are sent from now on. */
  async page(path: string, headers: Record<string, string> = {}): Promise<string> {
    const text = await (await this.get(path, headers)).text()
    this.#token = /name="_xsrf" value="([^"]+)"/.exec(text)?.[1] ?? this.#token
    return text
  }

  async post(
    path: string,
    fields: Record<string, string | number>,
    { token = this.#token, signal }: { token?: string; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const body = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))
    const headers = { 'X-XSRFToken': token }
    return await this.#fetch(path, {
      method: 'POST',
      headers,
      body,
      ...(signal === undefined ? {} : { signal }),
    })
  }

  async login(name: string): Promise<Response> {
    await this.page('/login')
    return await this.post('/login', { name })
  }

  /** Says something; answers the message as the server took it. */
  async say(body: string, fields: Record<string, string> = {}): Promise<{ id: number; name: string }> {
    const response = await this.post('/a/message/new', { body, ...fields })
    if (response.status !== 200) throw new Error(`Refused with ${response.status}`)
    return (await response.json()) as { id: number; name: string }
  }

  /** What a long poll answers. */
  async poll(fields: Record<string, string | number>, signal?: AbortSignal): Promise<News> {
    const options = signal === undefined ? {} : { signal }
    const response = await this.post('/a/message/updates', fields, options)
    return (await response.json()) as News
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), Cookie: this.cookie }
    const response = await fetch(new URL(path, this.#url), { redirect: 'manual', ...init, headers })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      this.#cookies.set(name, value)
    }
    return response
  }
}

/** What happens in a room, as all three ways tell it. */
export interface News {
  readonly messages?: readonly { readonly id: number; readonly name: string; readonly text: string }[]
  readonly people?: { readonly version: number; readonly count: number; readonly names: { name: string }[] }
  readonly accepted?: { readonly id: number; readonly nonce: string }
  readonly refused?: string
  readonly retryAfterMs?: number
}
