import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'

class Echo extends RequestHandler {
  override get(): void {
    this.write(this.getArgument('body', ''))
  }
}

class Tagged extends RequestHandler {
  override computeEtag(): string | null {
    return this.getArgument('tag', null)
  }
  override get(): void {
    this.write('tagged')
  }
}

const application = new Application(
  [
    ['/', Echo],
    ['/tagged', Tagged],
  ],
  { logFunction: () => {} },
)
const sha1 = (text: string): string => `"${createHash('sha1').update(text).digest('hex')}"`

describe('the entity tag', () => {
  it('B-etag-001 B-etag-002 is the SHA-1 of the body, quoted, also of an empty one', async () => {
    await using served = await serve(application)
    expect((await served.fetch('GET', '/?body=Hello%2C%20w%C3%B6rld')).headers['etag']).toBe(
      sha1('Hello, wörld'),
    )
    expect((await served.fetch('GET', '/')).headers['etag']).toBe(sha1(''))
  })

  it('B-web-020 B-etag-003 B-etag-006 that the client knows gives 304 without body headers', async () => {
    await using served = await serve(application)
    const tag = sha1('x')
    for (const known of [tag, `W/${tag}`, `"other", W/${tag}`, '*', `"a",${tag}`]) {
      const { status, headers, body } = await served.fetch('GET', '/?body=x', {
        headers: { 'If-None-Match': known },
      })
      expect([known, status, body]).toEqual([known, 304, ''])
      expect(headers['etag']).toBe(tag)
      expect(headers['server']).toBeDefined()
      expect(headers['date']).toBeDefined()
      for (const name of ['content-length', 'content-type', 'transfer-encoding'])
        expect(headers[name]).toBeUndefined()
    }
    const head = await served.fetch('HEAD', '/?body=x', { headers: { 'If-None-Match': tag } })
    expect(head.status).toBe(304)
  })

  it('B-web-020 is made for GET and HEAD with status 200 that have none', async () => {
    class Any extends RequestHandler {
      override get(): void {
        const etag = this.getArgument('etag', null)
        if (etag !== null) this.setHeader('Etag', etag)
        this.setStatus(Number(this.getArgument('status', '200')))
        this.write('x')
      }
      override post(): void {
        this.get()
      }
    }
    await using served = await serve(new Application([['/', Any]], { logFunction: () => {} }))
    const answer = async (method: string, query: string): Promise<unknown[]> => {
      const headers = { 'If-None-Match': `${sha1('x')}, "own"` }
      const { status, headers: answered } = await served.fetch(method, `/?${query}`, { headers })
      return [status, answered['etag']]
    }
    expect(await answer('GET', '')).toEqual([304, sha1('x')])
    expect(await answer('HEAD', '')).toEqual([304, sha1('x')])
    expect(await answer('POST', '')).toEqual([200, undefined])
    expect(await answer('GET', 'status=404')).toEqual([404, undefined])
    expect(await answer('GET', 'etag="own"')).toEqual([200, '"own"'])
  })

  it('B-etag-004 that the client does not name gives the whole response', async () => {
    await using served = await serve(application)
    for (const known of ['"other"', 'junk', '', 'W/']) {
      const answer = await served.fetch('GET', '/?body=x', { headers: { 'If-None-Match': known } })
      expect([answer.status, answer.body]).toEqual([200, 'x'])
    }
  })

  it('B-etag-005 may be of the handler’s own making, or none', async () => {
    await using served = await serve(application)
    expect((await served.fetch('GET', '/tagged')).headers['etag']).toBeUndefined()
    const answer = await served.fetch('GET', '/tagged?tag=W/"1"', { headers: { 'If-None-Match': '"1"' } })
    expect([answer.status, answer.headers['etag']]).toEqual([304, 'W/"1"'])
  })
})
