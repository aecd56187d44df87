import assert from 'node:assert/strict'
import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { HTTPHeaders, ResponseStartLine, type HTTPServerRequest } from '@tornado-ts/httputil'
import type { HTTPServer, HTTPServerOptions } from '@tornado-ts/httpserver'
import { IOLoop } from '@tornado-ts/ioloop'
import { describe, expect, it, vi } from 'vitest'
import { AsyncHTTPTestCase } from './async-http-test-case.ts'
import { AsyncHTTPSTestCase } from './async-https-test-case.ts'
import { bindUnusedPort } from './bind-unused-port.ts'

function answer({ path, protocol, connection }: HTTPServerRequest): void {
  const text = `${protocol} ${path}`
  const code = path === '/missing' ? 404 : 200
  const headers = new HTTPHeaders({ 'Content-Length': String(text.length) })
  void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', code, 'OK'), headers, text)
  connection!.finish()
}

const ports: number[] = []
let server: HTTPServer | undefined

class HTTPCase extends AsyncHTTPTestCase {
  override getApp(): typeof answer {
    return answer
  }

  async testFetchOfAPath(): Promise<void> {
    server = this.httpServer
    ports.push(this.getHttpPort())
    const response = await this.fetch('/path')
    assert.deepEqual([response.code, response.text()], [200, 'http /path'])
    assert.equal(this.getUrl('/x'), `http://127.0.0.1:${this.getHttpPort()}/x`)
  }

  async testFetchOfAURL(): Promise<void> {
    ports.push(this.getHttpPort())
    const [socket, port] = await bindUnusedPort()
    const other = await this.getHttpServer()
    other.addSocket(socket)
    const response = await this.fetch(`http://localhost:${port}/there`)
    assert.equal(response.effectiveUrl, `http://localhost:${port}/there`)
    await other.close({ graceMs: 0 })
  }

  async testErrors(): Promise<void> {
    assert.equal((await this.fetch('/missing')).code, 404)
    await assert.rejects(this.fetch('/missing', { raiseError: true }), { code: 404 })
  }
}

/** Its server and client are its own. */
class OwnCase extends HTTPCase {
  readonly asked: string[] = []

  override getHttpClient(): AsyncHTTPClient {
    this.asked.push('client')
    return new AsyncHTTPClient({ forceInstance: true, defaults: { userAgent: 'own' } })
  }

  override getHttpserverOptions(): HTTPServerOptions {
    this.asked.push('options')
    return { protocol: 'https' }
  }

  async testOwn(): Promise<void> {
    assert.equal(this.getProtocol(), 'http')
    assert.equal((await this.fetch('/path')).text(), 'https /path')
    const { address, port } = await this.httpServer!.bound
    assert.deepEqual([address, port], ['127.0.0.1', this.getHttpPort()])
    assert.deepEqual(this.asked.toSorted(), ['client', 'options'])
  }
}

class HTTPSCase extends AsyncHTTPSTestCase {
  override getApp(): Promise<typeof answer> {
    return Promise.resolve(answer)
  }

  async testFetch(): Promise<void> {
    assert.equal(this.getProtocol(), 'https')
    assert.equal((await this.fetch('/path')).text(), 'https /path')
    assert.match(this.getUrl('/'), /^https:/)
  }
}

const expectPass = (test: AsyncHTTPTestCase): Promise<void> => expect(test.run()).resolves.toBeUndefined()

describe('AsyncHTTPTestCase', () => {
  it('B-test-006 fetches a path from a server on a port of its own, and it is gone afterwards', async () => {
    await expectPass(new HTTPCase('testFetchOfAPath'))
    expect(server?.connectionCount).toBe(0)
    await expect(fetch(`http://127.0.0.1:${ports[0]}/`)).rejects.toThrow('fetch failed')
  })

  it('B-test-006 fetches a whole URL as it is', async () => {
    await expectPass(new HTTPCase('testFetchOfAURL'))
  })

  it('B-test-006 raises errors only when asked', async () => {
    await expectPass(new HTTPCase('testErrors'))
  })

  it('B-test-006 takes server options and a client of its own', async () => {
    await expectPass(new OwnCase('testOwn'))
  })

  it('B-test-006 an application that cannot be made fails the test', async () => {
    class Broken extends HTTPCase {
      override getApp(): never {
        throw new Error('no application')
      }
    }
    const close = vi.spyOn(AsyncHTTPClient.prototype, 'close')
    const test = new Broken('testErrors')
    await expect(test.run()).rejects.toThrow('no application')
    expect(close).toHaveBeenCalledOnce()
    expect(IOLoop.current()).not.toBe(test.ioLoop)
    close.mockRestore()
  })

  it('a server that cannot be closed fails the test, and the loop is closed all the same', async () => {
    class Stuck extends HTTPCase {
      override async getHttpServer(): Promise<HTTPServer> {
        const own = await super.getHttpServer()
        const close = own[Symbol.asyncDispose].bind(own)
        own[Symbol.asyncDispose] = () => close().then(() => Promise.reject(new Error('still open')))
        return own
      }
    }
    const test = new Stuck('testErrors')
    await expect(test.run()).rejects.toThrow('still open')
    expect(IOLoop.current()).not.toBe(test.ioLoop)
  })
})

it('B-test-007 AsyncHTTPSTestCase has a certificate that signed itself, and takes any', async () => {
  await expectPass(new HTTPSCase('testFetch'))
})
