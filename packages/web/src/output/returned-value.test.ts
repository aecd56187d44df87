import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { bodyOf } from '../../test/body-of.ts'
import { serve, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { RequestHandler, type MethodResult } from '../request-handler.ts'
import { streamRequestBody } from '../input/stream-request-body.ts'

/** An application whose one handler returns what `make` gives. */
const serveReturning = (make: (handler: RequestHandler) => unknown): Promise<Served> => {
  class Handler extends RequestHandler {
    override get(): MethodResult {
      return make(this) as MethodResult
    }
  }
  return serve(new Application([['/', Handler]], { logFunction: () => {} }))
}

describe('a method that returns a Response', () => {
  it('sends its status, headers, cookies and body, whole if it is there', async () => {
    await using served = await serveReturning(() => {
      const headers = new Headers({
        'Content-Type': 'text/x',
        'X-A': '1',
        Connection: 'x',
        'Keep-Alive': '5',
      })
      headers.append('Set-Cookie', 'a=1; Path=/')
      headers.append('Set-Cookie', 'b=2')
      return new Response('grüß', { status: 201, statusText: 'Made', headers })
    })
    const { statusLine, lines, headers, body } = await served.fetch('GET', '/')
    expect(statusLine).toBe('HTTP/1.1 201 Made')
    expect(headers).toMatchObject({
      'content-type': 'text/x',
      'x-a': '1',
      'content-length': '6',
      connection: 'close',
    })
    expect(lines.filter((line) => line.startsWith('Set-Cookie'))).toEqual([
      'Set-Cookie: a=1; Path=/',
      'Set-Cookie: b=2',
    ])
    expect(headers['keep-alive']).toBeUndefined()
    expect(Buffer.from(body, 'latin1').toString()).toBe('grüß')
  })

  it('has its entity tag compared as any other', async () => {
    await using served = await serveReturning(async () => Response.json({ a: 1 }))
    const { headers, body } = await served.fetch('GET', '/')
    expect([headers['content-type'], body]).toEqual(['application/json', '{"a":1}'])
    const again = await served.fetch('GET', '/', { headers: { 'If-None-Match': headers['etag']! } })
    expect([again.status, again.body]).toEqual([304, ''])
  })

  it('may have no body, and then no content type', async () => {
    await using served = await serveReturning((handler) =>
      handler.getArgument('to', null) === null
        ? new Response(null, { status: 204 })
        : Response.redirect('http://x/y', 303),
    )
    const empty = await served.fetch('GET', '/')
    expect([empty.status, empty.headers['content-type'], empty.body]).toEqual([204, undefined, ''])
    const moved = await served.fetch('GET', '/?to=1')
    expect([moved.status, moved.headers['location'], moved.headers['content-length']]).toEqual([
      303,
      'http://x/y',
      '0',
    ])
  })

  it('streams what comes in time', async () => {
    const pieces = Array.from({ length: 50 }, (_, i) => `${i} `)
    await using served = await serveReturning(() => {
      let i = 0
      return new Response(
        new ReadableStream({
          async pull(controller) {
            await new Promise((resolve) => setImmediate(resolve))
            if (i < pieces.length) controller.enqueue(Buffer.from(pieces[i++]!))
            else controller.close()
          },
        }),
      )
    })
    const answer = await served.fetch('GET', '/')
    expect(answer.headers['transfer-encoding']).toBe('chunked')
    expect(bodyOf(answer)).toBe(pieces.join(''))
  })

  it('that came by fetch() was decoded on the way, and says so', async () => {
    class Source extends RequestHandler {
      override get(): void {
        this.write('x'.repeat(5000))
      }
    }
    await using source = await serve(
      new Application([['/', Source]], { compressResponse: true, logFunction: () => {} }),
    )
    await using served = await serveReturning(() => fetch(source.url))
    const answer = await served.fetch('GET', '/')
    expect(answer.headers['content-encoding']).toBeUndefined()
    expect(bodyOf(answer)).toBe('x'.repeat(5000))
  })

  it('is not read for HEAD, but cancelled', async () => {
    const cancelled = Promise.withResolvers<void>()
    await using served = await serveReturning(
      () =>
        new Response(new ReadableStream({ cancel: () => cancelled.resolve() }), { headers: { 'X-A': '1' } }),
    )
    const { headers, body } = await served.fetch('HEAD', '/')
    expect([headers['x-a'], headers['content-length'], body]).toEqual(['1', undefined, ''])
    await cancelled.promise
  })

  it('cannot be sent twice', async () => {
    const response = new Response('x')
    await using served = await serveReturning(() => response)
    await served.fetch('GET', '/')
    using logged = expectLog(appLog, /Uncaught exception/)
    expect((await served.fetch('GET', '/')).status).toBe(500)
    expect(logged.records[0]!.error).toMatchObject({ message: 'The body of the Response is used already' })
  })

  it('fails before the head with 500, and breaks off behind it', async () => {
    await using served = await serveReturning((handler) => {
      const late = handler.getArgument('late', null) !== null
      return new Response(
        new ReadableStream({
          async start(controller) {
            if (late) controller.enqueue(Buffer.from('part'))
            await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))))
            controller.error(new Error('source failed'))
          },
        }),
      )
    })
    using logged = expectLog(appLog, /Uncaught exception/)
    expect((await served.fetch('GET', '/')).status).toBe(500)
    void logged
    using both = expectLog('tornado.general', 'Cannot send error response after headers written')
    using again = expectLog(appLog, /Uncaught exception/)
    expect((await served.fetch('GET', '/?late=1')).body).not.toMatch(/0\r\n\r\n$/)
    void [both, again]
  })
})

