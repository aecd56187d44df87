import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { serve, type RawAnswer, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'
import type { ApplicationSettings } from '../settings.ts'

class Form extends RequestHandler {
  override get(): void {
    this.currentUser = this.getArgument('user', null)
    this.write({ token: this.xsrfToken, again: this.xsrfToken, html: this.xsrfFormHtml() })
  }
  override post(): void {
    this.write('posted')
  }
  override put(): void {
    this.write('put')
  }
  override options(): void {
    this.write('options')
  }
}

class Open extends Form {
  override checkXsrfCookie(): void {}
}

const application = (settings: ApplicationSettings = {}): Application =>
  new Application(
    [
      ['/', Form],
      ['/open', Open],
    ],
    { logFunction: () => {}, xsrfCookies: true, ...settings },
  )

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const setCookie = ({ headers }: RawAnswer): string => headers['set-cookie'] ?? ''

async function getToken(
  served: Served,
  cookie = '',
): Promise<{ token: string; cookie: string; html: string }> {
  const answer = await served.fetch('GET', '/', cookie === '' ? {} : { headers: { Cookie: cookie } })
  const { token, again, html } = JSON.parse(answer.body) as { token: string; again: string; html: string }
  expect(again).toBe(token)
  return { token, html, cookie: cookie === '' ? setCookie(answer).split(';')[0]! : cookie }
}

describe('the XSRF check', () => {
  it('B-xsrf-001 B-xsrf-002 lets pass what carries the token in a field or either header, and what changes nothing', async () => {
    await using served = await serve(application())
    const { token, cookie } = await getToken(served)
    const Cookie = cookie
    const post = (headers: Record<string, string>, body = '', path = '/'): Promise<RawAnswer> =>
      served.fetch('POST', path, { headers: { Cookie, ...headers }, body })
    expect((await post(form, `_xsrf=${encodeURIComponent(token)}`)).body).toBe('posted')
    expect((await post({}, '', `/?_xsrf=${encodeURIComponent(token)}`)).body).toBe('posted')
    expect((await post({ 'X-XSRFToken': token })).body).toBe('posted')
    expect((await post({ 'X-CSRFToken': token })).body).toBe('posted')
    expect((await served.fetch('OPTIONS', '/')).body).toBe('options')
    expect((await served.fetch('HEAD', '/')).status).toBe(200)
    expect((await served.fetch('POST', '/open')).body).toBe('posted')
    expect((await served.fetch('PUT', '/', { headers: { Cookie, 'X-XSRFToken': token } })).body).toBe('put')
  })

  it('B-xsrf-001 asks every method but GET, HEAD and OPTIONS, before prepare, when the setting is on', async () => {
    let prepared = 0
    class Any extends Form {
      override prepare(): void {
        prepared++
      }
      override delete(): void {}
      override patch(): void {}
    }
    const make = (xsrfCookies: boolean): Application =>
      new Application([['/', Any]], { logFunction: () => {}, xsrfCookies })
    const statuses = async (served: Served, methods: string[]): Promise<number[]> =>
      Promise.all(methods.map(async (method) => (await served.fetch(method, '/')).status))
    await using on = await serve(make(true))
    using refused = expectLog(genLog, /'_xsrf' argument missing/)
    expect(await statuses(on, ['POST', 'PUT', 'DELETE', 'PATCH'])).toEqual([403, 403, 403, 403])
    expect([prepared, refused.matched]).toEqual([0, 4])
    expect(await statuses(on, ['GET', 'HEAD', 'OPTIONS'])).toEqual([200, 200, 200])
    await using off = await serve(make(false))
    expect(await statuses(off, ['POST', 'DELETE'])).toEqual([200, 200])
  })

  it('B-xsrf-002 the field counts before X-XSRFToken, and that before X-CSRFToken, whatever the cookie is called', async () => {
    await using served = await serve(application({ xsrfCookieName: 'renamed' }))
    const { token, cookie } = await getToken(served)
    expect(cookie).toMatch(/^renamed=/)
    const other = (await getToken(served)).token
    const post = async (field: string, header: string, second: string): Promise<number> => {
      const headers = { ...form, Cookie: cookie, 'X-XSRFToken': header, 'X-CSRFToken': second }
      const body = `_xsrf=${encodeURIComponent(field)}`
      return (await served.fetch('POST', '/', { headers, body })).status
    }
    expect(await post(token, other, other)).toBe(200)
    expect(await post('', token, other)).toBe(200)
    expect(await post('', '', token)).toBe(200)
    using refused = expectLog(genLog, /XSRF cookie does not match POST argument/)
    expect(await post(other, token, token)).toBe(403)
    expect(await post('', other, token)).toBe(403)
    expect(refused.matched).toBe(2)
  })

  it('B-xsrf-003 B-xsrf-007 refuses with 403 what carries none, a wrong one, or one without its cookie', async () => {
    await using served = await serve(application())
    const { token, cookie } = await getToken(served)
    const other = await getToken(served)
    const cases: [Record<string, string>, string, RegExp][] = [
      [{ Cookie: cookie }, '', /'_xsrf' argument missing from POST/],
      [{ Cookie: cookie, 'X-Requested-With': 'XMLHttpRequest' }, '', /'_xsrf' argument missing from POST/],
      [{ Cookie: cookie }, '_xsrf=3|00|00|1', /'_xsrf' argument has invalid format/],
      [{ Cookie: cookie }, `_xsrf=2|${'f'.repeat(100_000)}`, /'_xsrf' argument has invalid format/],
      [
        { Cookie: cookie },
        `_xsrf=${encodeURIComponent(other.token)}`,
        /XSRF cookie does not match POST argument/,
      ],
      [{}, `_xsrf=${encodeURIComponent(token)}`, /XSRF cookie does not match POST argument/],
    ]
    for (const [headers, body, message] of cases) {
      using expected = expectLog(genLog, message)
      expect((await served.fetch('POST', '/', { headers: { ...form, ...headers }, body })).status).toBe(403)
      expect(expected.seen).toBe(true)
    }
  })

  it('B-web-075 leaves wrong URLs their 404', async () => {
    await using served = await serve(application())
    expect((await served.fetch('POST', '/none')).status).toBe(404)
  })

  it('B-xsrf-005 B-xsrf-008 CVE-2014-9720 gives another text each time, all good for the same cookie, of either layout', async () => {
    await using v2 = await serve(application())
    await using v1 = await serve(application({ xsrfCookieVersion: 1 }))
    const first = await getToken(v2)
    const second = await getToken(v2, first.cookie)
    const plain = await getToken(v1, first.cookie)
    expect(new Set([first.token, second.token, plain.token]).size).toBe(3)
    expect(plain.token).toMatch(/^[0-9a-f]{32}$/)
    const fromV1 = await getToken(v1)
    const masked = await getToken(v2, fromV1.cookie)
    for (const [cookie, token] of [
      [first.cookie, second.token],
      [first.cookie, plain.token],
      [fromV1.cookie, masked.token],
    ] as const) {
      expect((await v2.fetch('POST', '/', { headers: { Cookie: cookie, 'X-XSRFToken': token } })).body).toBe(
        'posted',
      )
    }
  })

  it('B-xsrf-009 sets the cookie only for a client without one, lasting for a user, as the settings say', async () => {
    await using served = await serve(application())
    const anonymous = await served.fetch('GET', '/')
    expect(setCookie(anonymous)).toMatch(/^_xsrf=\S+; Path=\/$/)
    expect(setCookie(await served.fetch('GET', '/?user='))).toMatch(/^_xsrf=\S+; Path=\/$/)
    const user = await served.fetch('GET', '/?user=1')
    const [, expires] = /^_xsrf=\S+; expires=([^;]+); Path=\/$/.exec(setCookie(user))!
    expect(Math.abs(Date.parse(expires!) - Date.now() - 30 * 86_400_000)).toBeLessThan(10_000)
    const again = await served.fetch('GET', '/', { headers: { Cookie: setCookie(anonymous).split(';')[0]! } })
    expect(setCookie(again)).toBe('')
    const settings = { xsrfCookieName: '__Host-x', xsrfCookieKwargs: { secure: true, httpOnly: true } }
    await using other = await serve(application(settings))
    for (const path of ['/', '/?user=1']) {
      const expected = path === '/' ? '' : ' expires=[^;]+;'
      expect(setCookie(await other.fetch('GET', path))).toMatch(
        new RegExp(`^__Host-x=\\S+;${expected} HttpOnly; Path=/; Secure$`),
      )
    }
    expect(settings.xsrfCookieKwargs).toEqual({ secure: true, httpOnly: true })
    await using session = await serve(application({ xsrfCookieKwargs: { expiresDays: 1 } }))
    const [, ends] = /expires=([^;]+)/.exec(setCookie(await session.fetch('GET', '/?user=1')))!
    expect(Math.abs(Date.parse(ends!) - Date.now() - 86_400_000)).toBeLessThan(10_000)
  })

  it('B-xsrf-011 has a field for forms', async () => {
    await using served = await serve(application())
    const { token, html } = await getToken(served)
    expect(html).toBe(`<input type="hidden" name="_xsrf" value="${token}"/>`)
  })
})

describe('the user', () => {
  it('B-web-059 that is none is asked for once, too', async () => {
    let calls = 0
    class Handler extends RequestHandler {
      override getCurrentUser(): unknown {
        calls++
        return undefined
      }
      override get(): void {
        this.write({ users: [this.currentUser, this.currentUser], calls })
        if (this.request.query === 'set') this.currentUser = undefined
        this.write(String(this.currentUser))
      }
    }
    await using served = await serve(new Application([['/', Handler]], { logFunction: () => {} }))
    expect((await served.fetch('GET', '/?set')).body).toBe('{"users":[null,null],"calls":1}null')
    expect(calls).toBe(1)
  })

  it('B-web-059 is found once, when asked for, or set', async () => {
    let calls = 0
    class Handler extends RequestHandler {
      override getCurrentUser(): unknown {
        calls++
        return { name: 'alice' }
      }
      override get(): void {
        const before = calls
        const name = (this.currentUser as { name: string }).name
        const same = this.currentUser === this.currentUser
        this.currentUser = null
        this.write({ before, name, same, after: this.currentUser })
      }
    }
    await using served = await serve(new Application([['/', Handler]], { logFunction: () => {} }))
    expect(JSON.parse((await served.fetch('GET', '/')).body)).toEqual({
      before: 0,
      name: 'alice',
      same: true,
      after: null,
    })
    expect(calls).toBe(1)
  })
})
