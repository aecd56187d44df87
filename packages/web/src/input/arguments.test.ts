import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { MissingArgumentError } from '../errors.ts'
import { RequestHandler } from '../request-handler.ts'

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }

/** Answers what `read` makes of a request, as JSON. */
function reader(read: (handler: RequestHandler) => unknown): Application {
  class Handler extends RequestHandler {
    override get(): void {
      this.write({ value: read(this) ?? null })
    }
    override post(): void {
      this.get()
    }
  }
  return new Application([['.*', Handler]], { logFunction: () => {} })
}

const value = (body: string): unknown =>
  (JSON.parse(Buffer.from(body, 'latin1').toString()) as { value: unknown }).value

describe('arguments', () => {
  it('B-web-046 come from query and body, the body last', async () => {
    await using served = await serve(
      reader((handler) => [
        handler.getArgument('a'),
        handler.getArguments('a'),
        handler.getQueryArguments('a'),
        handler.getBodyArguments('a'),
        handler.getQueryArgument('a'),
        handler.getBodyArgument('a'),
      ]),
    )
    const { body } = await served.fetch('POST', '/?a=1&a=2', { headers: form, body: 'a=3&a=4' })
    expect(value(body)).toEqual(['4', ['1', '2', '3', '4'], ['1', '2'], ['3', '4'], '2', '4'])
  })

  it('B-web-047 are decoded, freed of control characters and stripped', async () => {
    await using served = await serve(
      reader((handler) => [handler.getArgument('a'), handler.getArgument('a', null, { strip: false })]),
    )
    const { body } = await served.fetch('GET', '/?a=+%C3%A9%00b%08%0E%1Fc%09d%0A')
    expect(value(body)).toEqual(['é b   c\td', ' é b   c\td\n'])
  })

  it('B-web-041 that are required and missing give 400', async () => {
    await using served = await serve(reader((handler) => handler.getArgument('name')))
    using expected = expectLog(genLog, /400 GET \/\?other=1 .*: Missing argument name/)
    expect((await served.fetch('GET', '/?other=1')).status).toBe(400)
    expect(expected.seen).toBe(true)
    expect(new MissingArgumentError('x')).toMatchObject({
      statusCode: 400,
      argName: 'x',
      logMessage: 'Missing argument x',
    })
  })

  it('have a default of any type', async () => {
    await using served = await serve(
      reader((handler) => [
        handler.getArgument('a', null),
        handler.getArgument('a', 5),
        handler.getQueryArgument('a', 'x'),
        handler.getBodyArgument('a', false),
        handler.getArguments('a'),
      ]),
    )
    expect(value((await served.fetch('GET', '/')).body)).toEqual([null, 5, 'x', false, []])
  })

  it('B-web-048 that are not UTF-8 give 400', async () => {
    await using served = await serve(reader((handler) => [handler.getArgument('a', ''), handler.pathArgs]))
    using expected = expectLog(genLog, /400 .*: Invalid unicode in a: /)
    expect((await served.fetch('GET', '/?a=%ff')).status).toBe(400)
    expect(expected.seen).toBe(true)
    class Path extends RequestHandler {
      override get(): void {}
    }
    await using paths = await serve(new Application([['/(.*)', Path]], { logFunction: () => {} }))
    using inPath = expectLog(genLog, /400 .*: Invalid unicode in url: /)
    expect((await paths.fetch('GET', '/%c0%af')).status).toBe(400)
    expect(inPath.seen).toBe(true)
    await using named = await serve(new Application([['/(?<id>.*)', Path]], { logFunction: () => {} }))
    using inName = expectLog(genLog, /400 .*: Invalid unicode in id: /)
    expect((await named.fetch('GET', '/%c0%af')).status).toBe(400)
    expect(inName.seen).toBe(true)
  })

  it('B-web-049 refuse a default where options belong', async () => {
    await using served = await serve(
      reader((handler) => {
        try {
          return handler.getArguments('a', 'default' as unknown as object)
        } catch (error) {
          return (error as Error).name
        }
      }),
    )
    expect(value((await served.fetch('GET', '/')).body)).toBe('TypeError')
  })

  it('B-web-050 may be decoded to something that is not text', async () => {
    class Handler extends RequestHandler {
      override decodeArgument(bytes: string): string {
        return { length: bytes.length } as unknown as string
      }
      override get(): void {
        this.write({ value: this.getArgument('a') })
      }
    }
    await using served = await serve(new Application([['/', Handler]], { logFunction: () => {} }))
    expect(value((await served.fetch('GET', '/?a=%00abc')).body)).toEqual({ length: 4 })
  })

  it('cannot reach a prototype, whatever their names', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__[x]']
    await using served = await serve(reader((handler) => names.map((name) => handler.getArguments(name))))
    const query = names.map((name) => `${encodeURIComponent(name)}=1`).join('&')
    expect(value((await served.fetch('POST', `/?${query}`, { headers: form, body: query })).body)).toEqual(
      names.map(() => ['1', '1']),
    )
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it('of more than 1000 fields give 400', async () => {
    await using served = await serve(reader((handler) => handler.getArguments('a').length))
    expect(value((await served.fetch('GET', `/?${'a=1&'.repeat(999)}a=1`)).body)).toBe(1000)
    using expected = expectLog(genLog, /400 .*Too many fields/)
    expect((await served.fetch('GET', `/?${'a=1&'.repeat(1000)}a=1`)).status).toBe(400)
    const body = `${'a=1&'.repeat(1000)}a=1`
    expect((await served.fetch('POST', '/', { headers: form, body })).status).toBe(400)
    expect(expected.records).toHaveLength(2)
  })
})

describe('bodies', () => {
  it('B-web-053 that are no forms are left as they are', async () => {
    await using served = await serve(
      reader((handler) => [handler.request.body.toString(), handler.request.bodyArguments.size]),
    )
    const headers = { 'Content-Type': 'application/json' }
    expect(value((await served.fetch('POST', '/', { headers, body: '{"a":1}' })).body)).toEqual([
      '{"a":1}',
      0,
    ])
  })

  it('B-web-054 B-web-055 that are malformed, or still encoded, give 400', async () => {
    await using served = await serve(reader(() => null))
    using malformed = expectLog(genLog, /400 .*: Invalid body: /)
    const multipart = { 'Content-Type': 'multipart/form-data; boundary=B' }
    expect((await served.fetch('POST', '/', { headers: multipart, body: '--B\r\nnonsense' })).status).toBe(
      400,
    )
    const encoded = { ...form, 'Content-Encoding': 'gzip' }
    expect((await served.fetch('POST', '/', { headers: encoded, body: 'a=1' })).status).toBe(400)
    expect(malformed.records).toHaveLength(2)
    expect(malformed.records[1]?.message).toContain('Invalid body: Unsupported Content-Encoding: gzip')
  })

  it('give files and fields of a multipart form', async () => {
    await using served = await serve(
      reader((handler) => {
        const [file] = handler.request.files.get('f') ?? []
        return [
          handler.getArgument('a'),
          file?.filename,
          file?.contentType,
          Buffer.from(file?.body ?? '').toString(),
        ]
      }),
    )
    const headers = { 'Content-Type': 'multipart/form-data; boundary=B' }
    const body =
      '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' +
      '--B\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\nfile\r\n--B--\r\n'
    expect(value((await served.fetch('POST', '/', { headers, body })).body)).toEqual([
      '1',
      'x.txt',
      'text/plain',
      'file',
    ])
  })
})

describe('groups of the path', () => {
  it('B-web-051 B-web-052 B-route-005 are decoded and passed in order, or by name', async () => {
    class Positional extends RequestHandler {
      override get(...groups: (string | null)[]): void {
        this.write({ value: groups })
      }
    }
    class Named extends RequestHandler {
      override get({ id, rest }: { id: string; rest: string | null }): void {
        this.write({ value: { id, rest, kwargs: this.pathKwargs, q: this.getArgument('q', null) } })
      }
    }
    const application = new Application(
      [
        ['/p/([^/]+)/?(.+)?', Positional],
        ['/n/(?P<id>[^/]+)(?<rest>/.*)?', Named],
      ],
      { logFunction: () => {} },
    )
    await using served = await serve(application)
    expect(value((await served.fetch('GET', '/p/a+b%20%C3%A9%2Fc')).body)).toEqual(['a+b é/c', null])
    expect(value((await served.fetch('GET', '/p/a/b/c?q')).body)).toEqual(['a', 'b/c'])
    expect(value((await served.fetch('GET', '/n/7+8?q=a+b%2B')).body)).toEqual({
      id: '7+8',
      rest: null,
      kwargs: { id: '7+8', rest: null },
      q: 'a b+',
    })
  })
})
