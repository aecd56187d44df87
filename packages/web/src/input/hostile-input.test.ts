import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { serve, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { authenticated } from '../security/authenticated.ts'
import { RequestHandler, type HandlerResult } from '../request-handler.ts'
import { createSignedValue, decodeSignedValue } from '../security/signed-value.ts'
import { addslash, removeslash } from '../handlers/slashes.ts'

const quiet = { logFunction: (): void => {} }
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const multipart = { 'Content-Type': 'multipart/form-data; boundary=B' }

/** Answers what it has read of query, body, files and cookies. */
class Show extends RequestHandler {
  override get(): void {
    const { queryArguments, bodyArguments, files, cookies } = this.request
    this.write({
      query: [...queryArguments],
      body: [...bodyArguments],
      files: [...files].map(([name, list]) => [name, list.map(({ filename }) => filename)]),
      cookies: [...cookies],
      polluted: ({} as Record<string, unknown>)['x'] ?? null,
    })
  }
  override post(): void {
    this.get()
  }
}

interface Shown {
  query: [string, string[]][]
  body: [string, string[]][]
  files: [string, string[]][]
  cookies: [string, string][]
  polluted: unknown
}

const show = (): Application => new Application([['.*', Show]], quiet)

async function shown(served: Served, ...args: Parameters<Served['fetch']>): Promise<Shown> {
  const answer = await served.fetch(...args)
  expect(answer.status).toBe(200)
  return JSON.parse(Buffer.from(answer.body, 'latin1').toString()) as Shown
}

/** The status of a request that is refused with one line in the log. */
async function refused(served: Served, ...args: Parameters<Served['fetch']>): Promise<number> {
  using expected = expectLog(genLog, /^4\d\d /)
  const { status } = await served.fetch(...args)
  expect(expected.records).toHaveLength(1)
  return status
}

function part(head: string, content = ''): string {
  return `--B\r\n${head}\r\n\r\n${content}\r\n`
}

const named = 'Content-Disposition: form-data; name="a"'

describe('arguments and forms', () => {
  it('CVE-2014-10064 CVE-2022-24999 CVE-2017-1000048 CVE-2026-21710 CVE-2023-26136 take names of prototypes as they are', async () => {
    const text = '__proto__=1&__proto__[x]=2&constructor[prototype][x]=3&hasOwnProperty=4&toString=5'
    const names = ['__proto__', '__proto__[x]', 'constructor[prototype][x]', 'hasOwnProperty', 'toString']
    await using served = await serve(show())
    const cookie = '__proto__=1; constructor=2; toString=3'
    const got = await shown(served, 'POST', `/?${text}`, { headers: { ...form, Cookie: cookie }, body: text })
    expect(got.query.map(([name]) => name)).toEqual(names)
    expect(got.body.map(([name]) => name)).toEqual(names)
    expect(got.cookies).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['toString', '3'],
    ])
    const body = part('Content-Disposition: form-data; name="__proto__"', '1') + '--B--'
    expect((await shown(served, 'POST', '/', { headers: multipart, body })).body).toEqual([
      ['__proto__', ['1']],
    ])
    expect(got.polluted).toBeNull()
  })

  it('CVE-2024-45590 CVE-2025-15284 CVE-2026-2391 CVE-2025-61726 CVE-2026-39825 CVE-2025-13466 CVE-2026-82397 are a thousand at most', async () => {
    await using served = await serve(show())
    const fields = (count: number): string => Array.from({ length: count }, (_, i) => `a${i}=`).join('&')
    expect((await shown(served, 'GET', `/?${fields(1000)}`)).query).toHaveLength(1000)
    expect(await refused(served, 'GET', `/?${fields(1001)}`)).toBe(400)
    const body = fields(1000)
    expect((await shown(served, 'POST', '/', { headers: form, body })).body).toHaveLength(1000)
    expect(await refused(served, 'POST', '/', { headers: form, body: fields(1001) })).toBe(400)
    for (const many of ['a&', '&', 'a=%&']) {
      expect(await refused(served, 'POST', '/', { headers: form, body: many.repeat(1 << 18) })).toBe(400)
    }
    const deep = `a${'[x]'.repeat(100_000)}=1`
    expect((await shown(served, 'POST', '/', { headers: form, body: deep })).body).toHaveLength(1)
  })

  it('CVE-2020-28473 CVE-2021-23336 are divided by & alone', async () => {
    await using served = await serve(show())
    expect((await shown(served, 'GET', '/?a=1;b=2')).query).toEqual([['a', ['1;b=2']]])
    expect((await shown(served, 'POST', '/', { headers: form, body: 'a=1;b=2' })).body).toEqual([
      ['a', ['1;b=2']],
    ])
  })

  it('CVE-2025-69223 CVE-2026-34517 are not read from a body that is still compressed', async () => {
    await using served = await serve(show())
    const headers = { ...form, 'Content-Encoding': 'gzip' }
    expect(await refused(served, 'POST', '/', { headers, body: 'a=1' })).toBe(400)
  })
})

