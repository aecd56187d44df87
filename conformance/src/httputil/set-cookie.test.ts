import {
  cookieDomainMatches,
  cookiePathMatches,
  defaultCookiePath,
  parseSetCookie,
  type ReceivedCookie,
} from '@tornado-ts/httputil'
import { expect, it } from 'vitest'
import { describeCases } from '../data.ts'

interface Case {
  readonly test: string
  readonly received: readonly string[]
  readonly 'sent-to'?: string
  readonly sent: readonly { readonly name: string; readonly value: string }[]
}

interface StoredCookie extends ReceivedCookie {
  readonly host: string
  readonly hostOnly: boolean
  readonly domain: string
  readonly path: string
}

const setBy = new URL('http://home.example.org:8888/cookie-parser')
/** When the data was made; some of its cookies have ended since. */
const nowMs = Date.UTC(2011, 0, 1)

/** A cookie without a name, and what is sent beside it: RFC 6265bis §5.6 keeps what RFC 6265 §5.2 ignores. */
function nameless(value: string, ...others: Case['sent']): Case['sent'] {
  return [{ name: '', value }, ...others]
}

/** Where RFC 6265bis has another answer than the data, which tests RFC 6265; the README beside says why. */
const differences = new Map<string, Case['sent']>([
  ['0004', nameless('foo')],
  ['0021', [{ name: 'a', value: 'b' }, ...nameless('x'), { name: 'c', value: 'd' }]],
  ['0023', nameless('foo')],
  ['0024', nameless('foo')],
  ['0025', nameless('foo')],
  ['0026', nameless('foo')],
  ['0027', nameless('bar')],
  ['0028', nameless('foo')],
  ['CHROMIUM0009', nameless('BLAHHH')],
  ['CHROMIUM0010', nameless(String.raw`"BLA\"HHH"`)],
  ['CHROMIUM0012', nameless('ABC')],
  ['MOZILLA0012', [{ name: 'test', value: '"fubar! = foo' }, ...nameless('five')]],
  ['MOZILLA0014', nameless('six')],
  ['MOZILLA0015', nameless('seven')],
  ['MOZILLA0016', nameless('eight')],
  ['MOZILLA0017', nameless('eight', { name: 'test', value: 'six' })],
  ['NAME0017', nameless('a=bar')],
  ['NAME0023', nameless('foo')],
  ['NAME0025', nameless('==a=bar')],
  ['NAME0028', nameless('a')],
  ['NAME0031', nameless('"foo')],
  ['NAME0032', nameless(String.raw`"foo\"bar`)],
  ['NAME0033', nameless('aaa')],
  ['DISABLED_CHROMIUM0022', []],
  ['DISABLED_CHROMIUM0023', []],
  ['DISABLED_PATH0029', []],
  ['OPTIONAL_DOMAIN0042', [{ name: 'foo', value: 'bar' }]],
])

describeCases<Case>('set-cookie.json', (cases) => {
  it.each(cases.map((each) => [each.test, each] as const))('%s', (id, each) => {
    const url = new URL(each['sent-to'] ?? '/cookie-parser-result', setBy)
    const difference = differences.get(id)
    // A difference that is none any more must leave the list.
    expect(difference).not.toEqual(each.sent)
    expect(send(each.received, url)).toEqual(difference ?? each.sent)
  })
})

/** What a user agent that received these lines from {@link setBy} sends to `url`: RFC 6265bis §5.7 and §5.8.3. */
function send(received: readonly string[], url: URL): { name: string; value: string }[] {
  const store = new Map<string, StoredCookie>()
  for (const line of received) {
    const cookie = parseSetCookie(line)
    if (cookie === null || cookie.secure) continue
    const { domain } = cookie
    if (domain !== undefined && (!domain.includes('.') || !cookieDomainMatches(setBy.hostname, domain)))
      continue
    const stored: StoredCookie = {
      ...cookie,
      host: setBy.hostname,
      hostOnly: domain === undefined,
      domain: domain ?? setBy.hostname,
      path: cookie.path ?? defaultCookiePath(setBy.pathname),
    }
    const key = JSON.stringify([stored.name, stored.domain, stored.hostOnly, stored.path])
    if (isOver(stored)) store.delete(key)
    else store.set(key, stored)
  }
  return [...store.values()]
    .filter((cookie) =>
      cookie.hostOnly ? url.hostname === cookie.host : cookieDomainMatches(url.hostname, cookie.domain),
    )
    .filter((cookie) => cookiePathMatches(url.pathname, cookie.path))
    .toSorted((a, b) => b.path.length - a.path.length)
    .map(({ name, value }) => ({ name, value }))
}

function isOver({ maxAgeMs, expiresMs }: ReceivedCookie): boolean {
  if (maxAgeMs !== undefined) return maxAgeMs <= 0
  return expiresMs !== undefined && expiresMs <= nowMs
}
