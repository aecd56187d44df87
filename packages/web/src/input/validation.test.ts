import { HTTPFile } from '@tornado-ts/httputil'
import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { ProblemError } from '../error-pages/problem.ts'
import { RequestHandler } from '../request-handler.ts'

const quiet = { logFunction: (): void => {} }
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const json = { 'Content-Type': 'application/json' }

describe('validate', () => {
  it('gives a class what zod lets through, with its types', async () => {
    const Page = z.object({ page: z.coerce.number().int().min(1).default(1), q: z.string().optional() })
    const NewUser = z.object({ name: z.string().min(2), tags: z.array(z.string()) })
    class Handler extends RequestHandler {
      override async post(): Promise<void> {
        const { query, body, path } = await this.validate({
          query: Page,
          body: NewUser,
          path: z.tuple([z.coerce.number()]),
        })
        expectTypeOf(query).toEqualTypeOf<{ page: number; q?: string | undefined }>()
        expectTypeOf(body).toEqualTypeOf<{ name: string; tags: string[] }>()
        expectTypeOf(path).toEqualTypeOf<[number]>()
        this.write({ query, body, path })
      }
    }
    await using served = await serve(new Application([['/u/(\\d+)', Handler]], quiet))
    const body = '{"name":"Ada","tags":["a"],"more":1}'
    const answer = await served.fetch('POST', '/u/7?page=3', { headers: json, body })
    expect(JSON.parse(answer.body)).toEqual({
      query: { page: 3 },
      body: { name: 'Ada', tags: ['a'] },
      path: [7],
    })
  })

  it('gives a function what valibot lets through, with its types', async () => {
    const Search = v.object({ q: v.pipe(v.string(), v.minLength(1)), tag: v.array(v.string()) })
    const application = new Application(
      [
        [
          '/(?P<section>[a-z]+)',
          (request) => {
            const { query, path } = request.validateSync(
              { query: Search, path: v.object({ section: v.picklist(['news', 'shop']) }) },
              { lists: ['tag'] },
            )
            expectTypeOf(query).toEqualTypeOf<{ q: string; tag: string[] }>()
            expectTypeOf(path).toEqualTypeOf<{ section: 'news' | 'shop' }>()
            return { query, path }
          },
        ],
      ],
      quiet,
    )
    await using served = await serve(application)
    const one = await served.fetch('GET', '/news?q=+a%00b+&tag=x')
    expect(JSON.parse(one.body)).toEqual({ query: { q: 'a b', tag: ['x'] }, path: { section: 'news' } })
    const two = await served.fetch('GET', '/shop?q=1&tag=x&tag=y')
    expect(JSON.parse(two.body)).toMatchObject({ query: { q: '1', tag: ['x', 'y'] } })
  })

  it('tells all that is wrong as problem details', async () => {
    const application = new Application(
      [
        [
          '/(.*)',
          {
            post: async (request) => {
              await request.validate({
                query: v.object({ page: v.pipe(v.string(), v.decimal('no number')) }),
                body: z.object({ list: z.array(z.object({ n: z.number() })) }),
                path: z.tuple([z.enum(['a'])]),
              })
            },
          },
        ],
      ],
      quiet,
    )
    await using served = await serve(application)
    using expected = expectLog(genLog, /400 POST .*Invalid input: path\.0, query\.page, body\.list\.1\.n/)
    const body = '{"list":[{"n":1},{"n":"<b>"}]}'
    const answer = await served.fetch('POST', '/b?page=x', { headers: json, body })
    expect([answer.status, answer.headers['content-type'], answer.headers['vary']]).toEqual([
      400,
      'application/problem+json',
      'Accept',
    ])
    expect(JSON.parse(answer.body)).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'The request is not valid',
      errors: [
        { in: 'path', path: [0], message: expect.any(String) },
        { in: 'query', path: ['page'], message: 'no number' },
        { in: 'body', path: ['list', 1, 'n'], message: expect.stringContaining('number') },
      ],
    })
    expect(expected.seen).toBe(true)
  })

  it('answers a browser with a page, escaped', async () => {
    const schema = z.object({ q: z.string().max(1, 'not <this>') })
    const application = new Application([['/', (request) => request.validate({ query: schema })]], quiet)
    await using served = await serve(application)
    const accepts: [string, string][] = [
      ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html; charset=UTF-8'],
      ['application/json', 'application/problem+json'],
      ['*/*', 'application/problem+json'],
      ['text/html;q=0.5, application/problem+json', 'application/problem+json'],
    ]
    for (const [accept, type] of accepts) {
      using expected = expectLog(genLog, /Invalid input: query\.q/)
      const answer = await served.fetch('GET', '/?q=long', { headers: { Accept: accept } })
      expect([answer.headers['content-type'], expected.seen]).toEqual([type, true])
      if (type.startsWith('text/html')) expect(answer.body).toContain('<code>query.q</code> not &lt;this&gt;')
    }
  })

  it('takes forms with their files, and asynchronous schemas', async () => {
    const Upload = v.objectAsync({
      title: v.pipeAsync(
        v.string(),
        v.checkAsync(async (title) => Promise.resolve(title !== 'taken'), 'taken'),
      ),
      file: v.instance(HTTPFile),
    })
    const application = new Application(
      [
        [
          '/',
          {
            post: async (request) => {
              const { body } = await request.validate({ body: Upload })
              expectTypeOf(body).toEqualTypeOf<{ title: string; file: HTTPFile }>()
              return { title: body.title, size: body.file.body.length }
            },
          },
        ],
      ],
      quiet,
    )
    await using served = await serve(application)
    const part = (title: string): string =>
      `--B\r\nContent-Disposition: form-data; name="title"\r\n\r\n${title}\r\n` +
      '--B\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n12345\r\n--B--\r\n'
    const headers = { 'Content-Type': 'multipart/form-data; boundary=B' }
    const answer = await served.fetch('POST', '/', { headers, body: part('free') })
    expect(JSON.parse(answer.body)).toEqual({ title: 'free', size: 5 })
    using expected = expectLog(genLog, /body\.title/)
    expect((await served.fetch('POST', '/', { headers, body: part('taken') })).status).toBe(400)
    expect(expected.seen).toBe(true)
  })

  it('refuses an asynchronous schema where there is no waiting, and other bodies', async () => {
    const schema = v.objectAsync({})
    const application = new Application(
      [
        ['/sync', (request) => request.validateSync({ query: schema })],
        ['/body', { post: (request) => request.validate({ body: z.object({ a: z.string() }) }) }],
      ],
      quiet,
    )
    await using served = await serve(application)
    using failure = expectLog(appLog, /Uncaught exception/)
    expect((await served.fetch('GET', '/sync')).status).toBe(500)
    expect(String(failure.records[0]?.error)).toContain('await validate()')
    const bodies: [Record<string, string>, string, number][] = [
      [{ 'Content-Type': 'text/plain' }, 'a=b', 415],
      [{ 'Content-Type': 'application/json garbage' }, '{"a":"b"}', 415],
      [json, '{"a":"b"', 400],
      [{}, '', 400],
      [form, '', 400],
      [form, 'a=b', 200],
      [json, '{"a":"b"}', 200],
    ]
    for (const [headers, body, status] of bodies) {
      using expected = expectLog(genLog, /^4\d\d POST/, { required: status !== 200 })
      expect([body, (await served.fetch('POST', '/body', { headers, body })).status]).toEqual([body, status])
      expect(expected.seen).toBe(status !== 200)
    }
  })

  it('CVE-2014-10064 CVE-2026-21710 has no prototype that a name could reach', async () => {
    const application = new Application(
      [
        [
          '/',
          (request) => {
            const { query } = request.validateSync({ query: z.record(z.string(), z.unknown()) })
            return { keys: Object.keys(query), x: ({} as Record<string, unknown>)['x'] ?? null }
          },
        ],
      ],
      quiet,
    )
    await using served = await serve(application)
    const answer = await served.fetch('GET', '/?__proto__[x]=2&constructor[prototype][x]=3&toString=1')
    expect(JSON.parse(answer.body)).toEqual({
      keys: ['__proto__[x]', 'constructor[prototype][x]', 'toString'],
      x: null,
    })
  })
})

describe('ProblemError', () => {
  it('ends a request with members of its own', async () => {
    const application = new Application(
      [
        [
          '/',
          () => {
            throw new ProblemError(409, { type: 'https://example.com/taken', title: 'Taken', name: 'ada' })
          },
        ],
      ],
      quiet,
    )
    await using served = await serve(application)
    using expected = expectLog(genLog, /409 GET .*Taken/)
    const answer = await served.fetch('GET', '/')
    expect([answer.statusLine, JSON.parse(answer.body), expected.seen]).toEqual([
      'HTTP/1.1 409 Conflict',
      { type: 'https://example.com/taken', title: 'Taken', status: 409, name: 'ada' },
      true,
    ])
  })
})