describe('multipart bodies', () => {
  it('CVE-2017-1000098 CVE-2022-41725 CVE-2023-24534 CVE-2023-25577 CVE-2023-30798 CVE-2023-25576 CVE-2024-49767 CVE-2026-31958 are limited', async () => {
    await using served = await serve(show())
    const send = async (body: string): Promise<number> => {
      return refused(served, 'POST', '/', { headers: multipart, body })
    }
    expect(await send(part(named).repeat(101) + '--B--')).toBe(400)
    expect(await send('--B\r\n\r\n\r\n'.repeat(50_000))).toBe(400)
    expect(await send(part(`${named}\r\n${'X: 1\r\n'.repeat(20_000)}Y: 1`) + '--B--')).toBe(400)
    expect(await send(part(`${named}\r\nX: ${'x'.repeat(1 << 20)}`) + '--B--')).toBe(400)
    expect(await send('x'.repeat(1 << 20))).toBe(400)
    const file = `\r\n${'\r\n-'.repeat(1 << 18)}`
    const body = part(`${named}; filename="f"`, file) + '--B--'
    expect((await shown(served, 'POST', '/', { headers: multipart, body })).files).toEqual([['a', ['f']]])
  })

  it('CVE-2022-24434 CVE-2025-47935 CVE-2025-47944 CVE-2025-48997 CVE-2025-7338 CVE-2026-2359 CVE-2026-3304 CVE-2026-3520 CVE-2025-47287 are refused at the first error, with one line in the log', async () => {
    await using served = await serve(show())
    const bodies = [
      '--B\r\nX: y\r\n--B--',
      '--B\r\nX: y\r\n\r\n\r\n--B--',
      part('Content-Disposition: form-data; name=""') + '--B--',
      part('Content-Disposition: form-data') + '--B--',
      part('Content-Disposition: attachment; name="a"') + '--B--',
      part(named, 'cut'),
      '--B\r\nX: y\r\n\r\n\r\n'.repeat(50),
      part(`${named}\rX: y`) + '--B--',
      part('Content-Disposition: form-data; name="a\0"') + '--B--',
    ]
    for (const body of bodies) {
      expect([body, await refused(served, 'POST', '/', { headers: multipart, body })]).toEqual([body, 400])
    }
    const empty = part(`${named}; filename=""`) + '--B--'
    expect((await served.fetch('POST', '/', { headers: multipart, body: empty })).status).toBe(200)
  })

  it('CVE-2024-24762 CVE-2024-53981 CVE-2026-28356 CVE-2025-67726 have parameters that are read in linear time', async () => {
    await using served = await serve(show())
    const type = `multipart/form-data; !="${'\\'.repeat(30_000)}`
    expect(await refused(served, 'POST', '/', { headers: { 'Content-Type': type }, body: 'x' })).toBe(400)
    for (const rest of [`x="${';'.repeat(9_000)}"`, 'p="x;y";'.repeat(1_000)]) {
      const { status } = await served.fetch('POST', '/', {
        headers: multipart,
        body: part(`${named}; ${rest}`) + '--B--',
      })
      expect(status).toBeLessThan(500)
    }
    const padded = `${'x'.repeat(1000)}\r\n${part(named, '1')}--B--\r\n${'y'.repeat(1 << 20)}`
    const answer = await served.fetch('POST', '/', { headers: multipart, body: padded })
    expect(answer.status).toBe(200)
  })

  it('keep file names as data', async () => {
    await using served = await serve(show())
    for (const name of ['../../etc/passwd', 'C:\\x', '%00', '/etc/passwd']) {
      const body = part(`${named}; filename="${name}"`, 'x') + '--B--'
      expect((await shown(served, 'POST', '/', { headers: multipart, body })).files).toEqual([['a', [name]]])
    }
  })
})

