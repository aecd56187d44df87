import { AsyncHTTPClient, type HTTPRequestOptions, type HTTPResponse } from '@tornado-ts/httpclient'
import { HTTPServer, type HTTPServerOptions, type RequestTarget } from '@tornado-ts/httpserver'
import { AsyncTestCase } from './async-test-case.ts'
import { bindUnusedPort } from './bind-unused-port.ts'

/** Settings of {@link AsyncHTTPTestCase.fetch}: those of the request. */
export interface TestFetchOptions extends HTTPRequestOptions {
  /** Whether a status outside 200 to 299, or no answer at all, is thrown. @default false */
  raiseError?: boolean
}

/**
 * A class of tests with a server of its own for each test: `getApp` says what it serves, `fetch` asks it.
 *
 * @example
 * class HelloTest extends AsyncHTTPTestCase {
 *   override getApp(): Application {
 *     return new Application([['/', HelloHandler]])
 *   }
 *
 *   async testHello(): Promise<void> {
 *     const response = await this.fetch('/')
 *     assert.equal(response.code, 200)
 *   }
 * }
 * defineTestCase(HelloTest, { describe, it })
 *
 * Tornado: testing.AsyncHTTPTestCase.
 */
export abstract class AsyncHTTPTestCase extends AsyncTestCase {
  httpClient!: AsyncHTTPClient
  httpServer!: HTTPServer
  #port = 0

  /** What the server serves. */
  abstract getApp(): RequestTarget | Promise<RequestTarget>

  override async setUp(): Promise<void> {
    await super.setUp()
    const [socket, port] = await bindUnusedPort()
    this.#port = port
    let client: AsyncHTTPClient | null = null
    try {
      client = this.httpClient = this.getHttpClient()
      this.httpServer = await this.getHttpServer()
    } catch (error) {
      socket.close()
      client?.close()
      await super.tearDown()
      throw error
    }
    this.httpServer.addSocket(socket)
  }

  /** Closes the server with all its connections, and the client. */
  override async tearDown(): Promise<void> {
    try {
      this.httpClient.close()
      await this.httpServer[Symbol.asyncDispose]()
    } finally {
      await super.tearDown()
    }
  }

  /** The client of this test. */
  getHttpClient(): AsyncHTTPClient {
    return new AsyncHTTPClient({ forceInstance: true })
  }

  /** The server of this test. */
  async getHttpServer(): Promise<HTTPServer> {
    return new HTTPServer(await this.getApp(), this.getHttpserverOptions())
  }

  /** Settings of the server. */
  getHttpserverOptions(): HTTPServerOptions {
    return {}
  }

  /** The port of the server. It changes with each test. */
  getHttpPort(): number {
    return this.#port
  }

  getProtocol(): 'http' | 'https' {
    return 'http'
  }

  /** The URL of a path on the server. */
  getUrl(path: string): string {
    return `${this.getProtocol()}://127.0.0.1:${this.getHttpPort()}${path}`
  }

  /** Fetches a path from the server, or any `http` or `https` URL. */
  async fetch(
    path: string,
    { raiseError = false, ...options }: TestFetchOptions = {},
  ): Promise<HTTPResponse> {
    const url = /^https?:\/\//i.test(path) ? path : this.getUrl(path)
    return await this.httpClient.fetch(url, { ...options, raiseError })
  }
}
