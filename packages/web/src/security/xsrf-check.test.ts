import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { serve, type RawAnswer, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'
import type { ApplicationSettings } from '../settings.ts'

class Form extends RequestHandler {
  override get(): void {
    if (this.getArgument('user', null) !== null) this.currentUser = 'somebody'
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
    const user = await served.fetch('GET', '/?user=1')
    expect(setCookie(user)).toMatch(/^_xsrf=\S+; expires=[^;]+; Path=\/$/)
    const again = await served.fetch('GET', '/', { headers: { Cookie: setCookie(anonymous).split(';')[0]! } })
    expect(setCookie(again)).toBe('')
    const settings = { xsrfCookieName: '__Host-x', xsrfCookieKwargs: { secure: true, httpOnly: true } }
    await using other = await serve(application(settings))
    expect(setCookie(await other.fetch('GET', '/'))).toMatch(/^__Host-x=\S+; HttpOnly; Path=\/; Secure$/)
  })

  it('B-xsrf-011 has a field for forms', async () => {
    await using served = await serve(application())
    const { token, html } = await getToken(served)
    expect(html).toBe(`<input type="hidden" name="_xsrf" value="${token}"/>`)
  })
})

describe('the user', () => {
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
