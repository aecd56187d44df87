import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { only } from '../test/only.ts'
import { serve } from '../test/serve.ts'
import { Application } from './application.ts'
import { Finish, HTTPError } from './errors.ts'
import { RequestHandler } from './request-handler.ts'

describe('the life of a handler', () => {
  it('B-web-003 B-web-005 B-web-024 goes through each step once and in order', async () => {
    const steps: string[] = []
    class Handler extends RequestHandler {
      readonly #field = 'ready'
      override initialize({ kind }: { kind: string }): void {
        steps.push(`initialize ${kind} ${this.#field}`)
      }
      override prepare(): Promise<void> {
        steps.push(
          `prepare ${this.request.body.toString()} ${String(this.pathArgs)} ${this.getBodyArgument('a')}`,
        )
        return Promise.resolve()
      }
      override async post(id: string): Promise<void> {
        await Promise.resolve()
        steps.push(`post ${id}`)
      }
      override onFinish(): void {
        steps.push('onFinish')
      }
    }
    const logFunction = (): void => void steps.push('log')
    await using served = await serve(new Application([['/x/(.*)', Handler, { kind: 'k' }]], { logFunction }))
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    await served.fetch('POST', '/x/7', { headers, body: 'a=b' })
    expect(steps).toEqual(['initialize k ready', 'prepare a=b 7 b', 'post 7', 'log', 'onFinish'])
  })

  it('B-web-007 B-web-009 answers a method it has not with 405 and Allow, and methods of its own when it names them', async () => {
    class Handler extends RequestHandler {
      static override readonly SUPPORTED_METHODS = [...RequestHandler.SUPPORTED_METHODS, 'QUERY']
      override get(): void {}
      query(): void {
        this.write('queried')
      }
    }
    await using served = await serve(only(Handler))
    const post = await served.fetch('POST', '/')
    expect([post.status, post.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS, QUERY'])
    expect((await served.fetch('QUERY', '/')).body).toBe('queried')
    expect((await served.fetch('BREW', '/')).status).toBe(405)
    expect((await served.fetch('CONSTRUCTOR', '/')).status).toBe(405)
  })

  it('B-web-010 does not call the method when prepare has finished the response', async () => {
    let called = false
    class Handler extends RequestHandler {
      override async prepare(): Promise<void> {
        await Promise.resolve()
        void this.finish('prepared')
      }
      override get(): void {
        called = true
      }
    }
    await using served = await serve(only(Handler))
    expect((await served.fetch('GET', '/')).body).toBe('prepared')
    expect(called).toBe(false)
  })

  it('B-web-042 ends without a log line when Finish is thrown', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.setStatus(202)
        throw new Finish('half ')
      }
      override async post(): Promise<void> {
        this.write('whole')
        await Promise.resolve()
        throw new Finish()
      }
    }
    await using served = await serve(only(Handler))
    const get = await served.fetch('GET', '/')
    expect([get.status, get.body]).toEqual([202, 'half '])
    expect((await served.fetch('POST', '/')).body).toBe('whole')
  })

  it('B-web-080 tells a handler when its client goes away, once, and fires the signal', async () => {
    const { promise: began, resolve: begin } = Promise.withResolvers<void>()
    const { promise: gone, resolve: leave } = Promise.withResolvers<boolean>()
    let calls = 0
    class Handler extends RequestHandler {
      override get(): Promise<void> {
        begin()
        return new Promise(() => {})
      }
      override onConnectionClose(): void {
        calls++
        leave(this.request.signal.aborted)
      }
    }
    await using served = await serve(only(Handler))
    const { connect } = await import('node:net')
    const socket = connect(served.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await began
    socket.destroy()
    expect(await gone).toBe(true)
    expect(calls).toBe(1)
  })

  it('B-web-083 logs nothing when the client leaves while the handler writes', async () => {
    const { promise: left, resolve: leave } = Promise.withResolvers<unknown>()
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        const piece = Buffer.alloc(1 << 20)
        try {
          for (;;) {
            this.write(piece)
            await this.flush()
          }
        } catch (error) {
          leave(error)
          throw error
        }
      }
    }
    await using served = await serve(only(Handler))
    const { connect } = await import('node:net')
    const socket = connect(served.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    socket.once('data', () => socket.destroy())
    expect(await left).toMatchObject({ name: 'StreamClosedError' })
  })
})

