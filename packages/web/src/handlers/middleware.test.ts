import { RuleRouter } from '@tornado-ts/httpserver/routing'
import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { HTTPError } from '../errors.ts'
import { stateOf, withMiddleware, type Middleware } from './middleware.ts'
import { RequestHandler } from '../request-handler.ts'
import { streamRequestBody } from '../input/stream-request-body.ts'

const quiet = { logFunction: (): void => {} }

describe('withMiddleware', () => {
  it('surrounds prepare and the method, the first of the list outermost, each once', async () => {
    const steps: string[] = []
    const later: Middleware = async (_handler, next) => {
      steps.push('later in')
      await next()
      steps.push('later out')
    }
    const atOnce: Middleware = (_handler, next) => {
      steps.push('at once in')
      const result = next()
      steps.push('at once out')
      return result
    }
    class Handler extends RequestHandler {
      override prepare(): void {
        steps.push('prepare')
      }
      override async get(): Promise<void> {
        await Promise.resolve()
        steps.push('get')
      }
      override onFinish(): void {
        steps.push('onFinish')
      }
    }
    const application = new Application([withMiddleware([later, atOnce], [['/', Handler]])], quiet)
    await using served = await serve(application)
    expect((await served.fetch('GET', '/')).status).toBe(200)
    const inner = ['at once in', 'prepare', 'at once out', 'get']
    expect(steps).toEqual(['later in', ...inner, 'later out', 'onFinish'])
  })

  it('runs at once as long as nothing is asynchronous, and may change the answer', async () => {
    const steps: string[] = []
    const stamp: Middleware = (handler, next) => {
      void next()
      handler.setHeader('X-Stamp', handler.getStatus())
      steps.push('stamped')
    }
    const application = new Application([withMiddleware([stamp], [['/', () => 'hello']])], quiet)
    await using served = await serve(application)
    const answer = await served.fetch('GET', '/')
    expect([answer.headers['x-stamp'], answer.body, steps]).toEqual(['200', 'hello', ['stamped']])
  })

  it('gives what it adds to functions and classes, typed, in its subtree alone', async () => {
    const withUser: Middleware<{ user: string }> = async (handler, next) => {
      const user = handler.getArgument('user', null)
      if (user === null) throw new HTTPError(401)
      await next({ user })
    }
    const withRole: Middleware<{ role: 'admin' | 'guest' }, { user: string }> = (_handler, next, { user }) =>
      next({ role: user === 'ada' ? 'admin' : 'guest' })
    class Me extends RequestHandler {
      override get(): void {
        const { user } = stateOf(this, withUser)
        expectTypeOf(user).toBeString()
        this.write(`class ${user}`)
      }
    }
    const application = new Application(
      [
        ['/out', (request) => Object.keys(request.state)],
        ['/out-class', Me],
        withMiddleware([withUser], (within) => [
          ['/me', Me],
          [
            '/fn',
            (request) => {
              expectTypeOf(request.state).toEqualTypeOf<Readonly<{ user: string }>>()
              // @ts-expect-error -- a role is added further in alone
              return [request.state.user, request.state.role].join()
            },
          ],
          ['/in/.*', [within([withRole], [['/in/fn', ({ state }) => `${state.user} ${state.role}`]])]],
        ]),
        withMiddleware([withUser, withRole], [['/both', ({ state }) => `both ${state.role}`]]),
      ],
      quiet,
    )
    await using served = await serve(application)
    const get = async (path: string): Promise<string> => (await served.fetch('GET', `${path}?user=ada`)).body
    expect(await get('/me')).toBe('class ada')
    expect(await get('/fn')).toBe('ada,')
    expect(await get('/in/fn')).toBe('ada admin')
    expect(await get('/both')).toBe('both admin')
    expect((await served.fetch('GET', '/me')).status).toBe(401)
    using expected = expectLog(appLog, /Uncaught exception GET/)
    expect((await served.fetch('GET', '/out-class')).status).toBe(500)
    expect(String(expected.records[0]?.error)).toContain('withUser has not run around this handler')
    expect((await served.fetch('GET', '/out')).status).toBe(500)
    // @ts-expect-error -- withRole needs what withUser adds
    withMiddleware([withRole], [])
    // @ts-expect-error -- and after it
    withMiddleware([withRole, withUser], [])
    // @ts-expect-error -- what was promised must be added
    const forgetful: Middleware<{ user: string }> = (_handler, next) => next()
    expect(forgetful).toBeTypeOf('function')
  })

  it('may answer by itself, so that nothing within runs', async () => {
    let ran = 0
    const closed: Middleware = (handler) => {
      handler.setStatus(503)
      handler.write('closed')
    }
    const finished: Middleware = async (handler) => {
      await Promise.resolve()
      handler.redirect('/login')
    }
    const application = new Application(
      [
        withMiddleware([closed], [['/closed', () => void ran++]]),
        withMiddleware([finished], [['/finished', () => void ran++]]),
      ],
      quiet,
    )
    await using served = await serve(application)
    expect((await served.fetch('GET', '/closed')).statusLine).toBe('HTTP/1.1 503 Service Unavailable')
    expect((await served.fetch('GET', '/finished')).headers['location']).toBe('/login')
    expect(ran).toBe(0)
  })

  it('sees errors from within, and may answer them; its own are answered as a handler’s', async () => {
    const seen: string[] = []
    const watch: Middleware = async (_handler, next) => {
      try {
        await next()
      } catch (error) {
        seen.push(String(error))
        throw error
      }
    }
    const rescue: Middleware = async (handler, next) => {
      try {
        await next()
      } catch {
        handler.write('rescued')
      }
    }
    const broken: Middleware = () => {
      throw new HTTPError(418)
    }
    const fail = (): never => {
      throw new HTTPError(409)
    }
    const application = new Application(
      [
        withMiddleware([watch], [['/watch', fail]]),
        withMiddleware([rescue, watch], [['/rescue', async () => Promise.reject(new Error('lost'))]]),
        withMiddleware([watch, broken], [['/broken', fail]]),
      ],
      quiet,
    )
    await using served = await serve(application)
    expect((await served.fetch('GET', '/watch')).status).toBe(409)
    expect((await served.fetch('GET', '/rescue')).body).toBe('rescued')
    expect((await served.fetch('GET', '/broken')).status).toBe(418)
    expect(seen).toEqual([
      'HTTPError: HTTP 409: Conflict',
      'Error: lost',
      "HTTPError: HTTP 418: I'm a Teapot",
    ])
  })

  it('may call next once, and not when it is done', async () => {
    let late: (() => unknown) | null = null
    const twice: Middleware = async (_handler, next) => {
      await next()
      await next()
    }
    const keep: Middleware = (_handler, next) => {
      late = next
    }
    let ran = 0
    const application = new Application(
      [
        withMiddleware([twice], [['/twice', () => void ran++]]),
        withMiddleware([keep], [['/keep', () => void ran++]]),
      ],
      quiet,
    )
    await using served = await serve(application)
    using expected = expectLog(appLog, /Uncaught exception GET \/twice/)
    expect((await served.fetch('GET', '/twice')).status).toBe(500)
    expect(String(expected.records[0]?.error)).toBe('Error: next() called twice')
    expect((await served.fetch('GET', '/keep')).status).toBe(200)
    expect(() => late!()).toThrow('next() called too late')
    expect(ran).toBe(1)
  })

  it('does not end before what it surrounds, even when it does not wait', async () => {
    const careless: Middleware = (_handler, next) => {
      void next()
    }
    const carelessLater: Middleware = async (_handler, next) => {
      await Promise.resolve()
      void next()
    }
    const slow = async (): Promise<string> => {
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
      return 'slow'
    }
    const fail = async (): Promise<never> => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new HTTPError(418)
    }
    const application = new Application(
      [
        withMiddleware(
          [careless],
          [
            ['/slow', slow],
            ['/fail', fail],
          ],
        ),
        withMiddleware([carelessLater], [['/later', slow]]),
      ],
      quiet,
    )
    await using served = await serve(application)
    expect((await served.fetch('GET', '/slow')).body).toBe('slow')
    expect((await served.fetch('GET', '/later')).body).toBe('slow')
    expect((await served.fetch('GET', '/fail')).status).toBe(418)
  })

  it('stands with its rules where it is, names and hosts included; unmatched requests go on', async () => {
    const mark: Middleware = (handler, next) => {
      handler.setHeader('X-Mark', 'yes')
      return next()
    }
    const application = new Application(
      [withMiddleware([mark], [['/a/(.*)', (_request, rest) => rest, {}, 'named']]), ['/.*', () => 'rest']],
      quiet,
    )
    application.addHandlers('api\\.example', [withMiddleware([mark], [['/', () => 'api']])])
    await using served = await serve(application)
    expect(application.reverseUrl('named', 'b')).toBe('/a/b')
    const inside = await served.fetch('GET', '/a/b')
    expect([inside.headers['x-mark'], inside.body]).toEqual(['yes', 'b'])
    const outside = await served.fetch('GET', '/b')
    expect([outside.headers['x-mark'], outside.body]).toEqual([undefined, 'rest'])
    const host = await served.fetch('GET', '/', { headers: { Host: 'api.example' } })
    expect([host.headers['x-mark'], host.body]).toEqual(['yes', 'api'])
    const around = [withMiddleware([mark], [['/', new RuleRouter()]])]
    expect(() => new Application(around)).toThrow('Middleware surrounds handlers')
  })

  it('runs for methods that the handler has not, and not for requests that are refused before', async () => {
    let ran = 0
    const count: Middleware = (_handler, next) => {
      ran++
      return next()
    }
    const application = new Application([withMiddleware([count], [['/', { post: () => 'x' }]])], {
      ...quiet,
      xsrfCookies: true,
    })
    await using served = await serve(application)
    expect((await served.fetch('GET', '/')).status).toBe(405)
    expect(ran).toBe(1)
    using expected = expectLog(genLog, /_xsrf/)
    expect((await served.fetch('POST', '/')).status).toBe(403)
    expect([ran, expected.seen]).toEqual([1, true])
  })

  it('surrounds handlers that take their body in pieces, and lets go when the client does', async () => {
    const steps: string[] = []
    const around: Middleware = async (_handler, next) => {
      steps.push('in')
      try {
        await next()
      } finally {
        steps.push('out')
        if (steps.length === 3) letGo()
      }
    }
    const { promise: gone, resolve: letGo } = Promise.withResolvers<void>()
    class Upload extends RequestHandler {
      #size = 0
      override dataReceived(chunk: Buffer): void {
        steps.push('data')
        this.#size += chunk.length
      }
      override post(): void {
        steps.push('post')
        this.write(String(this.#size))
      }
    }
    streamRequestBody(Upload)
    await using served = await serve(new Application([withMiddleware([around], [['/', Upload]])], quiet))
    expect((await served.fetch('POST', '/', { body: 'x'.repeat(10) })).body).toBe('10')
    expect(steps.splice(0)).toEqual(['in', 'data', 'post', 'out'])
    const { connect } = await import('node:net')
    const socket = connect(served.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
    while (steps.length < 2) await new Promise((resolve) => setImmediate(resolve))
    socket.resetAndDestroy()
    await gone
    expect(steps).toEqual(['in', 'data', 'out'])
  })
})
