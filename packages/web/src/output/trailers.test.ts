import { toNodeListener } from '@tornado-ts/httpserver'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { bodyOf } from '../../test/body-of.ts'
import { serve, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'
import type { ApplicationSettings } from '../settings.ts'

const serveOnly = (
  run: (handler: RequestHandler) => void | Promise<void>,
  settings: ApplicationSettings = {},
): Promise<Served> => {
  class Handler extends RequestHandler {
    override get(): void | Promise<void> {
      return run(this)
    }
  }
  return serve(new Application([['/', Handler]], { logFunction: () => {}, ...settings }))
}

describe('trailers', () => {
  it('are announced and sent behind a whole body, which then has no length', async () => {
    await using served = await serveOnly((handler) => {
      handler.write('body')
      handler.setTrailer('X-Sum', 'old')
      handler.setTrailer('X-Sum', 1)
      handler.addTrailer('X-More', 'a')
      handler.addTrailer('x-more', 'b')
    })
    const { headers, lines, body } = await served.fetch('GET', '/')
    expect(lines.filter((line) => line.startsWith('Trailer'))).toEqual(['Trailer: X-Sum', 'Trailer: X-More'])
    expect(headers['content-length']).toBeUndefined()
    expect(body).toBe('4\r\nbody\r\n0\r\nX-Sum: 1\r\nX-More: a\r\nX-More: b\r\n\r\n')
  })

  it('may be set behind the head, if they were announced, also of an encoded body', async () => {
    const text = 'x'.repeat(5000)
    const sum = createHash('sha256').update(text).digest('base64')
    await using served = await serveOnly(
      async (handler) => {
        handler.setHeader('Trailer', 'X-Other, X-Sum')
        handler.write(text)
        await handler.flush()
        handler.setTrailer('x-sum', sum)
      },
      { compressResponse: true },
    )
    for (const accepted of ['identity', 'gzip', 'br', 'zstd']) {
      const answer = await served.fetch('GET', '/', { headers: { 'Accept-Encoding': accepted } })
      expect(answer.body.endsWith(`\r\n0\r\nX-Sum: ${sum}\r\n\r\n`)).toBe(true)
      expect(bodyOf(answer)).toBe(text)
    }
  })

  it('are not sent to HTTP/1.0, nor for HEAD and 304', async () => {
    await using served = await serveOnly((handler) => {
      handler.setTrailer('X-Sum', 1)
      handler.write('body')
    })
    const old = await served.exchange('GET / HTTP/1.0\r\n\r\n')
    expect(old).toMatch(/\r\nContent-Length: 4\r\n(?:.*\r\n)*\r\nbody$/)
    expect(old).not.toContain('X-Sum')
    expect((await served.fetch('HEAD', '/')).body).toBe('')
    const { headers } = await served.fetch('GET', '/')
    const unchanged = await served.fetch('GET', '/', { headers: { 'If-None-Match': headers['etag']! } })
    expect([unchanged.status, unchanged.body]).toEqual([304, ''])
  })

  it('come through a server of node:http2, too', async () => {
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        this.setTrailer('X-Sum', '7')
        this.addTrailer('X-Sum', '8')
        this.write('body')
        await this.flush()
      }
    }
    const application = new Application([['/', Handler]], { logFunction: () => {} })
    const server = createServer(
      toNodeListener(application) as unknown as (
        request: Http2ServerRequest,
        response: Http2ServerResponse,
      ) => void,
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const stream = session.request({ ':path': '/' })
    const head = once(stream, 'response')
    const trailers = once(stream, 'trailers')
    let body = ''
    for await (const chunk of stream.setEncoding('utf8')) body += String(chunk)
    expect([((await head) as [object])[0], body]).toMatchObject([
      { ':status': 200, trailer: 'X-Sum' },
      'body',
    ])
    expect(((await trailers) as [object])[0]).toMatchObject({ 'x-sum': '7, 8' })
    session.close()
    server.close()
  })

  it('are taken back by clear()', async () => {
    await using served = await serveOnly((handler) => {
      handler.setTrailer('X-Sum', 1)
      handler.clear()
      handler.write('body')
    })
    const { headers, body } = await served.fetch('GET', '/')
    expect([headers['trailer'], headers['content-length'], body]).toEqual([undefined, '4', 'body'])
  })

  it('CVE-2012-2374, node trailers 2015: what could split the response, or must not be trailers, are refused', async () => {
    const errors: unknown[] = []
    const attempt = (call: () => void): void => {
      try {
        call()
        errors.push('accepted')
      } catch (error) {
        errors.push((error as Error).name)
      }
    }
    await using served = await serveOnly((handler) => {
      attempt(() => handler.setTrailer('X-A', 'a\r\nX-B: c'))
      attempt(() => handler.setTrailer('X\r\nA', 'a'))
      for (const name of [
        'Content-Length',
        'Transfer-Encoding',
        'set-cookie',
        'Host',
        'If-Match',
        'Trailer',
      ]) {
        attempt(() => handler.setTrailer(name, '1'))
      }
      handler.write('body')
    })
    const { headers, body } = await served.fetch('GET', '/')
    expect(errors).toEqual(Array.from({ length: 8 }, () => 'HTTPOutputError'))
    expect([headers['trailer'], body]).toEqual([undefined, 'body'])
  })

  it('that come too late are refused', async () => {
    const errors: string[] = []
    const attempt = (call: () => void): void => {
      try {
        call()
      } catch (error) {
        errors.push((error as Error).message)
      }
    }
    await using served = await serveOnly(async (handler) => {
      const sized = handler.getArgument('sized', null) !== null
      if (sized) handler.setHeader('Content-Length', 4)
      handler.write('body')
      await handler.flush()
      attempt(() => handler.setTrailer('X-Sum', 1))
      await handler.finish()
      attempt(() => handler.setTrailer('X-Sum', 1))
    })
    expect((await served.fetch('GET', '/')).body).toBe('4\r\nbody\r\n0\r\n\r\n')
    expect((await served.fetch('GET', '/?sized=1')).body).toBe('body')
    expect(errors).toEqual([
      'The trailer X-Sum was not announced',
      'Cannot set a trailer after finish()',
      'There is no trailer behind a body whose length was told',
      'Cannot set a trailer after finish()',
    ])
  })
})
