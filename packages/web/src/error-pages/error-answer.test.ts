import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { DictLoader } from '@tornado-ts/template'
import { describe, expect, it } from 'vitest'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { HTTPError } from '../errors.ts'
import { withMiddleware, type Middleware } from '../handlers/middleware.ts'
import { RequestHandler, type HandlerResult } from '../request-handler.ts'
import { streamRequestBody } from '../input/stream-request-body.ts'

const quiet = { logFunction: (): void => {} }

describe('a status that no response can end with', () => {
  it.each([0, 42, 100, 103, 1000, 404.5, Number.NaN, Infinity])(
    'as that of an HTTPError is our mistake: %d becomes 500',
    async (status) => {
      class Handler extends RequestHandler {
        override async get(): Promise<void> {
          await Promise.resolve()
          throw new HTTPError(status)
        }
      }
      await using served = await serve(new Application([['/', Handler]], quiet))
      using expected = expectLog(appLog, /Uncaught exception/)
      expect((await served.fetch('GET', '/')).status).toBe(500)
      expect(String(expected.records[0]?.error)).toContain(`status ${status}`)
    },
  )

  it('is not taken by sendError', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.sendError(101)
      }
    }
    await using served = await serve(new Application([['/', Handler]], quiet))
    using expected = expectLog(appLog, /Uncaught exception/)
    expect((await served.fetch('GET', '/')).status).toBe(500)
    expect(expected.records[0]?.error).toBeInstanceOf(RangeError)
  })
})

describe('a writeError that takes its time', () => {
  class Failing extends RequestHandler {
    override get(): void {
      throw new HTTPError(404)
    }
  }

  it('ends the response when it is done', async () => {
    class Handler extends Failing {
      override async writeError(statusCode: number): Promise<void> {
        await Promise.resolve()
        this.setHeader('X-Page', 'own')
        await this.finish(`page of ${statusCode}`)
      }
    }
    await using served = await serve(new Application([['/', Handler]], quiet))
    const answer = await served.fetch('GET', '/')
    expect([answer.status, answer.headers['x-page'], answer.body]).toEqual([404, 'own', 'page of 404'])
  })

  it('need not end it itself', async () => {
    class Handler extends Failing {
      override async writeError(): Promise<void> {
        await Promise.resolve()
        this.write('written')
      }
    }
    await using served = await serve(new Application([['/', Handler]], quiet))
    const answer = await served.fetch('GET', '/')
    expect([answer.status, answer.body]).toEqual([404, 'written'])
  })

  it('may render a template that awaits, without awaiting that', async () => {
    class Handler extends Failing {
      override writeError(statusCode: number): void {
        void this.render('error', { text: Promise.resolve(`sorry, ${statusCode}`) })
      }
    }
    const templateLoader = new DictLoader({ error: '<p>{{ await text }}</p>' })
    await using served = await serve(new Application([['/', Handler]], { ...quiet, templateLoader }))
    const answer = await served.fetch('GET', '/')
    expect([answer.status, answer.body]).toEqual([404, '<p>sorry, 404</p>'])
  })

  it('leaves the status alone of the page when it fails', async () => {
    class Handler extends Failing {
      override async writeError(): Promise<void> {
        this.write('half of it')
        await Promise.resolve()
        throw new Error('oops')
      }
    }
    await using served = await serve(new Application([['/', Handler]], quiet))
    using expected = expectLog(appLog, /Uncaught exception in writeError/)
    const answer = await served.fetch('GET', '/')
    expect([answer.status, answer.body]).toEqual([404, ''])
    expect(String(expected.records[0]?.error)).toContain('oops')
  })

  it.each(['sent', 'flushed'])('may fail after the page was %s', async (how) => {
    class Handler extends Failing {
      override async writeError(): Promise<void> {
        this.write('page')
        await (how === 'sent' ? this.finish() : this.flush())
        throw new Error('oops')
      }
    }
    await using served = await serve(new Application([['/', Handler]], quiet))
    using expected = expectLog(appLog, /Uncaught exception in writeError/)
    const text = await served.exchange('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(text).toContain('404 Not Found')
    // A page that was broken off has no last chunk.
    expect(text.endsWith(how === 'sent' ? 'page' : '4\r\npage\r\n')).toBe(true)
    expect(expected.records).toHaveLength(1)
  })
})

describe('what fails after the response was sent', () => {
  it.each([200, 404])('in onFinish or logFunction is logged, and no more, at status %d', async (status) => {
    const ended: string[] = []
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        await Promise.resolve()
        if (status !== 200) throw new HTTPError(status)
        await this.finish('fine')
        ended.push('method went on')
      }
      override writeError(): void {
        this.write('own page')
      }
      override onFinish(): void {
        ended.push('onFinish')
        throw new Error('in onFinish')
      }
    }
    const logFunction = (): void => {
      throw new Error('in logFunction')
    }
    await using served = await serve(new Application([['/', Handler]], { logFunction }))
    using expected = expectLog(appLog, /Uncaught exception/)
    const answer = await served.fetch('GET', '/')
    expect([answer.status, answer.body]).toEqual([status, status === 200 ? 'fine' : 'own page'])
    expect(expected.records.map(({ error }) => String(error))).toEqual([
      'Error: in logFunction',
      'Error: in onFinish',
    ])
    expect(ended).toEqual(status === 200 ? ['onFinish', 'method went on'] : ['onFinish'])
  })
})

describe('what fails before a handler runs', () => {
  class Handler extends RequestHandler {
    override initialize({ status }: { status: number }): void {
      if (status === 0) throw new Error('oops')
      throw new HTTPError(status)
    }
    override prepare(): void {
      throw new Error('it must not run')
    }
    override writeError(statusCode: number): HandlerResult {
      void this.finish(`own page of ${statusCode}`)
    }
  }
  const around: Middleware = (_handler, next) => next()
  class Streaming extends Handler {}
  streamRequestBody(Streaming)

  it('in initialize has the page of its status', async () => {
    await using served = await serve(
      new Application(
        [
          ['/plain', Handler, { status: 403 }],
          ['/streaming', Streaming, { status: 403 }],
          ['/broken', Handler, { status: 0 }],
          withMiddleware([around], [['/within', Handler, { status: 403 }]]),
        ],
        quiet,
      ),
    )
    for (const path of ['/plain', '/streaming', '/within']) {
      const answer = await served.fetch('POST', path, { body: 'a body' })
      expect([path, answer.status, answer.body]).toEqual([path, 403, 'own page of 403'])
    }
    using expected = expectLog(appLog, /Uncaught exception/)
    expect((await served.fetch('GET', '/broken')).body).toBe('own page of 500')
    expect(expected.records).toHaveLength(1)
  })

  it('in setDefaultHeaders has no page, but an answer', async () => {
    class Headless extends RequestHandler {
      override setDefaultHeaders(): void {
        throw new Error('oops')
      }
    }
    await using served = await serve(new Application([['/', Headless]], quiet))
    using expected = expectLog(appLog, /Uncaught exception/)
    expect((await served.fetch('GET', '/')).status).toBe(500)
    expect(expected.records).toHaveLength(2)
  })
})