describe('an error', () => {
  it('B-web-036 B-web-037 B-web-038 is shown as a page with status and reason, never its log message', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        const reason = this.getArgument('reason', undefined)
        throw new HTTPError(Number(this.getArgument('s')), 'secret', reason === undefined ? {} : { reason })
      }
    }
    await using served = await serve(only(Handler))
    using expected = expectLog(genLog, /^4\d\d GET .* \(127\.0\.0\.1\): secret$/)
    const { status, headers, body } = await served.fetch('GET', '/?s=403')
    expect([status, body]).toEqual([
      403,
      '<html><title>403: Forbidden</title><body>403: Forbidden</body></html>',
    ])
    expect(headers['content-type']).toBe('text/html; charset=UTF-8')
    expect((await served.fetch('GET', '/?s=499')).body).toContain('499: Unknown')
    const own = await served.fetch('GET', '/?s=410&reason=Gone%20%26%20lost')
    expect(own.statusLine).toBe('HTTP/1.1 410 Gone & lost')
    expect(own.body).toContain('410: Gone &amp; lost')
    expect(expected.records).toHaveLength(3)
  })

  it('B-web-036 shows its stack with serveTraceback, as plain text', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        throw new Error('<b>boom</b>')
      }
    }
    const application = new Application([['/', Handler]], {
      debug: true,
      autoreload: false,
      logFunction: () => {},
    })
    await using served = await serve(application)
    using expected = expectLog(appLog, /Uncaught exception/)
    const { headers, body } = await served.fetch('GET', '/')
    expect(headers['content-type']).toBe('text/plain; charset=UTF-8')
    expect(body).toContain('Error: <b>boom</b>\n    at Handler.get')
    expect(expected.seen).toBe(true)
  })

  it('B-web-034 after the head was sent breaks the response off', async () => {
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        this.write('half')
        await this.flush()
        throw new Error('too late')
      }
    }
    await using served = await serve(only(Handler))
    using uncaught = expectLog(appLog, /Uncaught exception GET/)
    using cannot = expectLog(genLog, /Cannot send error response after headers written/)
    const { body } = await served.fetch('GET', '/')
    expect(body).toBe('4\r\nhalf\r\n')
    expect([uncaught.seen, cannot.seen]).toEqual([true, true])
  })

  it('B-web-035 B-web-044 in writeError or logException still ends in a response', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        throw new HTTPError(404)
      }
      override post(): void {
        throw new HTTPError(404)
      }
      override writeError(): void {
        this.write('lost')
        throw new Error('in writeError')
      }
      override logException(): void {
        if (this.request.method === 'POST') throw new Error('in logException')
      }
    }
    await using served = await serve(only(Handler))
    using inWriteError = expectLog(appLog, /Uncaught exception in writeError/)
    const get = await served.fetch('GET', '/')
    expect([get.status, get.body]).toEqual([404, ''])
    using inLogger = expectLog(appLog, /Error in exception logger/)
    expect((await served.fetch('POST', '/')).status).toBe(404)
    expect([inWriteError.seen, inLogger.seen]).toEqual([true, true])
  })

  it('B-web-043 B-log-009 that nobody expected is logged with its stack and the request', async () => {
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        await Promise.resolve()
        throw new TypeError('unexpected')
      }
    }
    await using served = await serve(only(Handler))
    using expected = expectLog(appLog, /^Uncaught exception GET \/p\?q \(127\.0\.0\.1\)\nHTTPServerRequest\(/)
    expect((await served.fetch('GET', '/p?q')).status).toBe(500)
    expect(expected.records[0]?.error).toBeInstanceOf(TypeError)
  })

  it('B-web-006 in initialize is answered with 500 as well', async () => {
    class Handler extends RequestHandler {
      override initialize(): void {
        throw new Error('no start')
      }
    }
    await using served = await serve(only(Handler))
    using expected = expectLog(appLog, /Uncaught exception/)
    expect((await served.fetch('GET', '/')).status).toBe(500)
    expect(expected.seen).toBe(true)
  })
})

describe('redirect', () => {
  it('B-web-033 percent-encodes text beyond ASCII, and that alone', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.redirect('/ü/%41 {日本}\u010a\u560d\ud800')
      }
    }
    await using served = await serve(only(Handler))
    const { headers } = await served.fetch('GET', '/')
    expect(headers['location']).toBe('/%C3%BC/%41 {%E6%97%A5%E6%9C%AC}%C4%8A%E5%98%8D%EF%BF%BD')
  })

  it('B-web-032 B-web-033 sends a Location as given, with 302, 301 or a status of its own', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.redirect('../x?y#z', JSON.parse(this.getArgument('o', '{}')) as object)
      }
      override async post(): Promise<void> {
        await this.flush()
        expect(() => this.redirect('/')).toThrow('Cannot redirect after headers have been written')
      }
    }
    await using served = await serve(only(Handler))
    const answer = await served.fetch('GET', '/')
    expect([answer.status, answer.headers['location'], answer.body]).toEqual([302, '../x?y#z', ''])
    expect((await served.fetch('GET', '/?o={"permanent":true}')).status).toBe(301)
    expect((await served.fetch('GET', '/?o={"status":307}')).status).toBe(307)
    using expected = expectLog(appLog, /Uncaught exception/)
    for (const status of [200, 299, 400, 302.5])
      expect((await served.fetch('GET', `/?o={"status":${status}}`)).status).toBe(500)
    expect(expected.matched).toBe(4)
    expect((await served.fetch('POST', '/')).status).toBe(200)
  })
})
