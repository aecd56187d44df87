import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { serve, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'

const quiet = { logFunction: (): void => {} }

function echo(maxDepth?: number): Application {
  return new Application(
    [
      [
        '/',
        {
          post: (request) => ({
            got: request.getJsonBody(maxDepth === undefined ? {} : { maxDepth }),
            polluted: ({} as Record<string, unknown>)['x'] ?? null,
          }),
        },
      ],
    ],
    quiet,
  )
}

const json = { 'Content-Type': 'application/json' }

async function refused(
  served: Served,
  body: string,
  headers: Record<string, string> = json,
): Promise<[number, unknown]> {
  using expected = expectLog(genLog, /^4\d\d POST/)
  const answer = await served.fetch('POST', '/', { headers, body })
  expect(expected.seen).toBe(true)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  return [answer.status, (JSON.parse(answer.body) as { detail: unknown }).detail]
}

describe('getJsonBody', () => {
  it.each([
    ['application/json', '{"a":[1,"é",null]}', { a: [1, 'é', null] }],
    ['Application/JSON; Charset="UTF-8"', '"text"', 'text'],
    ['application/ld+json; charset=utf8', ' 1 ', 1],
    ['application/json', '\ufeff[]', []],
    ['application/json', '{"constructor":1,"prototype":2,"toString":{"constructor":{}}}', undefined],
  ])('reads a body of %s: %s', async (type, body, value) => {
    await using served = await serve(echo())
    const answer = await served.fetch('POST', '/', { headers: { 'Content-Type': type }, body })
    const expected = value ?? (JSON.parse(body) as unknown)
    expect(JSON.parse(Buffer.from(answer.body, 'latin1').toString())).toEqual({
      got: expected,
      polluted: null,
    })
  })

  it('CVE-2026-3419 CVE-2026-25223 CVE-2022-41919 CVE-2025-32442 CVE-2014-3137 refuses every other content type', async () => {
    await using served = await serve(echo())
    const types = [
      undefined,
      '',
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json garbage',
      'application/json, text/plain',
      'text/plain; application/json',
      'application/jsonp',
      ';charset=utf-8',
    ]
    for (const type of types) {
      const headers: Record<string, string> = type === undefined ? {} : { 'Content-Type': type }
      expect(await refused(served, '{}', headers)).toEqual([
        415,
        'The content type of the body must be application/json',
      ])
    }
  })

  it('refuses another charset or a compressed body', async () => {
    await using served = await serve(echo())
    const charset = { 'Content-Type': 'application/json; charset=latin1' }
    expect(await refused(served, '{}', charset)).toEqual([415, 'The charset of the body must be UTF-8'])
    const coded = { ...json, 'Content-Encoding': 'gzip' }
    expect(await refused(served, '{}', coded)).toEqual([
      415,
      'The body is compressed, which is not supported here',
    ])
  })

  it('tells an empty body and where a malformed one breaks off', async () => {
    await using served = await serve(echo())
    expect(await refused(served, '')).toEqual([400, 'The body is empty; JSON was expected'])
    for (const body of ['{', '{"a":1,}', "{'a':1}", '{"a":NaN}', '[1', '01', '"\n"', '{}{}']) {
      const [status, detail] = await refused(served, body)
      expect([status, String(detail)]).toEqual([400, expect.stringMatching(/^The body is not JSON/)])
    }
    expect(await refused(served, '{"a":1,}')).toEqual([400, 'The body is not JSON: malformed at character 7'])
    // Nothing of the client's text is sent back.
    expect((await refused(served, '<script>'))[1]).not.toContain('<')
  })

  it('refuses bytes that are not UTF-8', async () => {
    await using served = await serve(echo())
    using expected = expectLog(genLog, /not UTF-8/)
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n'
    const answer = await served.exchange(`${head}Content-Length: 3\r\n\r\n"\xff"`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(expected.seen).toBe(true)
  })

  it('CVE-2014-10064 CVE-2022-24999 CVE-2017-1000048 refuses what names a prototype, however it is spelt', async () => {
    await using served = await serve(echo())
    const proto = 'The body must not have a member __proto__'
    expect(await refused(served, '{"__proto__":{"x":1}}')).toEqual([400, proto])
    expect(await refused(served, '{"a":[{"b":{"__proto__":null}}]}')).toEqual([400, proto])
    expect(await refused(served, String.raw`{"\u005f_proto_\u005f":{"x":1}}`)).toEqual([400, proto])
    const both = 'The body must not have a member constructor.prototype'
    expect(await refused(served, '[{"constructor":{"prototype":{"x":1}}}]')).toEqual([400, both])
    expect(await refused(served, String.raw`{"\u0063onstructor":{"prototype":1}}`)).toEqual([400, both])
  })

  it('CVE-2026-21717 limits the depth, and does not recurse', async () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    await using served = await serve(echo())
    expect((await served.fetch('POST', '/', { headers: json, body: nested(64) })).status).toBe(200)
    const message = 'The body is nested deeper than 64 levels'
    expect(await refused(served, nested(65))).toEqual([400, message])
    expect(await refused(served, nested(100_000))).toEqual([400, message])
    expect(await refused(served, `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)).toEqual([400, message])
    // Many brackets are not depth, nor are those in strings.
    const flat = `[${Array.from({ length: 100 }, () => '{}').join(',')},"${'['.repeat(100)}"]`
    expect((await served.fetch('POST', '/', { headers: json, body: flat })).status).toBe(200)
    const quoted = `["\\"${'[\\\\'.repeat(100)}", ${nested(63)}]`
    expect((await served.fetch('POST', '/', { headers: json, body: quoted })).status).toBe(200)
    expect(await refused(served, `["\\"${'['.repeat(100)}", ${nested(64)}]`)).toEqual([400, message])
    await using shallow = await serve(echo(1))
    expect((await shallow.fetch('POST', '/', { headers: json, body: '[1]' })).status).toBe(200)
    expect((await refused(shallow, '[[1]]'))[0]).toBe(400)
  })
})
