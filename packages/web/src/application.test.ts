import { HTTPServer } from '@tornado-ts/httpserver'
import { RuleRouter } from '@tornado-ts/httpserver/routing'
import { accessLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { serve } from '../test/serve.ts'
import { Application } from './application.ts'
import { StaticFileHandler } from './static/static-file-handler.ts'
import { RequestHandler } from './request-handler.ts'

class Say extends RequestHandler {
  #text = ''
  override initialize({ text }: { text?: string }): void {
    this.#text = text ?? ''
  }
  override get(): void {
    this.write(this.#text)
  }
}

const quiet = { logFunction: (): void => {} }

describe('Application', () => {
  it('B-route-001 B-route-002 B-route-014 leads each path to the first rule that matches it as a whole', async () => {
    const application = new Application(
      [
        ['/a', Say, { text: 'a' }],
        ['/a.*', Say, { text: 'a...' }, 'rest'],
        [/\/b/, Say, { text: 'b...' }],
      ],
      quiet,
    )
    await using served = await serve(application)
    const body = async (path: string): Promise<string> => (await served.fetch('GET', path)).body
    expect(await body('/a')).toBe('a')
    expect(await body('/ab')).toBe('a...')
    expect(await body('/a?x=/b')).toBe('a')
    expect(await body('/bcd')).toBe('b...')
    expect((await served.fetch('GET', '/x/b')).status).toBe(404)
    expect(() => application.reverseUrl('nobody')).toThrow(RangeError)
    expect(() => new Application([['/a'] as never])).toThrow(TypeError)
  })

  it('B-route-006 B-route-007 takes nested rules, routers and functions as targets', async () => {
    const nested = new Application([['/n/deep', Say, { text: 'deep' }]], quiet)
    const application = new Application(
      [
        ['/n/.*', [['/n/one', Say, { text: 'one' }]]],
        ['/f', new RuleRouter([['/f', (request) => answer(request)]])],
        ['/n/.*', nested],
      ],
      quiet,
    )
    const { HTTPHeaders, ResponseStartLine } = await import('@tornado-ts/httputil')
    const answer = (request: { connection: import('@tornado-ts/httputil').HTTPConnection | null }): void => {
      const headers = new HTTPHeaders({ 'Content-Length': '8' })
      void request.connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers, 'function')
      request.connection!.finish()
    }
    await using served = await serve(application)
    expect((await served.fetch('GET', '/n/one')).body).toBe('one')
    expect((await served.fetch('GET', '/n/deep')).body).toBe('deep')
    expect((await served.fetch('GET', '/f')).body).toBe('function')
  })

  it('B-web-074 is what an HTTPServer is made with', async () => {
    const server = new HTTPServer(new Application([['/', () => 'served']], quiet))
    server.listen(0, { address: '127.0.0.1' })
    const { port } = await server.bound
    try {
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('served')
    } finally {
      await server[Symbol.asyncDispose]()
    }
  })

  it('B-route-008 B-route-009 asks the rules of the host first', async () => {
    const application = new Application([['/', Say, { text: 'any' }]], quiet)
    application.addHandlers('www\\.example\\.com', [['/', Say, { text: 'www' }]])
    application.addHandlers('.*\\.example\\.com', [
      ['/', Say, { text: 'wild' }],
      ['/w', Say, { text: 'w' }],
    ])
    await using served = await serve(application)
    const body = async (host: string, path = '/'): Promise<string> =>
      (await served.fetch('GET', path, { headers: { Host: host } })).body
    expect(await body('WWW.example.com:8080')).toBe('www')
    expect(await body('www.example.com', '/w')).toBe('w')
    expect(await body('a.example.com')).toBe('wild')
    expect(await body('www.example.com.evil.example')).toBe('any')
    expect(await body('localhost')).toBe('any')
  })

  it('B-route-010 uses the rules of the default host when no host matched, unless behind a proxy', async () => {
    const application = new Application([], { ...quiet, defaultHost: 'www.example.com' })
    application.addHandlers('www\\.example\\.com', [['/', Say, { text: 'www' }]])
    await using served = await serve(application)
    expect((await served.fetch('GET', '/')).body).toBe('www')
    expect((await served.fetch('GET', '/', { headers: { 'X-Real-Ip': '127.0.0.1' } })).status).toBe(404)
  })

  it('B-web-075 answers what no rule matches with 404, or by the default handler', async () => {
    await using bare = await serve(new Application([], quiet))
    for (const method of ['GET', 'POST', 'HEAD', 'BREW']) {
      expect((await bare.fetch(method, '/x')).status).toBe(method === 'BREW' ? 405 : 404)
    }
    const settings = { ...quiet, defaultHandlerClass: Say, defaultHandlerArgs: { text: 'default' } }
    await using served = await serve(new Application([], settings))
    expect((await served.fetch('GET', '/x')).body).toBe('default')
  })

  it('takes a default handler and static files whose application has settings of its own', async () => {
    interface Own {
      greeting: string
    }
    class Greet extends RequestHandler<Own> {
      override get(): void {
        this.write(this.settings.greeting)
      }
    }
    class OwnFiles extends StaticFileHandler<Own> {
      override setExtraHeaders(): void {
        this.setHeader('X-Greeting', this.settings.greeting)
      }
    }
    const application = new Application<Own>([], {
      ...quiet,
      greeting: 'hello',
      defaultHandlerClass: Greet,
      staticPath: new URL('.', import.meta.url),
      staticHandlerClass: OwnFiles,
    })
    await using served = await serve(application)
    expect((await served.fetch('GET', '/x')).body).toBe('hello')
    expect((await served.fetch('GET', '/static/index.ts')).headers['x-greeting']).toBe('hello')
  })

  it('B-web-076 B-log-008 logs a line for each request, at the level of its status', async () => {
    class Status extends RequestHandler {
      override get(): void {
        this.setStatus(Number(this.getArgument('s')))
      }
    }
    await using served = await serve(new Application([['/', Status]]))
    for (const [status, level] of [
      [200, 'info'],
      [399, 'info'],
      [400, 'warning'],
      [499, 'warning'],
      [500, 'error'],
    ] as const) {
      using expected = expectLog(
        accessLog,
        new RegExp(`^${status} GET /\\?s=${status} \\(127\\.0\\.0\\.1\\) \\d+\\.\\d\\dms$`),
        {
          level,
        },
      )
      await served.fetch('GET', `/?s=${status}`)
      expect(expected.seen).toBe(true)
    }
  })

  it('B-web-076 B-log-008 leaves the log to logFunction', async () => {
    const seen: number[] = []
    const application = new Application([['/', Say]], {
      logFunction: (handler) => void seen.push(handler.getStatus()),
    })
    await using served = await serve(application)
    await served.fetch('GET', '/')
    await served.fetch('GET', '/none')
    expect(seen).toEqual([200, 404])
  })

  it('shows its handlers its settings, typed', async () => {
    class Reader extends RequestHandler<{ greeting: string }> {
      override get(): void {
        this.write(this.settings.greeting)
      }
    }
    const application = new Application([['/', Reader]], { ...quiet, greeting: 'hi' })
    await using served = await serve(application)
    expect((await served.fetch('GET', '/')).body).toBe('hi')
  })

  it('answers pipelined requests in order, with one write for those that are ready', async () => {
    class Slow extends RequestHandler {
      override async get(): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve))
        this.write('slow')
      }
    }
    await using served = await serve(
      new Application(
        [
          ['/slow', Slow],
          ['/fast', Say, { text: 'fast' }],
        ],
        quiet,
      ),
    )
    const request = (path: string, last = false): string =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\n${last ? 'Connection: close\r\n' : ''}\r\n`
    const received = await served.exchange(
      request('/slow') + request('/fast') + request('/slow') + request('/fast', true),
    )
    expect([...received.matchAll(/\r\n\r\n(slow|fast)/g)].map((match) => match[1])).toEqual([
      'slow',
      'fast',
      'slow',
      'fast',
    ])
  })
})

describe('bad input', () => {
  it('gets a 4xx answer that can be read and a closed connection, and no handler', async () => {
    let handled = 0
    class Handler extends RequestHandler {
      override prepare(): void {
        handled++
      }
      override get(): void {}
    }
    await using served = await serve(new Application([['/', Handler]], quiet))
    for (const bad of [
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n',
    ]) {
      const received = await served.exchange(bad)
      expect(received).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
      expect(received).toContain('\r\nConnection: close\r\n')
      expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    }
    expect(handled).toBe(0)
  })
})

it('tells its version as its package does', async () => {
  const { readFile } = await import('node:fs/promises')
  const { version } = await import('./version.ts')
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(version).toBe(manifest.version)
})
