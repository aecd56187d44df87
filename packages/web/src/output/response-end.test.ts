import { DictLoader } from '@tornado-ts/template'
import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'

/** An application with one handler at every path. */
const only = (handler: new (...args: never[]) => RequestHandler): Application =>
  new Application([['.*', handler as typeof RequestHandler]], {
    logFunction: () => {},
    templateLoader: new DictLoader({ page: 'page' }),
  })

it('B-web-025 finish, render and flush answer promises of what was written; nobody must await them', async () => {
  const ended: string[] = []
  class Handler extends RequestHandler {
    override async get(): Promise<void> {
      switch (this.request.path) {
        case '/awaited':
          this.write('a')
          expect(await this.flush()).toBeUndefined()
          expect(await this.finish('b')).toBeUndefined()
          break
        case '/rendered':
          expect(await this.render('page')).toBeUndefined()
          break
        default:
          this.write('a')
          void this.flush()
          void this.finish('b')
      }
    }

    override onFinish(): void {
      ended.push(this.request.path)
    }
  }
  await using served = await serve(only(Handler))
  const body = async (path: string): Promise<string> => (await fetch(served.url + path)).text()
  expect(await body('/awaited')).toBe('ab')
  expect(await body('/rendered')).toBe('page')
  expect(await body('/floating')).toBe('ab')
  expect(ended).toEqual(['/awaited', '/rendered', '/floating'])
})

it('B-web-025 the promises fail with StreamClosedError when the peer is gone', async () => {
  const began = Promise.withResolvers<void>()
  const failures = Promise.withResolvers<unknown[]>()
  class Handler extends RequestHandler {
    override async get(): Promise<void> {
      began.resolve()
      const { signal } = this.request
      if (!signal.aborted) await once(signal, 'abort')
      this.write('a')
      const flushed = await this.flush().catch((error: unknown) => error)
      const rendered = await this.render('page').catch((error: unknown) => error)
      failures.resolve([flushed, rendered])
    }
  }
  await using served = await serve(only(Handler))
  const socket = connect(served.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await began.promise
  socket.destroy()
  expect(await failures.promise).toMatchObject([{ name: 'StreamClosedError' }, { name: 'StreamClosedError' }])
})

it('a handler that does nothing but flush learns that its peer is gone', async () => {
  const began = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  class Handler extends RequestHandler {
    override async get(): Promise<void> {
      began.resolve()
      const { signal } = this.request
      while (!signal.aborted) await this.flush()
      gone.resolve()
    }
  }
  await using served = await serve(only(Handler))
  const socket = connect(served.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await began.promise
  socket.destroy()
  await expect(gone.promise).resolves.toBeUndefined()
})

it('B-web-081 a handler may finish from onConnectionClose', async () => {
  const began = Promise.withResolvers<void>()
  const finished = Promise.withResolvers<number>()
  class Handler extends RequestHandler {
    override get(): Promise<void> {
      began.resolve()
      return new Promise(() => {})
    }

    override onConnectionClose(): void {
      void this.finish('nobody reads this')
    }

    override onFinish(): void {
      finished.resolve(this.getStatus())
    }
  }
  await using served = await serve(only(Handler))
  const socket = connect(served.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await began.promise
  socket.destroy()
  expect(await finished.promise).toBe(200)
})

it('B-web-082 a Content-Length that is not that of the body is an error, and the connection ends', async () => {
  class Handler extends RequestHandler {
    override get(): void {
      this.setHeader('Content-Length', this.getArgument('length'))
      this.write('hello')
    }
  }
  const cases = [
    ['7', 'Tried to write 2 bytes less than Content-Length', 1, 'hello'],
    ['3', 'Tried to write more data than Content-Length', 0, ''],
  ] as const
  await using served = await serve(only(Handler))
  const second = 'GET /second HTTP/1.1\r\nHost: x\r\n\r\n'
  for (const [length, message, answers, body] of cases) {
    using failed = expectLog(appLog, /^Uncaught exception GET/)
    using ended = expectLog(genLog, /^Cannot (complete a response|send error response)/)
    const first = `GET /?length=${length} HTTP/1.1\r\nHost: x\r\n\r\n`
    const received = await served.exchange(first + second)
    expect(failed.records.map(({ error }) => String(error))).toEqual([`HTTPOutputError: ${message}`])
    expect(ended.seen).toBe(true)
    expect(received.split('HTTP/1.1 ').length - 1).toBe(answers)
    expect(received.split('\r\n\r\n')[1] ?? '').toBe(body)
  }
})
