import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { serve, type RawAnswer } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'
import type { ApplicationSettings } from '../settings.ts'
import { createSignedValue } from './signed-value.ts'

/** An application whose GET does this with the handler. */
const doing = (act: (handler: RequestHandler) => void, settings: ApplicationSettings = {}): Application => {
  class Handler extends RequestHandler {
    override get(): void {
      act(this)
    }
  }
  return new Application([['/', Handler]], { logFunction: () => {}, ...settings })
}

const setCookies = ({ lines }: RawAnswer): string[] =>
  lines.filter((line) => line.startsWith('Set-Cookie: ')).map((line) => line.slice('Set-Cookie: '.length))

describe('cookies', () => {
  it('B-cookie-004 are read from the request, never from the response', async () => {
    const seen: unknown[] = []
    await using served = await serve(
      doing((handler) => {
        handler.setCookie('a', 'new')
        seen.push(handler.getCookie('a'), handler.getCookie('b'), handler.getCookie('b', null), [
          ...handler.cookies,
        ])
      }),
    )
    await served.fetch('GET', '/', { headers: { Cookie: 'a=old; c="d e"' } })
    expect(seen).toEqual([
      'old',
      undefined,
      null,
      [
        ['a', 'old'],
        ['c', 'd e'],
      ],
    ])
  })

  it('B-cookie-008 are sent once each, the last as it was set, in the order of their names', async () => {
    await using served = await serve(
      doing((handler) => {
        handler.setCookie('a', '1', { httpOnly: true })
        handler.setCookie('b', '2')
        handler.setCookie('a', '3')
      }),
    )
    expect(setCookies(await served.fetch('GET', '/'))).toEqual(['a=3; Path=/', 'b=2; Path=/'])
  })

  it('are sent with error pages too, and with the first flush of a stream', async () => {
    await using served = await serve(
      doing((handler) => {
        handler.setCookie('a', '1')
        handler.write('x')
        void handler.flush()
        handler.setCookie('late', '1')
      }),
    )
    expect(setCookies(await served.fetch('GET', '/'))).toEqual(['a=1; Path=/'])
  })

  it('B-cookie-011 are ended by a date a year ago', async () => {
    const thrown: unknown[] = []
    await using served = await serve(
      doing((handler) => {
        handler.clearCookie('a', { domain: 'example.com', path: '/x' })
        for (const given of ['expires', 'expiresDays', 'maxAgeMs']) {
          try {
            handler.clearCookie('a', { [given]: 1 })
          } catch (error) {
            thrown.push(error)
          }
        }
      }),
    )
    const [line] = setCookies(await served.fetch('GET', '/')) as [string]
    const [, expires] = /^a=""; Domain=example\.com; expires=([^;]+); Path=\/x$/.exec(line)!
    expect(Math.abs(Date.now() - 365 * 86_400_000 - Date.parse(expires!))).toBeLessThan(10_000)
    expect(thrown.every((error) => error instanceof TypeError)).toBe(true)
    expect(thrown).toHaveLength(3)
  })

  it('CVE-2024-47764 GHSA-78cv-mqj4-43f7 CVE-2026-47675 that cannot be sent are an error, and none of them is', async () => {
    const names: string[] = []
    await using served = await serve(
      doing((handler) => {
        for (const set of [
          () => handler.setCookie('a b', 'x'),
          () => handler.setCookie('a', 'x\r\nX: y'),
          () => handler.setCookie('a', 'x', { path: '/;HttpOnly' }),
          () => handler.setCookie('a', 'x', { domain: 'e;Path=/x' }),
          () => handler.setCookie('a', 'x', { sameSite: 'None; Secure' as 'None' }),
          () => handler.setCookie('__Host-a', 'x', { secure: true, path: '/x' }),
        ]) {
          try {
            set()
          } catch (error) {
            names.push((error as Error).name)
          }
        }
      }),
    )
    expect(setCookies(await served.fetch('GET', '/'))).toEqual([])
    expect(names).toEqual(Array.from({ length: 6 }, () => 'TypeError'))
  })
})

