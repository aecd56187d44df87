import { once } from 'node:events'
import { connect } from 'node:net'
import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { expect, it } from 'vitest'
import { only } from '../test/only.ts'
import { serve } from '../test/serve.ts'
import { Application } from './application.ts'
import { HTTPError } from './errors.ts'
import { RequestHandler } from './request-handler.ts'

it('B-web-003 a request is refused by the first step that it fails', async () => {
  let passed = 0
  class Handler extends RequestHandler {
    override prepare(): void {
      passed++
    }
    override post(): void {}
  }
  const application = new Application([['/(.*)', Handler]], { xsrfCookies: true, logFunction: () => {} })
  await using served = await serve(application)
  const reason = async (method: string, path: string, options: object = {}): Promise<unknown[]> => {
    using log = expectLog(genLog, / /, { required: false })
    const { status } = await served.fetch(method, path, options)
    return [status, log.records.map(({ message }) => String(message).replace(/^.*?\): /, ''))]
  }
  const headers = { 'Content-Type': 'multipart/form-data; boundary=B' }
  const malformed = { headers, body: '--B\r\nnonsense' }
  expect(await reason('BREW', '/%ff', malformed)).toEqual([405, []])
  expect(await reason('POST', '/%ff', malformed)).toEqual([400, [expect.stringMatching(/^Invalid body/)]])
  expect(await reason('POST', '/%ff')).toEqual([400, [expect.stringMatching(/^Invalid unicode in url/)]])
  expect(await reason('POST', '/')).toEqual([403, [expect.stringContaining('_xsrf')]])
  expect(passed).toBe(0)
  expect(await reason('GET', '/')).toEqual([405, []])
  expect(passed).toBe(1)
})

it('B-web-005 is made once its rule is known, with a fresh response and its page names in initialize', async () => {
  const made: string[] = []
  class Handler extends RequestHandler {
    override initialize({ kind }: { kind: string }): void {
      made.push(`${kind} ${this.getStatus()} ${typeof this.ui['shout']}`)
      this.setHeader('X-Kind', kind)
      this.setStatus(202)
    }
    override get(): void {}
  }
  const application = new Application([['/known', Handler, { kind: 'k' }]], {
    logFunction: () => {},
    uiMethods: { shout: () => '' },
  })
  await using served = await serve(application)
  expect((await served.fetch('GET', '/unknown')).status).toBe(404)
  expect(made).toEqual([])
  const { status, headers } = await served.fetch('GET', '/known')
  expect([status, headers['x-kind']]).toEqual([202, 'k'])
  expect(made).toEqual(['k 200 function'])
})

it('B-web-009 a method of its own counts only when SUPPORTED_METHODS names it', async () => {
  class Handler extends RequestHandler {
    brew(): void {
      this.write('coffee')
    }
  }
  class Named extends Handler {
    static override readonly SUPPORTED_METHODS = ['BREW']
    override get(): void {}
  }
  const rules = [
    ['/', Handler],
    ['/named', Named],
  ] as const
  await using served = await serve(new Application(rules, { logFunction: () => {} }))
  expect((await served.fetch('BREW', '/')).status).toBe(405)
  expect((await served.fetch('BREW', '/named')).body).toBe('coffee')
  expect((await served.fetch('GET', '/named')).status).toBe(405)
})

it('B-web-024 the response is sent when its line is logged, and onFinish comes last', async () => {
  const steps: unknown[] = []
  class Handler extends RequestHandler {
    override get(): void {
      this.write('whole')
      void this.finish()
      steps.push('finished')
    }
    override onFinish(): void {
      expect(() => this.write('late')).toThrow('Cannot write() after finish()')
      steps.push('onFinish')
    }
  }
  const logFunction = (handler: RequestHandler): void => void steps.push(`log ${handler.getStatus()}`)
  await using served = await serve(new Application([['/', Handler]], { logFunction }))
  expect((await served.fetch('GET', '/')).body).toBe('whole')
  expect(steps).toEqual(['log 200', 'onFinish', 'finished'])
})

