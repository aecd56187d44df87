import { describe, expect, it } from 'vitest'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { authenticated } from '../security/authenticated.ts'
import { localPath, redirectLocation, redirectStatus } from './redirect.ts'
import { RedirectHandler } from '../handlers/redirect-handler.ts'
import { RequestHandler, type HandlerResult } from '../request-handler.ts'

const quiet = { logFunction: (): void => {} }

it('redirectStatus answers 302, 301 or what is asked for', () => {
  expect(redirectStatus({})).toBe(302)
  expect(redirectStatus({ permanent: true })).toBe(301)
  expect(redirectStatus({ permanent: true, status: 307 })).toBe(307)
  for (const status of [299, 400, 302.5, Number.NaN])
    expect(() => redirectStatus({ status })).toThrow(RangeError)
})

it('redirectLocation encodes what browsers would leave out of a URL', () => {
  expect(redirectLocation('/\t/evil.example')).toBe('/%09/evil.example')
  expect(redirectLocation('/é')).toBe('/%C3%A9')
})

it.each(['//evil.example', '///evil.example', '/\\evil.example', '/\t/evil.example'])(
  'localPath leaves no other host in %j',
  (path) => {
    expect(localPath(path)).toBe('/evil.example')
  },
)

describe('a request cannot choose another host', () => {
  class Secret extends RequestHandler {
    override get: () => HandlerResult = authenticated(function (this: Secret): HandlerResult {
      this.write('secret')
    })
  }

  it.each([
    ['//evil.example/a?b', '/evil.example/a?b'],
    ['/\\evil.example', '/evil.example'],
    ['http://evil.example/a?b', '/a?b'],
    ['http://evil.example', '/'],
    ['http://evil.example//other.example', '/other.example'],
  ])('as `next` of authenticated: %s', async (target, next) => {
    await using served = await serve(new Application([['.*', Secret]], { ...quiet, loginUrl: '/login' }))
    const { headers } = await served.fetch('GET', target)
    const location = new URL(headers['location']!, 'http://here.example')
    expect([location.pathname, location.searchParams.get('next')]).toEqual(['/login', next])
  })

  it.each(['//evil.example', '/%2Fevil.example', '/%5Cevil.example', '/%09/evil.example'])(
    'by a group of a RedirectHandler: %s',
    async (path) => {
      await using served = await serve(new Application([['/(.*)', RedirectHandler, { url: '/{0}' }]], quiet))
      const { headers } = await served.fetch('GET', path)
      expect(headers['location']).toBe('/evil.example')
    },
  )

  it('but a rule can', async () => {
    await using served = await serve(
      new Application([['/(.*)', RedirectHandler, { url: '//cdn.example/{0}' }]], quiet),
    )
    expect((await served.fetch('GET', '/a')).headers['location']).toBe('//cdn.example/a')
  })
})
