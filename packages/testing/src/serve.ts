import { AsyncHTTPClient, type HTTPRequestOptions, type HTTPResponse } from '@tornado-ts/httpclient'
import { HTTPServer, type HTTPServerOptions, type RequestTarget } from '@tornado-ts/httpserver'

/** Settings of {@link serve}: those of the server, and where it listens. */
export interface ServeOptions extends HTTPServerOptions {
  /** @default '127.0.0.1' */
  address?: string
  /** @default 0: one that nobody uses */
  port?: number
}

/**
 * Serves an application for one test, and fetches from it.
 *
 * @example
 * it('answers', async () => {
 *   await using app = await serve(application)
 *   const response = await app.fetch('/hello')
 *   expect(response.code).toBe(200)
 * })
 *
 * @param target An `Application`, a router, another delegate, or a function that is called with each request.
 */
export async function serve(target: RequestTarget, options: ServeOptions = {}): Promise<ServedApplication> {
  const { address = '127.0.0.1', port = 0, ...serverOptions } = options
  const server = new HTTPServer(target, serverOptions)
  server.listen(port, { address })
  const bound = await server.bound
  return new ServedApplication(server, bound.port, await server.url())
}

/** An application that is served for one test. Made by {@link serve}. */
export class ServedApplication implements AsyncDisposable {
  readonly server: HTTPServer
  readonly port: number
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  #client: AsyncHTTPClient | null = null

  constructor(server: HTTPServer, port: number, url: string) {
    this.server = server
    this.port = port
    this.url = url
  }

  /** A client of this application's own. Over TLS it takes any certificate. */
  get client(): AsyncHTTPClient {
    const defaults = this.server.sslContext === null ? {} : { validateCert: false }
    return (this.#client ??= new AsyncHTTPClient({ forceInstance: true, defaults }))
  }

  /** The URL of a path; what is a URL already stays as it is. */
  getUrl(path: string): string {
    return /^https?:\/\//i.test(path) ? path : this.url + path
  }

  /** Fetches a path. A status outside 200 to 299 is no error: the response tells it. Redirects are not followed. */
  async fetch(path: string, options: HTTPRequestOptions = {}): Promise<HTTPResponse> {
    return await this.client.fetch(this.getUrl(path), {
      followRedirects: false,
      decompressResponse: false,
      ...options,
      raiseError: false,
    })
  }

  /** Closes the client, the server and every connection at once. */
  async close(): Promise<void> {
    this.#client?.close()
    await this.server[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