it('B-web-034 an error takes back what was set; 304 calls no writeError, which need not finish', async () => {
  const written: number[] = []
  class Handler extends RequestHandler {
    override get(): void {
      this.setHeader('X-Gone', 'yes')
      this.write('gone')
      throw new HTTPError(Number(this.getArgument('s')), undefined, { reason: 'Own' })
    }
    override writeError(statusCode: number): void {
      written.push(statusCode)
      this.write(`page of ${this.getStatus()}`)
    }
  }
  await using served = await serve(only(Handler))
  const gone = await served.fetch('GET', '/?s=410')
  expect([gone.statusLine, gone.headers['x-gone'], gone.body]).toEqual([
    'HTTP/1.1 410 Own',
    undefined,
    'page of 410',
  ])
  const unchanged = await served.fetch('GET', '/?s=304')
  expect([unchanged.statusLine, unchanged.headers['x-gone'], unchanged.body]).toEqual([
    'HTTP/1.1 304 Own',
    undefined,
    '',
  ])
  expect(written).toEqual([410])
})

it('B-web-043 B-log-009 an HTTPError is a warning if it has a log message, and else no line', async () => {
  class Handler extends RequestHandler {
    override get(): void {
      throw new HTTPError(403, 'no %s', { args: ['key'] })
    }
    override post(): void {
      throw new HTTPError(500)
    }
    override put(): void {
      throw new HTTPError(404, '', { reason: '' })
    }
  }
  await using served = await serve(only(Handler))
  using warned = expectLog(genLog, /^403 GET \/p\?q \(127\.0\.0\.1\): no key$/, { level: 'warning' })
  expect((await served.fetch('GET', '/p?q')).status).toBe(403)
  expect(warned.records.map(({ error }) => error)).toEqual([undefined])
  expect((await served.fetch('POST', '/')).status).toBe(500)
  expect((await served.fetch('PUT', '/')).statusLine).toBe('HTTP/1.1 404 Not Found')
})

it('B-web-045 what is thrown after finish is logged, and nothing more is sent', async () => {
  class Handler extends RequestHandler {
    override async get(): Promise<void> {
      void this.finish('whole')
      await Promise.resolve()
      throw new Error('too late')
    }
    override post(): void {
      void this.finish('whole')
      throw new HTTPError(403, 'too late')
    }
  }
  await using served = await serve(only(Handler))
  const second = 'PUT /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
  for (const [method, logger, line] of [
    ['GET', appLog, /^Uncaught exception GET/],
    ['POST', genLog, /^403 POST .*too late$/],
  ] as const) {
    using logged = expectLog(logger, line)
    const received = await served.exchange(`${method} / HTTP/1.1\r\nHost: x\r\n\r\n${second}`)
    expect(received.match(/HTTP\/1\.1 \d+|whole/g)).toEqual(['HTTP/1.1 200', 'whole', 'HTTP/1.1 405'])
    expect(logged.matched).toBe(1)
  }
})

it('B-web-024 B-web-080 a client that leaves after finish() is nobody to be told of', async () => {
  const told: string[] = []
  class Handler extends RequestHandler {
    override get(): void {
      this.write(Buffer.alloc(this.request.path === '/large' ? 50_000_000 : 10))
    }
    override onConnectionClose(): void {
      told.push(this.request.path)
    }
  }
  await using served = await serve(only(Handler))
  for (const path of ['/answered', '/large']) {
    const socket = connect(served.port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await once(socket, 'data')
    socket.resetAndDestroy()
    while (served.server.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(told).toEqual([])
})

it('B-web-073 a setting that is required must be there and not empty', async () => {
  class Handler extends RequestHandler<{ key?: string | number }> {
    override get(): void {
      this.requireSetting('key', 'locks')
      this.write('there')
    }
  }
  for (const settings of [{}, { key: '' }, { key: 0 }]) {
    await using served = await serve(
      new Application<{ key?: string | number }>([['/', Handler]], { ...settings, logFunction: () => {} }),
    )
    using expected = expectLog(appLog, /^Uncaught exception/)
    expect((await served.fetch('GET', '/')).status).toBe(500)
    expect(String(expected.records[0]?.error)).toBe(
      "Error: You must define the 'key' setting in your application to use locks",
    )
  }
  await using served = await serve(
    new Application<{ key?: string | number }>([['/', Handler]], { key: 'k', logFunction: () => {} }),
  )
  expect((await served.fetch('GET', '/')).body).toBe('there')
})
