import { Router } from '@tornado-ts/httpserver/routing'
import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { Finish, HTTPError } from '../errors.ts'
import type { RequestContext } from './request-context.ts'
import { RequestHandler } from '../request-handler.ts'
import { url as URLSpec } from '../index.ts'

const quiet = { logFunction: (): void => {} }

describe('a function as handler', () => {
  it('answers text, bytes, JSON or nothing, at once or later', async () => {
    const application = new Application(
      [
        ['/text', () => 'grüß'],
        ['/bytes', () => Buffer.from([1, 2])],
        ['/json', () => ({ a: '</script>' })],
        ['/later', async () => Promise.resolve({ later: true })],
        ['/written', (request) => request.write('written')],
        ['/finished', (request) => request.redirect('/x')],
        ['/empty', () => undefined],
      ],
      quiet,
    )
    await using served = await serve(application)
    const get = async (path: string): Promise<[number, string | undefined, string]> => {
      const { status, headers, body } = await served.fetch('GET', path)
      return [status, headers['content-type'], Buffer.from(body, 'latin1').toString()]
    }
    const html = 'text/html; charset=UTF-8'
    const json = 'application/json; charset=UTF-8'
    expect(await get('/text')).toEqual([200, html, 'grüß'])
    expect(await get('/bytes')).toEqual([200, html, '\x01\x02'])
    expect(await get('/json')).toEqual([200, json, String.raw`{"a":"<\/script>"}`])
    expect(await get('/later')).toEqual([200, json, '{"later":true}'])
    expect(await get('/written')).toEqual([200, html, 'written'])
    expect(await get('/finished')).toEqual([302, html, ''])
    expect(await get('/empty')).toEqual([200, html, ''])
  })

  it('answers a Response, or a body in pieces', async () => {
    const application = new Application(
      [
        ['/response', () => new Response('made', { status: 201, headers: { 'X-Own': 'yes' } })],
        ['/later', async () => Promise.resolve(Response.json([1]))],
        [
          '/pieces',
          async function* () {
            yield 'one '
            yield await Promise.resolve('two')
          },
        ],
        [
          '/generator',
          function* () {
            yield 'three '
            yield 'four'
          },
        ],
      ],
      quiet,
    )
    await using served = await serve(application)
    const response = await served.fetch('GET', '/response')
    expect([response.status, response.headers['x-own'], response.body]).toEqual([201, 'yes', 'made'])
    expect((await served.fetch('GET', '/later')).body).toBe('[1]')
    const pieces = await (await fetch(`${served.url}/pieces`)).text()
    const generator = await (await fetch(`${served.url}/generator`)).text()
    expect([pieces, generator]).toEqual(['one two', 'three four'])
  })

  it('has what a handler has, and the fields of the request', async () => {
    const application = new Application(
      [
        [
          '/a/([^/]+)/(.*)',
          (request, first, second) => {
            expectTypeOf(first).toBeString()
            request.setCookie('seen', 'yes')
            request.setStatus(201)
            return {
              groups: [first, second, request.pathArgs],
              argument: request.getArgument('q', 'none'),
              cookie: request.getCookie('c'),
              signed: request.getSignedCookie('s'),
              agent: request.headers.get('User-Agent'),
              fields: [request.method, request.path, request.uri, request.remoteIp, request.body.length],
              gone: request.signal.aborted,
              name: request.settings.loginUrl,
              kwargs: request.kwargs,
            }
          },
          { rule: 1 },
          'named',
        ],
        new URLSpec('/(?P<id>[0-9]+)?', (request: RequestContext) => ({ id: request.pathKwargs['id'] })),
      ],
      { ...quiet, cookieSecret: 'a secret that is long enough to be one', loginUrl: '/login' },
    )
    expect(application.reverseUrl('named', 'x', 'y')).toBe('/a/x/y')
    await using served = await serve(application)
    const headers = { 'User-Agent': 'test', Cookie: 'c=1' }
    const answer = await served.fetch('GET', '/a/b%20c/d?q=2', { headers })
    expect([answer.status, answer.headers['set-cookie']]).toEqual([201, 'seen=yes; Path=/'])
    expect(JSON.parse(answer.body)).toEqual({
      groups: ['b c', 'd', ['b c', 'd']],
      argument: '2',
      cookie: '1',
      signed: null,
      agent: 'test',
      fields: ['GET', '/a/b%20c/d', '/a/b%20c/d?q=2', '127.0.0.1', 0],
      gone: false,
      name: '/login',
      kwargs: { rule: 1 },
    })
    expect((await served.fetch('GET', '/7')).body).toBe('{"id":"7"}')
    expect((await served.fetch('GET', '/')).body).toBe('{"id":null}')
  })

  it('knows the application’s settings', async () => {
    const application = new Application<{ limit: number }>(
      [['/', (request) => String(request.settings.limit + 1)]],
      { ...quiet, limit: 1 },
    )
    await using served = await serve(application)
    expect((await served.fetch('GET', '/')).body).toBe('2')
  })

  it('answers GET and HEAD, with Etag and 304; other methods are 405', async () => {
    const application = new Application([['/', () => 'hello']], quiet)
    await using served = await serve(application)
    const get = await served.fetch('GET', '/')
    expect(get.headers['etag']).toMatch(/^"[0-9a-f]{40}"$/)
    const head = await served.fetch('HEAD', '/')
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '5'])
    const headers = { 'If-None-Match': get.headers['etag']! }
    expect((await served.fetch('GET', '/', { headers })).status).toBe(304)
    const post = await served.fetch('POST', '/')
    expect([post.status, post.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS'])
    const options = await served.fetch('OPTIONS', '/')
    expect([options.status, options.headers['allow'], options.body]).toEqual([204, 'GET, HEAD, OPTIONS', ''])
  })

  it('comes by method, more than the usual ones too', async () => {
    const application = new Application(
      [
        [
          '/',
          {
            get: () => 'got',
            post: (request) => request.getBodyArgument('a'),
            query: (request) => request.getJsonBody<object>(),
          },
        ],
      ],
      quiet,
    )
    await using served = await serve(application)
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect((await served.fetch('GET', '/')).body).toBe('got')
    expect((await served.fetch('POST', '/', { headers: form, body: 'a=posted' })).body).toBe('posted')
    const json = { 'Content-Type': 'application/json' }
    expect((await served.fetch('QUERY', '/', { headers: json, body: '{"q":1}' })).body).toBe('{"q":1}')
    const put = await served.fetch('PUT', '/')
    expect([put.status, put.headers['allow']]).toEqual([405, 'GET, HEAD, POST, OPTIONS, QUERY'])
  })

  it('ends in the error page of what it throws', async () => {
    const application = new Application(
      [
        ['/http', () => Promise.reject(new HTTPError(418))],
        ['/finish', () => Promise.reject(new Finish('done'))],
        [
          '/bug',
          () => {
            throw new RangeError('bug')
          },
        ],
        ['/list', () => [1]],
      ],
      quiet,
    )
    await using served = await serve(application)
    expect((await served.fetch('GET', '/http')).status).toBe(418)
    expect((await served.fetch('GET', '/finish')).body).toBe('done')
    using expected = expectLog(appLog, /Uncaught exception GET/)
    expect((await served.fetch('GET', '/bug')).status).toBe(500)
    expect((await served.fetch('GET', '/list')).status).toBe(500)
    expect(expected.records.map(({ error }) => String(error))).toEqual([
      'RangeError: bug',
      expect.stringContaining('Arrays are not accepted'),
    ])
  })

  it('is held to the XSRF check, and logged, as classes are', async () => {
    const logged: string[] = []
    const application = new Application([['/', { get: () => 'got', post: () => 'posted' }]], {
      xsrfCookies: true,
      logFunction: (handler) => void logged.push(`${handler.request.method} ${handler.getStatus()}`),
    })
    await using served = await serve(application)
    using expected = expectLog(genLog, /_xsrf/)
    expect((await served.fetch('POST', '/')).status).toBe(403)
    expect((await served.fetch('GET', '/')).status).toBe(200)
    expect([logged, expected.seen]).toEqual([['POST 403', 'GET 200'], true])
  })

  it('is told from classes and other targets when rules are made', () => {
    class Forgotten {}
    const rule = (target: unknown): (() => Application) => {
      return () => new Application([['/', target as RequestContextTarget]], quiet)
    }
    expect(rule(Forgotten)).toThrow('Forgotten is no RequestHandler')
    expect(rule({ get: Forgotten })).toThrow(TypeError)
    expect(rule({ 'no method': () => '' })).toThrow(TypeError)
    expect(rule(class extends RequestHandler {})).not.toThrow()
    expect(rule({ startRequest: () => ({}) })).not.toThrow()
    expect(
      rule(
        new (class extends Router {
          override findHandler = (): null => null
        })(),
      ),
    ).not.toThrow()
  })
})

type RequestContextTarget = typeof RequestHandler
