import { HTTPServer } from '@tornado-ts/httpserver'
import { RuleRouter } from '@tornado-ts/httpserver/routing'
import { HTTPHeaders, ResponseStartLine } from '@tornado-ts/httputil'
import { DummyExecutor, workerModule, WorkerPool, type Executor } from '@tornado-ts/ioloop'
import { accessLog, appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { expect, it } from 'vitest'
import type { FunctionApplication } from './function-runner.ts'
import { WSGIContainer, type WSGIContainerOptions } from './wsgi-container.ts'
import type { WSGIEnviron, WSGIFunction } from './wsgi-types.ts'

const text: [string, string][] = [['Content-Type', 'text/plain']]

class Served implements AsyncDisposable {
  readonly server: HTTPServer
  readonly url: string

  private constructor(server: HTTPServer, url: string) {
    this.server = server
    this.url = url
  }

  static async start(application: FunctionApplication, options?: WSGIContainerOptions): Promise<Served> {
    return await Served.of(new HTTPServer(new WSGIContainer(application, options)))
  }

  static async of(server: HTTPServer): Promise<Served> {
    server.listen(0, { address: '127.0.0.1' })
    return new Served(server, await server.url())
  }

  async get(path: string, init?: RequestInit): Promise<[status: number, body: string]> {
    const response = await fetch(this.url + path, init)
    return [response.status, await response.text()]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
  }
}

it('B-wsgi-001 B-wsgi-003 runs a function on the loop thread, with the variables of the request', async () => {
  let seen: WSGIEnviron | null = null
  await using served = await Served.start((environ, startResponse) => {
    seen = environ
    startResponse('201 Made', [...text, ['X-A', '1'], ['X-A', '2']])
    return [Buffer.from('Hello, '), environ['wsgi.input'].read()]
  })
  const response = await fetch(`${served.url}/path?q`, { method: 'POST', body: 'world' })
  expect([response.status, response.statusText, await response.text()]).toEqual([201, 'Made', 'Hello, world'])
  expect([response.headers.get('X-A'), response.headers.get('Content-Length')]).toEqual(['1, 2', '12'])
  expect(seen).toMatchObject({
    REQUEST_METHOD: 'POST',
    PATH_INFO: '/path',
    QUERY_STRING: 'q',
    CONTENT_LENGTH: '5',
    'wsgi.version': [1, 0],
    'wsgi.url_scheme': 'http',
    'wsgi.multithread': false,
    'wsgi.multiprocess': true,
    'wsgi.run_once': false,
  })
})

it('B-wsgi-004 the body is gathered from write and the iterable; its close is called', async () => {
  let closed = 0
  const application: WSGIFunction = (_, startResponse) => {
    const write = startResponse('200 OK', text)
    write(Buffer.from('written, '))
    return Object.assign([Buffer.from('returned')], { close: () => closed++ })
  }
  await using served = await Served.start(application)
  expect(await served.get('/')).toEqual([200, 'written, returned'])
  expect(closed).toBe(1)
  function* lazy(_: WSGIEnviron, startResponse: Parameters<WSGIFunction>[1]): Generator<Uint8Array> {
    startResponse('200 OK', text)
    yield Buffer.from('yielded')
  }
  await using other = await Served.start(lazy)
  expect(await other.get('/')).toEqual([200, 'yielded'])
})

it('B-wsgi-005 adds Content-Length, Content-Type and Server where they are missing, but for 304 and 204', async () => {
  await using served = await Served.start((environ, startResponse) => {
    startResponse(`${environ.QUERY_STRING} X`, [])
    return [Buffer.from(environ.QUERY_STRING === '200' ? 'body' : '')]
  })
  const fieldsOf = async (status: string): Promise<unknown[]> => {
    const { headers } = await fetch(`${served.url}/?${status}`)
    return ['Content-Length', 'Content-Type', 'Server'].map((name) => headers.get(name))
  }
  expect(await fieldsOf('200')).toEqual(['4', 'text/html; charset=UTF-8', 'tornado-ts'])
  expect(await fieldsOf('304')).toEqual([null, null, 'tornado-ts'])
  expect(await fieldsOf('204')).toEqual([null, null, 'tornado-ts'])
})

it('B-wsgi-006 without startResponse, and with what cannot be sent, the answer is 500', async () => {
  const cases: [WSGIFunction, string][] = [
    [() => [], 'did not call startResponse'],
    [() => [Buffer.from('x')], 'did not call startResponse'],
    [
      (_, start) => {
        start('200 OK', [['X', 'a\r\nEvil: 1']])
        return []
      },
      'Not a valid value',
    ],
    [
      (_, start) => {
        start('200 OK\r\nEvil: 1', [])
        return []
      },
      'Not a valid status',
    ],
    [
      (_, start) => {
        start('200 OK', [['Connection', 'close']])
        return []
      },
      'belongs to the server',
    ],
    ...(['-1', '1, 1', 'one', ''].map((length) => [
      (_, start) => {
        start('200 OK', [['Content-Length', length]])
        return []
      },
      'Not a valid value of header Content-Length',
    ]) as [WSGIFunction, string][]),
    [
      (_, start) => {
        start('200 OK', [
          ['Content-Length', '1'],
          ['content-length', '1'],
        ])
        return []
      },
      'is there twice',
    ],
    [
      (_, start) => {
        start('200 OK', [['a b', 'close']])
        return []
      },
      'Not a valid header name',
    ],
    [
      (_, start) => {
        start('200 OK', [])
        start('200 OK', [])
        return []
      },
      'was already called',
    ],
    [
      (_, start) => {
        start('200 OK', [])
        return ['text'] as unknown as Uint8Array[]
      },
      'must consist of Uint8Array',
    ],
  ]
  for (const [application, why] of cases) {
    using _log = expectLog(appLog, 'Uncaught exception of the application, GET /')
    using access = expectLog(accessLog, /^500 GET \/ \(127\.0\.0\.1\) \d+\.\d\dms$/)
    await using served = await Served.start(application)
    const response = await fetch(served.url)
    expect([why, response.status, response.headers.get('Evil')]).toEqual([why, 500, null])
    await response.text()
    expect(access.records[0]!.level).toBe('error')
  }
})

it('B-wsgi-006 an answer is written to the access log as those of an Application', async () => {
  await using served = await Served.start((_, startResponse) => {
    startResponse('404 Not Found', text)
    return []
  })
  using access = expectLog(accessLog, /^404 GET \/x\?y \(127\.0\.0\.1\) \d+\.\d\dms$/, { level: 'warning' })
  expect((await served.get('/x?y'))[0]).toBe(404)
  expect(access.matched).toBe(1)
})

it('startResponse may be called again with an error, and the last head counts', async () => {
  await using served = await Served.start((environ, startResponse) => {
    environ['wsgi.errors'].write('told ')
    environ['wsgi.errors'].writelines(['in ', 'the log'])
    environ['wsgi.errors'].flush()
    startResponse('200 OK', text)
    startResponse('299 Other', text, new Error('reason'))
    return []
  })
  using _log = expectLog(appLog, 'GET /: told in the log')
  expect((await served.get('/'))[0]).toBe(299)
})

it.each<[string, () => Executor, FunctionApplication]>([
  [
    'an executor of this thread',
    () => new DummyExecutor(),
    (environ, startResponse) => {
      startResponse('200 OK', text)
      return [Buffer.from(`${environ.QUERY_STRING} ${environ['wsgi.multithread']} body`)]
    },
  ],
  [
    'threads',
    () =>
      new WorkerPool({
        size: 1,
        workerOptions: { execArgv: ['--conditions=@tornado-ts/source', '--no-warnings'] },
      }),
    workerModule<typeof import('../fixtures/greeting.ts')>(
      new URL('../fixtures/greeting.ts', import.meta.url),
    ).greet as unknown as FunctionApplication,
  ],
])('B-wsgi-003 runs a function in %s', async (_, makeExecutor, application) => {
  const executor = makeExecutor()
  await using served = await Served.start(application, { executor })
  expect(await served.get('/?q', { method: 'POST', body: 'body' })).toEqual([200, 'q true body'])
  await executor.close()
  if (executor instanceof WorkerPool) {
    using _log = expectLog(appLog, 'Uncaught exception of the application')
    using _access = expectLog(accessLog, /^500/)
    expect((await served.get('/'))[0]).toBe(500)
  }
})

it('a function of a module needs an executor', () => {
  const { greet } = workerModule<typeof import('../fixtures/greeting.ts')>(
    new URL('../fixtures/greeting.ts', import.meta.url),
  )
  expect(() => new WSGIContainer(greet as unknown as FunctionApplication)).toThrow('needs an executor')
})

const showPath: WSGIFunction = (environ, startResponse) => {
  startResponse('200 OK', text)
  return [Buffer.from(`${environ.SCRIPT_NAME}|${environ.PATH_INFO}`)]
}

it('is mounted under a prefix of a router, beside other rules', async () => {
  const container = new WSGIContainer(showPath, { scriptName: '/old' })
  const router = new RuleRouter([
    ['/new', (request) => answerOk(request.connection!)],
    ['/.*', container],
  ])
  await using served = await Served.of(new HTTPServer(router))
  expect(await served.get('/old/a/b')).toEqual([200, '/old|/a/b'])
  expect(await served.get('/new')).toEqual([200, 'new'])
  using _access = expectLog(accessLog, /^404/)
  expect((await served.get('/other'))[0]).toBe(404)
})

it('handleRequest answers a request whose body is complete, as the callback of a server', async () => {
  const container = new WSGIContainer(showPath)
  const over: Promise<void>[] = []
  const server = new HTTPServer((request) => {
    over.push(container.handleRequest(request))
  })
  await using served = await Served.of(server)
  expect(await served.get('/x', { method: 'POST', body: 'a' })).toEqual([200, '|/x'])
  await Promise.all(over)
  await container.ready()
  await container.close()
})

it('maxBodySize is held', async () => {
  await using served = await Served.start(showPath, { maxBodySize: 10 })
  expect((await served.get('/', { method: 'POST', body: 'x'.repeat(11) }))[0]).toBe(413)
})

it('options that make no sense are refused', () => {
  for (const scriptName of ['old', '/old/', '/', '/a?b']) {
    expect(() => new WSGIContainer(showPath, { scriptName })).toThrow(TypeError)
  }
  expect(() => new WSGIContainer(showPath, { requestTimeoutMs: 0 })).toThrow(RangeError)
  expect(() => new WSGIContainer(showPath, { queueTimeoutMs: Number.NaN })).toThrow(RangeError)
  expect(() => new WSGIContainer(showPath, { requestBufferSize: -1 })).toThrow(RangeError)
})

function answerOk(
  connection: NonNullable<import('@tornado-ts/httputil').HTTPServerRequest['connection']>,
): void {
  void connection.writeHeaders(
    new ResponseStartLine('HTTP/1.1', 200, 'OK'),
    new HTTPHeaders({ 'Content-Length': '3' }),
    'new',
  )
  connection.finish()
}