describe('a method that returns pieces', () => {
  it('sends each as it comes', async () => {
    await using served = await serveReturning(async function* () {
      yield 'text '
      yield Buffer.from('bytes ')
      await new Promise((resolve) => setImmediate(resolve))
      yield { json: true }
    })
    const answer = await served.fetch('GET', '/')
    expect(answer.body).toBe('5\r\ntext \r\n6\r\nbytes \r\nd\r\n{"json":true}\r\n0\r\n\r\n')
  })

  it('may be a plain generator, a method of that kind, or a web stream', async () => {
    class Generating extends RequestHandler {
      override *get(): Generator<string> {
        yield 'a'
        yield 'b'
      }
      override async *post(): AsyncGenerator<string> {
        yield this.request.body.toString()
      }
      override put(): ReadableStream {
        return new Blob(['blob']).stream()
      }
    }
    await using served = await serve(new Application([['/', Generating]], { logFunction: () => {} }))
    expect(bodyOf(await served.fetch('GET', '/'))).toBe('ab')
    expect(bodyOf(await served.fetch('POST', '/', { body: 'posted' }))).toBe('posted')
    expect(bodyOf(await served.fetch('PUT', '/'))).toBe('blob')
    expect((await served.fetch('HEAD', '/')).body).toBe('')
  })

  it('works for handlers that stream their request', async () => {
    class Echo extends RequestHandler {
      override async *post(): AsyncGenerator<Uint8Array> {
        yield* this.bodyChunks()
      }
    }
    streamRequestBody(Echo)
    await using served = await serve(new Application([['/', Echo]], { logFunction: () => {} }))
    expect(bodyOf(await served.fetch('POST', '/', { body: 'echo' }))).toBe('echo')
  })

  it('is told when the client goes away, even while it waits', async () => {
    for (const kind of ['generator', 'stream', 'iterator', 'Response']) {
      const ended = Promise.withResolvers<void>()
      const started = Promise.withResolvers<void>()
      await using served = await serveReturning(() => {
        started.resolve()
        if (kind === 'generator') return endless(() => ended.resolve())
        if (kind === 'iterator')
          return {
            [Symbol.asyncIterator]: () => ({ next: () => never, return: () => (ended.resolve(), never) }),
          }
        const stream = new ReadableStream({ cancel: () => ended.resolve() })
        return kind === 'stream' ? stream : new Response(stream)
      })
      const socket = connect(served.port, '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await started.promise
      socket.destroy()
      await expect(ended.promise).resolves.toBeUndefined()
    }
  })

  it('stops when it has finished the response itself', async () => {
    const ended = Promise.withResolvers<void>()
    await using served = await serveReturning((handler) =>
      (async function* () {
        try {
          yield 'a'
          void handler.finish('b')
          yield 'c'
        } finally {
          ended.resolve()
        }
      })(),
    )
    expect(bodyOf(await served.fetch('GET', '/'))).toBe('ab')
    await ended.promise
  })
})

describe('a method that returns anything else', () => {
  it.each([
    ['text', 'a string'],
    [5, 'a number'],
    [['a'], 'a list'],
    [{ a: 1 }, 'another object'],
    [null, 'null'],
    [Buffer.from('x'), 'another object'],
  ])('%j is an error of the handler, also when a promise resolves to it', async (value, words) => {
    for (const returned of [value, Promise.resolve(value)]) {
      await using served = await serveReturning(() => returned)
      using logged = expectLog(appLog, /Uncaught exception/)
      expect((await served.fetch('GET', '/')).status).toBe(500)
      const message = expect.stringContaining(`not ${words}:`) as string
      expect(logged.records[0]!.error).toMatchObject({ name: 'TypeError', message })
    }
  })

  it('is nobody’s business when a promise resolves to it behind the end', async () => {
    await using served = await serveReturning(async (handler) => {
      await handler.finish('done')
      return 5
    })
    expect((await served.fetch('GET', '/')).body).toBe('done')
  })
})

const never = new Promise<never>(() => {})

async function* endless(onEnd: () => void): AsyncGenerator<Buffer> {
  try {
    for (;;) yield Buffer.alloc(65_536)
  } finally {
    onEnd()
  }
}