describe('signed cookies', () => {
  const settings = { cookieSecret: 'secret' }

  it('B-cookie-012 B-cookie-025 come back as they were set, quoted where their base64 needs it', async () => {
    const seen: unknown[] = []
    await using served = await serve(
      doing((handler) => {
        seen.push(handler.getSignedCookie('a')?.toString(), handler.getSecureCookie('none'))
        handler.setSignedCookie('a', 'välue')
        handler.setSignedCookie('b', Buffer.from([0, 255]), { expiresDays: null, version: 1, httpOnly: true })
        handler.setSecureCookie('c', 'x')
      }, settings),
    )
    const [a, b, c] = setCookies(await served.fetch('GET', '/')) as [string, string, string]
    expect(a).toMatch(/^a=2\|1:0\|10:\d{10}\|1:a\|8:dsOkbHVl\|[0-9a-f]{64}; expires=[^;]+; Path=\/$/)
    expect(Math.abs(Date.parse(/expires=([^;]+)/.exec(a)![1]!) - Date.now() - 30 * 86_400_000)).toBeLessThan(
      10_000,
    )
    expect(b).toMatch(/^b="AP8=\|\d{10}\|[0-9a-f]{40}"; HttpOnly; Path=\/$/)
    expect(c).toContain('expires=')
    await served.fetch('GET', '/', { headers: { Cookie: a.split(';')[0]! } })
    expect(seen).toEqual([undefined, null, 'välue', null])
  })

  it('B-cookie-012 are read for 31 days and of either layout, unless told otherwise', async () => {
    const seen: unknown[] = []
    const value = (days: number, version: number): string =>
      createSignedValue('secret', 'a', 'x', { version, clock: () => Date.now() - days * 86_400_000 })
    await using served = await serve(
      doing(
        (handler) => {
          for (const version of [1, 2])
            for (const days of [30.9, 31.1])
              seen.push(handler.getSignedCookie('a', { value: value(days, version) })?.toString())
          seen.push(handler.getSignedCookie('a', { value: value(31.1, 2), maxAgeDays: 32 })?.toString())
          seen.push(handler.getSignedCookie('a', { value: value(0, 1), minVersion: 2 })?.toString())
          seen.push(Buffer.isBuffer(handler.getSignedCookie('a', { value: value(0, 2) })))
        },
        { cookieSecret: 'secret' },
      ),
    )
    using expired = expectLog(genLog, /^Expired cookie/)
    await served.fetch('GET', '/')
    expect(seen).toEqual(['x', undefined, 'x', undefined, 'x', undefined, true])
    expect(expired.matched).toBe(1)
  })

  it('B-cookie-024 tell their key, and another value may be given', async () => {
    const seen: unknown[] = []
    const cookieSecret = { 1: 'one', 2: 'two' }
    const old = createSignedValue(cookieSecret, 'a', 'x', { keyVersion: 1 })
    await using served = await serve(
      doing(
        (handler) => {
          seen.push(handler.getSignedCookieKeyVersion('a'), handler.getSecureCookieKeyVersion('a', old))
          seen.push(handler.getSignedCookie('a', { value: old })?.toString())
          seen.push(handler.getSignedCookie('a', { value: old, maxAgeDays: -1 }))
          seen.push(handler.createSignedValue('a', 'y').slice(0, 5))
        },
        { cookieSecret, keyVersion: 2 },
      ),
    )
    await served.fetch('GET', '/')
    expect(seen).toEqual([null, 1, 'x', null, '2|1:2'])
  })

  it('B-cookie-026 B-web-073 without a secret are an error', async () => {
    for (const act of [
      (handler: RequestHandler): unknown => handler.getSignedCookie('a'),
      (handler: RequestHandler): unknown => handler.setSignedCookie('a', 'x'),
      (handler: RequestHandler): unknown => handler.createSignedValue('a', 'x'),
      (handler: RequestHandler): unknown => handler.getSignedCookieKeyVersion('a'),
    ]) {
      await using served = await serve(doing((handler) => void act(handler)))
      using expected = expectLog(appLog, /Uncaught exception/)
      expect((await served.fetch('GET', '/')).status).toBe(500)
      expect(String(expected.records[0]?.error)).toContain("You must define the 'cookieSecret' setting")
    }
  })
})