describe('cookies', () => {
  it('CVE-2023-23934 tornado-4.4.2 without names are dropped; they end at semicolons alone', async () => {
    await using served = await serve(show())
    const cookies = async (Cookie: string): Promise<[string, string][]> =>
      (await shown(served, 'GET', '/', { headers: { Cookie } })).cookies
    expect(await cookies('=__Host-x=1; =x; a; ;;; b=2')).toEqual([['b', '2']])
    expect(await cookies('a=b; ]=x; __Host-x=1')).toEqual([
      ['a', 'b'],
      ['__Host-x', '1'],
    ])
    expect(await cookies('a="b;c"; d=e')).toEqual([
      ['a', '"b'],
      ['d', 'e'],
    ])
    expect(await cookies('a=b,c=d')).toEqual([['a', 'b,c=d']])
  })

  it('CVE-2025-58186 CVE-2024-52804 CVE-2024-7592 CVE-2025-69230 may be many, or full of backslashes', async () => {
    await using served = await serve(show())
    const { cookies } = await shown(served, 'GET', '/', {
      headers: { Cookie: `a="${'\\"'.repeat(30_000)}"` },
    })
    expect(cookies[0]![1]).toBe('"'.repeat(30_000))
    const many = await shown(served, 'GET', '/', { headers: { Cookie: 'a=;'.repeat(20_000) } })
    expect(many.cookies).toEqual([['a', '']])
  })
})

describe('redirects', () => {
  class Private extends RequestHandler {
    override get: () => HandlerResult = authenticated(function (this: Private): HandlerResult {
      this.write('secret')
    })
  }
  class Add extends RequestHandler {
    override get: () => HandlerResult = addslash(function (this: Add): HandlerResult {})
  }
  class Remove extends RequestHandler {
    override get: () => HandlerResult = removeslash(function (this: Remove): HandlerResult {})
  }
  const application = (): Application =>
    new Application(
      [
        ['.*private.*', Private],
        ['.*add', Add],
        ['.*remove/+', Remove],
      ],
      { ...quiet, loginUrl: '/login' },
    )

  it('CVE-2023-28370 CVE-2015-1164 CVE-2020-28724 CVE-2021-21330 never lead to another host', async () => {
    await using served = await serve(application())
    const location = async (path: string): Promise<string | undefined> =>
      (await served.fetch('GET', path)).headers['location']
    for (const start of ['//evil.example/', '/\\evil.example/', '///evil.example/', '/\\/evil.example/']) {
      for (const end of ['add', 'remove/']) {
        const to = await location(`${start}${end}`)
        expect(to).toMatch(/^\/[^/\\]/)
      }
      // The user comes back to a path of this site, not to a URL that a browser takes for another's.
      const login = await location(`${start}private`)
      expect(new URL(login!, 'http://here.example').host).toBe('here.example')
    }
  })

  it('CVE-2016-9964 CVE-2020-35678 CVE-2024-41810 carry no line ends and no page', async () => {
    class To extends RequestHandler {
      override get(): void {
        this.redirect(this.getArgument('to', '', { strip: false }))
      }
    }
    await using served = await serve(new Application([['/', To]], quiet))
    const { appLog } = await import('@tornado-ts/log')
    for (const bad of ['%0d%0aX-A:%20b', '%0aX-A:b', '%7f']) {
      using expected = expectLog(appLog, /Uncaught exception GET/)
      const answer = await served.fetch('GET', `/?to=/${bad}`)
      expect([answer.status, answer.headers['x-a'], expected.seen]).toEqual([500, undefined, true])
    }
    // Characters that end in the byte of a line end.
    for (const odd of ['%C4%8A', '%E5%98%8D']) {
      const { status, headers } = await served.fetch('GET', `/?to=/${odd}X-A:b`)
      expect([status, headers['location'], headers['x-a']]).toEqual([302, `/${odd}X-A:b`, undefined])
    }
    const answer = await served.fetch('GET', '/?to=/%3Cscript%3E')
    expect([answer.status, answer.body]).toEqual([302, ''])
  })
})

