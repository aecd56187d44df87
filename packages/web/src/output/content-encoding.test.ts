import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bodyOf } from '../../test/body-of.ts'
import { serve, type RawAnswer, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { contentEncoding } from './content-encoding.ts'
import { deflateEncoder, gzipEncoder, zstdEncoder, type ContentEncoder } from './content-encoder.ts'
import { GZipContentEncoding } from './gzip-content-encoding.ts'
import { RequestHandler } from '../request-handler.ts'
import type { ApplicationSettings } from '../settings.ts'

const text = 'Hello, world. '.repeat(200)

/** Answers as the query says. */
class Page extends RequestHandler {
  override async get(): Promise<void> {
    const size = Number(this.getArgument('size', String(text.length)))
    const seen = new Set<string>()
    for (const header of this.getArguments('header')) {
      const [, name, value] = /^([^=]*)=(.*)$/.exec(header) as unknown as [string, string, string]
      if (seen.has(name)) this.addHeader(name, value)
      else this.setHeader(name, value)
      seen.add(name)
    }
    this.setStatus(Number(this.getArgument('status', '200')))
    const pieces = Number(this.getArgument('pieces', '0'))
    const body = text.repeat(Math.ceil(size / text.length)).slice(0, size)
    for (let i = 0; i < pieces; i++) {
      this.write(body)
      await this.flush()
    }
    if (pieces === 0) this.write(body)
  }
}

const serveWith = (settings: ApplicationSettings): Promise<Served> =>
  serve(new Application([['/', Page]], { logFunction: () => {}, ...settings }))

const get = (
  served: Served,
  path: string,
  accepted?: string,
  more: Record<string, string> = {},
): Promise<RawAnswer> =>
  served.fetch('GET', path, {
    headers: { ...(accepted === undefined ? {} : { 'Accept-Encoding': accepted }), ...more },
  })

describe('compressResponse', () => {
  it.each([{ compressResponse: true }, { gzip: true }])('B-gzip-001 is on with %j', async (settings) => {
    await using served = await serveWith(settings)
    const answer = await get(served, '/', 'gzip')
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(bodyOf(answer)).toBe(text)
  })

  it('B-gzip-001 is off by default, and when transforms are given', async () => {
    for (const settings of [{}, { compressResponse: false }, { compressResponse: true, transforms: [] }]) {
      await using served = await serveWith(settings)
      const { headers, body } = await get(served, '/', 'gzip')
      expect([headers['content-encoding'], headers['vary'], body]).toEqual([undefined, undefined, text])
    }
  })

  it('B-gzip-002 cache poisoning: adds Vary to every response, once', async () => {
    await using served = await serveWith({ compressResponse: true })
    for (const [path, vary] of [
      ['/?size=10', 'Accept-Encoding'],
      ['/?status=404', 'Accept-Encoding'],
      ['/?header=Vary=Cookie', 'Cookie, Accept-Encoding'],
      ['/?header=Vary=Cookie&header=Vary=Origin', 'Cookie,Origin, Accept-Encoding'],
      ['/?header=Vary=Origin,accept-encoding', 'Origin,accept-encoding'],
      ['/?header=Vary=*', '*'],
      ['/missing', 'Accept-Encoding'],
    ] as const) {
      for (const accepted of ['gzip', undefined]) {
        const { lines } = await get(served, path, accepted)
        const given = lines.filter((line) => line.startsWith('Vary: '))
        expect([path, given]).toEqual([path, [`Vary: ${vary}`]])
      }
    }
  })

  it('B-web-002 Vary comes behind Content-Length, and cookies last', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.setCookie('a', 'b')
        this.write(text)
      }
    }
    await using served = await serve(new Application([['/', Handler]], { gzip: true, logFunction: () => {} }))
    const { lines } = await get(served, '/', 'gzip')
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'Server',
      'Content-Type',
      'Date',
      'Etag',
      'Content-Length',
      'Vary',
      'Content-Encoding',
      'Set-Cookie',
      'Connection',
    ])
  })

  const accepting: readonly (readonly [accepted: string | undefined, coding: string | undefined])[] = [
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, deflate', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['br;q=0.9, gzip;q=1.0, zstd;q=0.1', 'gzip'],
    ['*', 'zstd'],
    ['*;q=0.5, zstd;q=0', 'br'],
    ['identity;q=0', undefined],
    ['identity;q=0, gzip;q=0.1', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
    ['gzip;q=0', undefined],
    ['*;q=0', undefined],
    ['notgzip', undefined],
    ['gzip;q=nonsense', undefined],
    ['', undefined],
    [undefined, undefined],
  ]
  it.each(accepting)('B-gzip-003 Accept-Encoding: %s gives %s', async (accepted, coding) => {
    await using served = await serveWith({ compressResponse: true })
    const answer = await get(served, '/', accepted)
    expect(answer.headers['content-encoding']).toBe(coding)
    expect(bodyOf(answer)).toBe(text)
  })

  it('B-gzip-004 leaves other types, other encodings, parts and small bodies as they are', async () => {
    await using served = await serveWith({ compressResponse: true })
    for (const path of [
      '/?header=Content-Type=image/png',
      '/?header=Content-Type=application/octet-stream',
      '/?header=Content-Encoding=identity',
      '/?header=Content-Range=bytes%200-2799/9999&status=206',
      '/?header=Cache-Control=private,%20no-transform',
      '/?header=Content-Digest=sha-256=:x:',
      '/?size=1023',
      '/?status=206',
    ]) {
      const { headers, body } = await get(served, path, 'gzip, br')
      expect([path, headers['content-encoding'] ?? 'none']).toEqual([
        path,
        path.includes('Content-Encoding') ? 'identity' : 'none',
      ])
      expect(body.length).toBe(path.includes('1023') ? 1023 : text.length)
    }
  })
  it('B-gzip-004 encodes all text and the listed types, parameters aside', async () => {
    await using served = await serveWith({ compressResponse: true })
    const types = [
      'text/anything',
      'application/json;charset=utf-8',
      'image/svg+xml',
      'Application/XML ; x=y',
    ]
    for (const type of [...types, ...GZipContentEncoding.CONTENT_TYPES, 'application/problem+json']) {
      const path = `/?size=1024&header=Content-Type=${encodeURIComponent(type)}`
      expect([type, (await get(served, path, 'gzip')).headers['content-encoding']]).toEqual([type, 'gzip'])
    }
  })

  it('B-gzip-005 gives a whole body its new length, and one in pieces none', async () => {
    await using served = await serveWith({ compressResponse: true })
    for (const coding of ['gzip', 'br', 'zstd']) {
      const whole = await get(served, '/', coding)
      expect(whole.headers['content-length']).toBe(String(whole.body.length))
      expect(whole.headers['transfer-encoding']).toBeUndefined()
      expect(whole.body.length).toBeLessThan(text.length / 10)
      expect(bodyOf(whole)).toBe(text)
      const pieces = await get(served, '/?pieces=3', coding)
      expect(pieces.headers['content-length']).toBeUndefined()
      expect(pieces.headers['transfer-encoding']).toBe('chunked')
      expect(bodyOf(pieces)).toBe(text.repeat(3))
      const toldLength = await get(served, `/?pieces=3&header=Content-Length=${text.length * 3}`, coding)
      expect(toldLength.headers['content-length']).toBeUndefined()
      expect(bodyOf(toldLength)).toBe(text.repeat(3))
    }
  })

  it('B-gzip-005 encodes with level 6', async () => {
    expect(GZipContentEncoding.GZIP_LEVEL).toBe(6)
    await using served = await serveWith({ transforms: [GZipContentEncoding] })
    const { body } = await get(served, '/?size=20000', 'gzip')
    const { gzipSync } = await import('node:zlib')
    expect(body.length).toBe(gzipSync(text.repeat(8).slice(0, 20_000), { level: 6 }).length)
  })

  it('B-gzip-006 a body in pieces is encoded however small, unless its length is told', async () => {
    await using served = await serveWith({ compressResponse: true })
    const small = await get(served, '/?pieces=1&size=10', 'gzip')
    expect([small.headers['content-encoding'], bodyOf(small)]).toEqual(['gzip', 'Hello, wor'])
    const told = await get(served, '/?pieces=1&size=10&header=Content-Length=10', 'gzip')
    expect([told.headers['content-encoding'], told.headers['content-length']]).toEqual([undefined, '10'])
  })

  it('large bodies are encoded by a thread, and answers keep their order', async () => {
    await using served = await serveWith({ compressResponse: true })
    const host = `Host: x\r\nAccept-Encoding: gzip\r\n`
    const received = await served.exchange(
      `GET /?size=3000000 HTTP/1.1\r\n${host}\r\nGET /?size=5 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    )
    const second = received.lastIndexOf('HTTP/1.1 200 OK')
    expect(second).toBeGreaterThan(1000)
    expect(received.slice(second)).toMatch(/Hello$/)
    const { parseAnswer } = await import('../../test/serve.ts')
    expect(bodyOf(parseAnswer(received.slice(0, second)))).toHaveLength(3_000_000)
  })

  it('what does not get smaller is sent as it is', async () => {
    class Noise extends RequestHandler {
      override get(): void {
        this.write(createHash('shake256', { outputLength: 4096 }).update('x').digest())
      }
    }
    const application = new Application([['/', Noise]], { compressResponse: true, logFunction: () => {} })
    await using served = await serve(application)
    const plain = await get(served, '/', 'gzip')
    expect([plain.headers['content-encoding'], plain.body.length]).toEqual([undefined, 4096])
    expect(plain.headers['etag']).toMatch(/^"/)
    const required = await get(served, '/', 'identity;q=0, gzip')
    expect(required.headers['content-encoding']).toBe('gzip')
  })

  it('a client that refuses bodies as they are gets small ones encoded too', async () => {
    await using served = await serveWith({ compressResponse: true })
    const answer = await get(served, '/?size=10', 'identity;q=0, br')
    expect([answer.headers['content-encoding'], bodyOf(answer)]).toEqual(['br', 'Hello, wor'])
  })

  it('B-web-019 cache poisoning: HEAD has the headers of GET', async () => {
    await using served = await serveWith({ compressResponse: true })
    for (const path of [
      '/',
      '/?size=10',
      '/?size=100000',
      '/?pieces=2',
      '/?pieces=1&header=Content-Length=2800',
    ]) {
      const [got, head] = await Promise.all(
        ['GET', 'HEAD'].map((method) => served.fetch(method, path, { headers: { 'Accept-Encoding': 'br' } })),
      )
      const without = (lines: readonly string[]): string[] =>
        lines.filter((line) => !/^(?:Date|Transfer-Encoding):/.test(line))
      expect([path, head!.status, head!.body, without(head!.lines)]).toEqual([
        path,
        200,
        '',
        without(got!.lines),
      ])
    }
  })

  it('HEAD may tell the length of a body that it does not write', async () => {
    class Sized extends RequestHandler {
      override head(): void {
        this.setHeader('Content-Length', 5000)
        this.setHeader('Etag', '"1"')
      }
    }
    const application = new Application([['/', Sized]], { compressResponse: true, logFunction: () => {} })
    await using served = await serve(application)
    const { headers } = await served.fetch('HEAD', '/', { headers: { 'Accept-Encoding': 'gzip' } })
    expect([headers['content-encoding'], headers['content-length'], headers['etag']]).toEqual([
      'gzip',
      undefined,
      'W/"1"',
    ])
    const plain = await served.fetch('HEAD', '/')
    expect([plain.headers['content-length'], plain.headers['etag']]).toEqual(['5000', '"1"'])
  })

  it('cache poisoning: 204 and 304 have no encoding and no body', async () => {
    await using served = await serveWith({ compressResponse: true })
    const { headers, body } = await get(served, '/?status=204&size=0', 'gzip')
    expect([headers['content-encoding'], headers['content-length'], body]).toEqual([undefined, undefined, ''])
  })
})

describe('the entity tag of an encoded response', () => {
  const tag = `"${createHash('sha1').update(text).digest('hex')}"`

  it('B-etag-001 is that of the body before, but weak, and either form is known again', async () => {
    await using served = await serveWith({ compressResponse: true })
    expect((await get(served, '/')).headers['etag']).toBe(tag)
    expect((await get(served, '/', 'gzip')).headers['etag']).toBe(`W/${tag}`)
    for (const [known, answered] of [
      [`W/${tag}`, `W/${tag}`],
      [tag, tag],
      [`"x", W/${tag}`, `W/${tag}`],
    ] as const) {
      const { status, headers, body } = await get(served, '/', 'gzip', { 'If-None-Match': known })
      expect([status, body, headers['etag'], headers['vary']]).toEqual([304, '', answered, 'Accept-Encoding'])
      expect(headers['content-encoding']).toBeUndefined()
    }
  })

  it('a weak one stays, and ranges are not offered of what is encoded', async () => {
    await using served = await serveWith({ compressResponse: true })
    const path = '/?header=Etag=W/"1"&header=Accept-Ranges=bytes'
    const { headers } = await get(served, path, 'gzip')
    expect([headers['etag'], headers['accept-ranges']]).toEqual(['W/"1"', undefined])
    expect((await get(served, path)).headers['accept-ranges']).toBe('bytes')
  })
})

describe('encoders', () => {
  it('are chosen in the order they are given, and may be the application’s own', async () => {
    const reversed: ContentEncoder = {
      coding: 'x-reverse',
      encode: (body) => Buffer.from(body).reverse().subarray(0, 100),
      open: () => ({ encode: (chunk) => Buffer.from(chunk).reverse(), close: () => closed.resolve() }),
    }
    const closed = Promise.withResolvers<void>()
    await using served = await serveWith({
      compressResponse: { encoders: [reversed, deflateEncoder()], minLength: 5, contentTypes: ['image/x'] },
    })
    const own = await get(served, '/', 'deflate, x-reverse')
    expect([own.headers['content-encoding'], own.body]).toEqual([
      'x-reverse',
      Buffer.from(text).reverse().toString().slice(0, 100),
    ])
    const inPieces = await get(served, '/?pieces=1&size=5', 'x-reverse')
    expect(inPieces.body).toContain('olleH')
    await closed.promise
    const deflated = await get(served, '/?size=500&header=Content-Type=image/x', 'gzip, deflate, br')
    expect([deflated.headers['content-encoding'], bodyOf(deflated)]).toEqual(['deflate', text.slice(0, 500)])
  })

  it('take a level', async () => {
    await using served = await serveWith({
      transforms: [contentEncoding({ encoders: [gzipEncoder({ level: 1 }), zstdEncoder({ level: 19 })] })],
    })
    for (const coding of ['gzip', 'zstd'])
      expect(bodyOf(await get(served, '/?size=50000', coding))).toHaveLength(50_000)
    expect(() => contentEncoding({ encoders: [] })).toThrow(RangeError)
  })

  it('a subclass of GZipContentEncoding has its own constants', async () => {
    class Eager extends GZipContentEncoding {
      static override readonly MIN_LENGTH = 100
      static override readonly GZIP_LEVEL = 9
      static override readonly CONTENT_TYPES = new Set(['image/x'])
    }
    await using served = await serveWith({ transforms: [Eager] })
    expect((await get(served, '/?size=100', 'gzip, br')).headers['content-encoding']).toBe('gzip')
    expect((await get(served, '/?header=Content-Type=image/x', 'gzip')).headers['content-encoding']).toBe(
      'gzip',
    )
    expect(
      (await get(served, '/?header=Content-Type=application/json', 'gzip')).headers['content-encoding'],
    ).toBeUndefined()
    expect((await get(served, '/', 'br')).headers['content-encoding']).toBeUndefined()
  })
})
