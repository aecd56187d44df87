import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { HTTPHeaders, ResponseStartLine, type HTTPServerRequest } from '@tornado-ts/httputil'
import { describe, expect, it } from 'vitest'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { authenticated } from '../security/authenticated.ts'
import { FallbackHandler } from './fallback-handler.ts'
import { RedirectHandler } from './redirect-handler.ts'
import { RequestHandler, type HandlerResult } from '../request-handler.ts'
import { addslash, removeslash } from './slashes.ts'

const quiet = { logFunction: (): void => {} }

describe('authenticated', () => {
  class Secret extends RequestHandler {
    override getCurrentUser(): unknown {
      return this.getCookie('user', null)
    }
    override get: () => HandlerResult = authenticated(function (this: Secret): HandlerResult {
      this.write('secret')
    })
    override post: () => HandlerResult = authenticated(function (this: Secret): HandlerResult {
      this.write('posted')
    })
  }

  it('B-web-056 lets a user pass, and sends others to the login URL or refuses them', async () => {
    await using served = await serve(new Application([['/.*', Secret]], { ...quiet, loginUrl: '/login' }))
    expect((await served.fetch('GET', '/', { headers: { Cookie: 'user=a' } })).body).toBe('secret')
    const get = await served.fetch('GET', '/a?b=c&d')
    expect([get.status, get.headers['location']]).toEqual([302, '/login?next=%2Fa%3Fb%3Dc%26d'])
    expect((await served.fetch('HEAD', '/')).status).toBe(302)
    expect((await served.fetch('POST', '/')).status).toBe(403)
  })

  it.each([null, undefined, '', 0, false])('B-web-056 the user %j is nobody', async (user) => {
    class Nobody extends Secret {
      override getCurrentUser(): unknown {
        return user
      }
    }
    await using served = await serve(new Application([['/', Nobody]], { ...quiet, loginUrl: '/login' }))
    expect((await served.fetch('GET', '/')).status).toBe(302)
    expect((await served.fetch('POST', '/')).status).toBe(403)
  })

  it('B-web-056 keeps a login URL with a query, and names the full URL to an absolute one', async () => {
    await using query = await serve(new Application([['/', Secret]], { ...quiet, loginUrl: '/login?x=1' }))
    expect((await query.fetch('GET', '/')).headers['location']).toBe('/login?x=1')
    await using absolute = await serve(
      new Application([['/', Secret]], { ...quiet, loginUrl: 'https://id.example/' }),
    )
    const { headers } = await absolute.fetch('GET', '/', { headers: { Host: 'a.example' } })
    expect(headers['location']).toBe('https://id.example/?next=http%3A%2F%2Fa.example%2F')
  })

  it('B-web-057 needs a login URL', async () => {
    await using served = await serve(new Application([['/', Secret]], quiet))
    using expected = expectLog(appLog, /Uncaught exception/)
    expect((await served.fetch('GET', '/')).status).toBe(500)
    expect(String(expected.records[0]?.error)).toContain("'loginUrl'")
  })
})

describe('addslash and removeslash', () => {
  class Add extends RequestHandler {
    override get: () => HandlerResult = addslash(function (this: Add): HandlerResult {
      this.write('added')
    })
    override post: () => HandlerResult = this.get
  }
  class Remove extends RequestHandler {
    override get: () => HandlerResult = removeslash(function (this: Remove): HandlerResult {
      this.write('removed')
    })
    override post: () => HandlerResult = this.get
  }

  it('B-web-058 redirect for good, keep the query, and leave other methods a 404', async () => {
    await using served = await serve(
      new Application(
        [
          ['/add.*', Add],
          ['/.*', Remove],
        ],
        quiet,
      ),
    )
    const location = async (path: string): Promise<unknown[]> => {
      const { status, headers, body } = await served.fetch('GET', path)
      return [status, headers['location'] ?? body]
    }
    expect(await location('/add?x=1')).toEqual([301, '/add/?x=1'])
    expect(await location('/add/')).toEqual([200, 'added'])
    expect(await location('/rem//?x=1')).toEqual([301, '/rem?x=1'])
    expect(await location('/rem')).toEqual([200, 'removed'])
    expect(await location('/')).toEqual([200, 'removed'])
    expect(await location('//evil.example/')).toEqual([301, '/evil.example'])
    const head = await served.fetch('HEAD', '/add?x=1')
    expect([head.status, head.headers['location']]).toEqual([301, '/add/?x=1'])
    expect((await served.fetch('HEAD', '/rem/')).headers['location']).toBe('/rem')
    expect((await served.fetch('POST', '/add')).status).toBe(404)
    expect((await served.fetch('POST', '/rem/')).status).toBe(404)
  })
})

describe('RedirectHandler', () => {
  it('B-web-078 formats its URL with the groups and passes the arguments on', async () => {
    await using served = await serve(
      new Application(
        [
          ['/a', RedirectHandler, { url: '/b' }],
          ['/t', RedirectHandler, { url: '/b', permanent: false }],
          ['/p/([^/]+)/(.*)', RedirectHandler, { url: '/{1}/{0}/{{x}}' }],
          ['/n/(?<id>.*)', RedirectHandler, { url: '/id/{id}?a=1' }],
          ['/bad', RedirectHandler, { url: '/{0}' }],
        ],
        quiet,
      ),
    )
    const location = async (path: string): Promise<unknown[]> => {
      const { status, headers } = await served.fetch('GET', path)
      return [status, headers['location']]
    }
    expect(await location('/a')).toEqual([301, '/b'])
    expect(await location('/t?x=y&x=%C3%A9')).toEqual([302, '/b?x=y&x=%C3%A9'])
    expect(await location('/p/1/2')).toEqual([301, '/2/1/{x}'])
    expect(await location('/n/7?b=2')).toEqual([301, '/id/7?a=1&b=2'])
    expect((await served.fetch('POST', '/a')).status).toBe(405)
    using expected = expectLog(appLog, /Uncaught exception/)
    expect((await served.fetch('GET', '/bad')).status).toBe(500)
    expect(expected.seen).toBe(true)
  })
})

describe('FallbackHandler', () => {
  it('B-web-077 leaves the response to the fallback, and is told the end', async () => {
    const ended: string[] = []
    class Told extends FallbackHandler {
      override onFinish(): void {
        ended.push('onFinish')
      }
    }
    const fallback = (request: HTTPServerRequest): void => {
      const text = `${request.method} ${request.body.toString()}`
      const headers = new HTTPHeaders({ 'Content-Length': String(text.length) })
      void request.connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers, text)
      request.connection!.finish()
    }
    const application = new Application([['.*', Told, { fallback }]], { ...quiet, xsrfCookies: true })
    await using served = await serve(application)
    const { body, headers } = await served.fetch('POST', '/x', { body: 'hello' })
    expect([body, headers['server']]).toEqual(['POST hello', undefined])
    expect(ended).toEqual(['onFinish'])
  })
})
