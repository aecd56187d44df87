import * as autoreload from '@tornado-ts/ioloop/autoreload'
import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Application } from './application.ts'
import { nearestName } from './nearest-name.ts'
import type { ApplicationSettings } from './settings.ts'

vi.mock('@tornado-ts/ioloop/autoreload', { spy: true })
const start = vi.mocked(autoreload.start).mockImplementation(() => {})

beforeEach(() => start.mockClear())

const settingsOf = (settings: object): ApplicationSettings => new Application([], settings).settings

describe('debug', () => {
  it('B-web-064 turns on what helps, and off what would be stale', async () => {
    expect(settingsOf({ debug: true })).toEqual({
      debug: true,
      autoreload: true,
      compiledTemplateCache: false,
      staticHashCache: false,
      serveTraceback: true,
    })
    await vi.dynamicImportSettled()
    expect(start).toHaveBeenCalledExactlyOnceWith()
  })

  it('B-web-064 leaves what is set', async () => {
    const own = {
      debug: true,
      autoreload: false,
      compiledTemplateCache: true,
      staticHashCache: true,
      serveTraceback: false,
    }
    expect(settingsOf(own)).toEqual(own)
    expect(settingsOf({ debug: false })).toEqual({ debug: false })
    await vi.dynamicImportSettled()
    expect(start).not.toHaveBeenCalled()
  })

  it('autoreload works without it', async () => {
    settingsOf({ autoreload: true })
    await vi.dynamicImportSettled()
    expect(start).toHaveBeenCalledOnce()
  })

  it('a program that cannot be watched runs nonetheless', async () => {
    const failure = new Error('no inspector')
    start.mockImplementationOnce(() => {
      throw failure
    })
    using logged = expectLog(appLog, 'Cannot watch the files of the program')
    settingsOf({ autoreload: true })
    await vi.dynamicImportSettled()
    expect(logged.records[0]?.error).toBe(failure)
  })
})

describe('names', () => {
  it.each([
    ['templatePaht', 'templatePath'],
    ['template_path', 'templatePath'],
    ['cookie_secret', 'cookieSecret'],
    ['cookiesecret', 'cookieSecret'],
    ['COOKIE_SECRET', 'cookieSecret'],
    ['xsrfCookie', 'xsrfCookies'],
    ['debgu', 'debug'],
    ['websocketPingInterval', 'websocketPingIntervalMs'],
    ['websocket_ping_timeout', 'websocketPingTimeoutMs'],
    ['static_url_prefix', 'staticUrlPrefix'],
    ['compress_response', 'compressResponse'],
  ])('%s is warned of', (name, meant) => {
    using warned = expectLog(appLog, `Unknown setting ${name}: did you mean ${meant}?`)
    settingsOf({ [name]: 'x' })
    void warned
  })

  it('those of the program stay silent, as do all that are known', () => {
    const own = {
      db: 1,
      port: 2,
      title: 3,
      database: 4,
      constructor: 5,
      cookies: 6,
      secret: 7,
      path: 8,
      toString: 9,
    }
    expect(settingsOf(own)).toEqual(own)
    const known = { websocketMaxMessageSize: 1, defaultHost: 'x', uiModules: {}, logFunction: () => {} }
    expect(settingsOf(known)).toEqual(known)
  })

  it('the nearest is the one with the fewest slips', () => {
    expect(nearestName('abcdefgx', ['abcdefg', 'abcdefghi'])).toBe('abcdefg')
    expect(nearestName('abdcefg', ['abcdefg'])).toBe('abcdefg')
    expect(nearestName('abdcegf', ['abcdefg'])).toBe('abcdefg')
    expect(nearestName('badcegf', ['abcdefg'])).toBeNull()
    expect(nearestName('abc', ['abd', 'xyz'])).toBe('abd')
    expect(nearestName('abc', ['ade', ''])).toBeNull()
    expect(nearestName('', ['abc'])).toBeNull()
  })
})

describe('values', () => {
  it.each<[object, string]>([
    [
      { cookieSecret: 12_345 },
      'cookieSecret must be text or bytes that are not empty, or a table of those by version, not a number',
    ],
    [{ cookieSecret: '' }, 'not empty text'],
    [{ cookieSecret: ['a'] }, 'not a list'],
    [{ cookieSecret: {} }, 'not such an object'],
    [{ cookieSecret: { 1: '' } }, 'not such an object'],
    [{ cookieSecret: { one: 'a' } }, 'not such an object'],
    [{ cookieSecret: null }, 'not null'],
    [{ keyVersion: '1' }, 'keyVersion must be an integer, not a string'],
    [{ xsrfCookies: 'true' }, 'xsrfCookies must be true or false, not a string'],
    [{ debug: 'false' }, 'debug must be true or false, not a string'],
    [{ xsrfCookieVersion: 3 }, 'xsrfCookieVersion must be 1 or 2, not a number'],
    [{ serveTraceback: 'yes' }, 'serveTraceback must be true or false or "anyone", not a string'],
    [{ templatePath: '' }, 'templatePath must be the path of a directory, or its file: URL, not empty text'],
    [{ templatePath: new URL('http://localhost/') }, 'not such an object'],
    [{ staticPath: 1 }, 'staticPath must be'],
    [{ autoescape: 1 }, 'autoescape must be'],
    [{ autoescape: false }, 'autoescape must be the name of a function, or null, not a boolean'],
    [{ websocketMaxMessageSize: -1 }, 'websocketMaxMessageSize must be a number that is not negative'],
    [{ logFunction: {} }, 'logFunction must be a function, not such an object'],
    [{ uiModules: 'a' }, 'uiModules must be an object or a list'],
  ])('%j is refused', (settings, message) => {
    expect(() => settingsOf(settings)).toThrow(TypeError)
    expect(() => settingsOf(settings)).toThrow(message)
  })

  it('the message does not tell the value', () => {
    expect(() => settingsOf({ cookieSecret: 8_675_309 })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('8675309') as unknown }),
    )
  })

  it('what fits is taken', () => {
    for (const cookieSecret of [
      'a',
      Uint8Array.of(1),
      { 0: 'a', 12: Uint8Array.of(1) },
      new Map([[1, 'a']]),
    ]) {
      expect(settingsOf({ cookieSecret }).cookieSecret).toBe(cookieSecret)
    }
    expect(settingsOf({ autoescape: null, cookieSecret: undefined })).toEqual({ autoescape: null })
    expect(settingsOf({ templatePath: new URL('file:///srv/templates') }).templatePath).toBe('/srv/templates')
    const settings = { debug: false }
    expect(settingsOf(settings)).not.toBe(settings)
  })
})
