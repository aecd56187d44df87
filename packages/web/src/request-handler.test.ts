import { expectLog } from '@tornado-ts/log/testing'
import { appLog, genLog } from '@tornado-ts/log'
import { describe, expect, it } from 'vitest'
import { serve } from '../test/serve.ts'
import { Application } from './application.ts'
import { Finish, HTTPError } from './errors.ts'
import { RequestHandler } from './request-handler.ts'
import { version } from './version.ts'

/** An application with one handler at every path. */
const only = (handler: typeof RequestHandler | (new (...args: never[]) => RequestHandler)): Application =>
  new Application([['.*', handler as typeof RequestHandler]], { logFunction: () => {} })

describe('a response', () => {
  it('B-web-001 B-web-002 has Server, Content-Type and Date first, then what was set, then Etag and Content-Length', async () => {
    class Handler extends RequestHandler {
      override setDefaultHeaders(): void {
        this.setHeader('X-Default', 'yes')
      }
      override get(): void {
        this.setHeader('X-Own', 1)
        this.write('Hello, world')
      }
    }
    await using served = await serve(only(Handler))
    const { statusLine, lines, headers, body } = await served.fetch('GET', '/')
    expect(statusLine).toBe('HTTP/1.1 200 OK')
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'Server',
      'Content-Type',
      'Date',
      'X-Default',
      'X-Own',
      'Etag',
      'Content-Length',
      'Connection',
    ])
    expect(headers['server']).toBe(`TornadoServer/${version}`)
    expect(headers['content-type']).toBe('text/html; charset=UTF-8')
    expect(Math.abs(Date.parse(headers['date']!) - Date.now())).toBeLessThan(3000)
    expect(headers['content-length']).toBe('12')
    expect(body).toBe('Hello, world')
  })

  it('B-web-001 is as new after clear()', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.setHeader('X-Gone', 'yes')
        this.write('gone')
        this.setStatus(418)
        this.clear()
        this.write('kept')
      }
    }
    await using served = await serve(only(Handler))
    const { status, headers, body } = await served.fetch('GET', '/')
    expect([status, headers['x-gone'], body]).toEqual([200, undefined, 'kept'])
  })

  it('B-web-015 takes text, bytes and objects, and nothing else', async () => {
    const thrown: unknown[] = []
    class Handler extends RequestHandler {
      override get(): void {
        for (const bad of [[1, 2], 5, null, new Map(), new Date(Number.NaN).valueOf]) {
          try {
            this.write(bad as object)
          } catch (error) {
            thrown.push(error)
          }
        }
        this.write('grüß ')
        this.write(Buffer.from('bytes '))
        this.write({ a: '</script>' })
      }
    }
    await using served = await serve(only(Handler))
    const { headers, body } = await served.fetch('GET', '/')
    expect(Buffer.from(body, 'latin1').toString()).toBe('grüß bytes {"a":"<\\/script>"}')
    expect(headers['content-type']).toBe('application/json; charset=UTF-8')
    expect(headers['content-length']).toBe(String(body.length))
    expect(thrown).toHaveLength(5)
    expect(thrown.every((error) => error instanceof TypeError)).toBe(true)
    expect((thrown[0] as Error).message).toContain('wrap it in an object')
  })

  it('B-web-016 cannot be written to or finished again after finish()', async () => {
    const messages: string[] = []
    class Handler extends RequestHandler {
      override get(): void {
        void this.finish('once')
        for (const call of [() => this.write('x'), () => void this.finish()]) {
          try {
            call()
          } catch (error) {
            messages.push((error as Error).message)
          }
        }
      }
    }
    await using served = await serve(only(Handler))
    expect((await served.fetch('GET', '/')).body).toBe('once')
    expect(messages).toEqual(['Cannot write() after finish()', 'finish() called twice'])
  })

  it('B-web-017 B-web-018 B-web-023 is sent in chunks once flushed, the head alone when nothing is written', async () => {
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        await this.flush()
        this.write('one')
        await this.flush()
        this.write('zwölf')
      }
    }
    await using served = await serve(only(Handler))
    const { headers, body } = await served.fetch('GET', '/')
    expect(headers['transfer-encoding']).toBe('chunked')
    expect(headers['content-length']).toBeUndefined()
    expect(headers['etag']).toBeUndefined()
    expect(Buffer.from(body, 'latin1').toString()).toBe('3\r\none\r\n6\r\nzwölf\r\n0\r\n\r\n')
  })

  it('B-web-019 to HEAD has the headers of GET and no body', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.write('Hello, world')
      }
    }
    await using served = await serve(only(Handler))
    const get = await served.fetch('GET', '/')
    const head = await served.fetch('HEAD', '/')
    const without = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith('Date'))
    expect(without(head.lines)).toEqual(without(get.lines))
    expect(head.body).toBe('')
  })

  it('B-web-021 with status 204 has no body headers, and with a body is an error', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.setStatus(204)
      }
      override post(): void {
        this.setStatus(204)
        this.write('body')
      }
    }
    await using served = await serve(only(Handler))
    const { status, headers } = await served.fetch('GET', '/')
    expect([status, headers['content-type'], headers['content-length']]).toEqual([204, undefined, undefined])
    using expected = expectLog(appLog, /Uncaught exception POST/)
    expect((await served.fetch('POST', '/')).status).toBe(500)
    expect(expected.seen).toBe(true)
  })

  it('B-web-022 keeps a Content-Length that the handler has set', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.setHeader('Content-Length', 5)
        this.write('hello')
      }
    }
    await using served = await serve(only(Handler))
    const { lines } = await served.fetch('GET', '/')
    expect(lines.filter((line) => line.startsWith('Content-Length'))).toEqual(['Content-Length: 5'])
  })

  it('CVE-2016-5325 CVE-2025-67724 CVE-2026-34519 B-web-026 B-web-027 takes its reason from the table, and none that could break the line', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        const [status, reason] = JSON.parse(this.getArgument('s')) as [number, string?]
        this.setStatus(status, reason)
      }
    }
    await using served = await serve(only(Handler))
    const line = async (...status: [number, string?]): Promise<string> =>
      (await served.fetch('GET', `/?s=${encodeURIComponent(JSON.stringify(status))}`)).statusLine
    expect(await line(404)).toBe('HTTP/1.1 404 Not Found')
    expect(await line(413)).toBe('HTTP/1.1 413 Request Entity Too Large')
    expect(await line(422)).toBe('HTTP/1.1 422 Unprocessable Entity')
    expect(await line(299)).toBe('HTTP/1.1 299 Unknown')
    expect(await line(200, 'Fine\tby me é')).toBe('HTTP/1.1 200 Fine\tby me é')
    for (const bad of ['', 'a\r\nX: b', '<b>', 'a\0', '\u010d\u010a']) {
      expect(await line(200, bad)).toBe('HTTP/1.1 200 Unknown')
    }
  })

  it('B-web-028 B-web-029 B-web-030 converts header values, keeps empty ones and several', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.setHeader('X-Int', 3)
        this.setHeader('X-Big', 12345678901234567890n)
        this.setHeader('X-Date', new Date(1359312200000))
        this.setHeader('X-Bytes', Buffer.from([0xe9]))
        this.setHeader('X-Empty', '')
        this.addHeader('X-Two', 'a')
        this.addHeader('x-two', 'b')
        this.addHeader('X-Gone', 'a')
        this.addHeader('X-Gone', 'b')
        this.clearHeader('x-gone')
        this.clearHeader('X-Never')
      }
    }
    await using served = await serve(only(Handler))
    const { lines } = await served.fetch('GET', '/')
    expect(lines).toEqual(
      expect.arrayContaining([
        'X-Int: 3',
        'X-Big: 12345678901234567890',
        'X-Date: Sun, 27 Jan 2013 18:43:20 GMT',
        'X-Bytes: é',
        'X-Empty: ',
        'X-Two: a',
        'X-Two: b',
      ]),
    )
    expect(lines.some((line) => line.startsWith('X-Gone'))).toBe(false)
  })

  it('CVE-2012-2374 CVE-2018-1000164 CVE-2020-7695 never carries a header that the application did not mean', async () => {
    const refused: string[] = []
    class Handler extends RequestHandler {
      override get(): void {
        const nasty = ['a\r\nX: b', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb', '\u010a', '\u560d', '\u2028', '\ud800']
        for (const value of nasty) {
          for (const call of [
            () => this.setHeader('X-A', value),
            () => this.addHeader('X-A', value),
            () => this.setHeader(`X${value}`, 'a'),
            () => this.redirect(value.replaceAll(/[^\0-\x7f]/g, '\n')),
          ]) {
            try {
              call()
              refused.push(`taken: ${JSON.stringify(value)}`)
            } catch (error) {
              refused.push((error as Error).name)
            }
          }
        }
        const twoFaced = { toString: () => 'a\r\nX: b' }
        expect(() => this.setHeader('X-A', twoFaced as unknown as string)).toThrow(TypeError)
        this.setStatus(200)
      }
    }
    await using served = await serve(only(Handler))
    const { status, lines } = await served.fetch('GET', '/')
    expect(new Set(refused)).toEqual(new Set(['HTTPOutputError']))
    expect(status).toBe(200)
    expect(lines.some((line) => line.startsWith('X'))).toBe(false)
  })
})

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

  it('B-web-034 B-web-045 after the head was sent breaks the response off', async () => {
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

  it('in initialize is answered with 500 as well', async () => {
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
    expect((await served.fetch('GET', '/?o={"status":200}')).status).toBe(500)
    expect(expected.seen).toBe(true)
    expect((await served.fetch('POST', '/')).status).toBe(200)
  })
})