describe('XSRF', () => {
  it('tornado-1.1.1 CVE-2025-47910 CVE-2024-43787 CVE-2024-48913 is checked whatever the request says of itself', async () => {
    await using served = await serve(new Application([['/', Show]], { ...quiet, xsrfCookies: true }))
    const cases: Record<string, string>[] = [
      { 'X-Requested-With': 'XMLHttpRequest' },
      { 'Content-Type': 'application/json' },
      { 'Content-Type': 'APPLICATION/X-WWW-FORM-URLENCODED' },
      { 'Content-Type': 'text/plain; application/json' },
      { 'Content-Type': ';' },
      {},
    ]
    for (const headers of cases) expect(await refused(served, 'POST', '/', { headers, body: '{}' })).toBe(403)
    const tokens = [
      '2|mask|token|ts',
      '2|zz|zz|zz',
      '2||||',
      '3|a|b|c',
      'x'.repeat(30_000),
      '|',
      '2|7586b241|',
      '0',
    ]
    using expected = expectLog(genLog, /^403 POST/)
    for (const token of tokens) {
      const Cookie = `_xsrf=${token}`
      // What is of no version is its own token (version 1): who can set the cookie has what it is worth.
      for (const text of token.startsWith('2|') ? [token, 'other'] : ['other']) {
        const headers = { Cookie, 'X-XSRFToken': text }
        const { status } = await served.fetch('POST', '/', { headers })
        expect([token.slice(0, 20), status]).toEqual([token.slice(0, 20), 403])
      }
    }
    expect(expected.records).toHaveLength(12)
  })
})

describe('signed values', () => {
  const secret = 'a secret that is long enough to be one'

  it('BMSA-2010-01 CVE-2021-33880 CVE-2026-21713 verify exactly as they were signed', () => {
    const signed = createSignedValue(secret, 'name', 'value')
    expect(decodeSignedValue(secret, 'name', signed)?.toString()).toBe('value')
    expect(decodeSignedValue(secret, 'other', signed)).toBeNull()
    const [start, signature] = [signed.slice(0, -64), signed.slice(-64)]
    const flipped = (at: number): string => {
      const digit = signature[at] === '0' ? '1' : '0'
      return signature.slice(0, at) + digit + signature.slice(at + 1)
    }
    for (const bad of [
      flipped(0),
      flipped(63),
      '',
      signature.slice(1),
      `${signature}0`,
      signature.toUpperCase(),
    ]) {
      expect(decodeSignedValue(secret, 'name', start + bad)).toBeNull()
    }
    // What stands between the bars may not move over them.
    using expected = expectLog(genLog, /Tampered cookie/)
    const old = createSignedValue(secret, 'name', 'value', { version: 1 })
    const [value = '', time = '', mac = ''] = old.split('|')
    expect(
      decodeSignedValue(secret, 'name', [value.slice(0, -4), value.slice(-4) + time, mac].join('|')),
    ).toBeNull()
    expect(decodeSignedValue(secret, 'name', old, { minVersion: 2 })).toBeNull()
    expect(expected.seen).toBe(true)
  })

  it('tornado-3.2.1 are bound to their names and times', () => {
    const clock = (): number => Date.now() + 40 * 86_400_000
    const early = createSignedValue(secret, 'ab', 'c', { version: 1, clock })
    using expected = expectLog(genLog, /future/)
    expect(decodeSignedValue(secret, 'ab', early)).toBeNull()
    expect(expected.seen).toBe(true)
    expect(decodeSignedValue(secret, 'a', createSignedValue(secret, 'ab', 'c', { version: 2 }))).toBeNull()
  })

  it('answer null to whatever else comes', () => {
    using expected = expectLog(genLog, /Invalid cookie signature/)
    const bad = [
      '',
      '|',
      '2',
      '2|',
      '3|1:0|1:0|1:n|1:v|x',
      '2|-1:0|10:1300000000|3:key|16:dmFsdWU=|x',
      '2|99999999999999999999:0|10:1300000000|3:key|4:abcd|x',
      '2|+1:0|10:1300000000|3:key|4:abcd|x',
      '2|01:0|10:1300000000|3:key|4:abcd|x',
      '2|1:0|10:1300000000|3:key',
      '2|1:0|1:0|3:key|4:abcd|x',
      'é|é|é',
      'x'.repeat(100_000),
      '|'.repeat(100_000),
      '2|1:9|10:1300000000|3:key|4:abcd|x',
    ]
    for (const value of bad) expect(decodeSignedValue({ 0: secret }, 'key', value)).toBeNull()
    for (const value of bad) expect(decodeSignedValue(secret, 'key', value)).toBeNull()
    expect(expected.seen).toBe(true)
  })
})
