import type { HTTPHeaders } from '@tornado-ts/httputil'

/** Where a request goes, taken from its URL. */
export interface RequestTarget {
  readonly secure: boolean
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
  /** The Host field: the port is left out where it is the scheme's own. */
  readonly hostHeader: string
  /** `https://host:port`, in lower case, the port always there. */
  readonly origin: string
  /** Path and query, as the request line has them. */
  readonly path: string
  /** The whole URL without credentials and fragment. */
  readonly href: string
  readonly username: string
  readonly password: string
  /** Fields that requests to it have in common; kept here by whoever makes them. */
  common: CommonFields | null
}

/** Fields that were made for a target, and what of. */
export interface CommonFields {
  readonly userAgent: string
  readonly decompress: boolean
  readonly headers: HTTPHeaders
}

/** Schemes that can be fetched. */
export const httpSchemes: ReadonlySet<string> = new Set(['http:', 'https:'])
/** Those, and the ones of WebSocket. */
export const streamSchemes: ReadonlySet<string> = new Set(['http:', 'https:', 'ws:', 'wss:'])

const remembered = new Map<string, RequestTarget>()
const maxRemembered = 512
const maxRememberedLength = 1024

/**
 * Reads a URL.
 *
 * @throws {TypeError} When it is none, has a scheme that is not spoken, or holds control characters or spaces.
 */
export function parseTarget(url: string, schemes: ReadonlySet<string> = httpSchemes): RequestTarget {
  const known = remembered.get(url)
  if (known !== undefined && schemes === httpSchemes) return known
  // The platform's parser drops what must never be sent; that would hide an injection instead of refusing it.
  if (forbidden.test(url) || !withAuthority.test(url))
    throw new TypeError(`Invalid URL ${JSON.stringify(withoutCredentials(url))}`)
  if (!URL.canParse(url)) throw new TypeError(`Invalid URL ${JSON.stringify(withoutCredentials(url))}`)
  const target = toTarget(new URL(url), schemes)
  const isRemembered = url.length <= maxRememberedLength && schemes === httpSchemes
  // Nobody expects passwords to be kept.
  if (isRemembered && target.username === '' && target.password === '') {
    if (remembered.size >= maxRemembered) remembered.clear()
    remembered.set(url, target)
  }
  return target
}

function toTarget(url: URL, schemes: ReadonlySet<string>): RequestTarget {
  const { protocol, hostname, host, pathname, search } = url
  if (!schemes.has(protocol)) throw new TypeError(`Unsupported url scheme: ${protocol.slice(0, -1)}`)
  const secure = protocol === 'https:' || protocol === 'wss:'
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const path = `${pathname === '' ? '/' : pathname}${search}`
  return {
    secure,
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port,
    hostHeader: host,
    origin: `${protocol}//${hostname}:${port}`,
    path,
    href: `${protocol}//${host}${path}`,
    username: decode(url.username),
    password: decode(url.password),
    common: null,
  }
}

/** Percent-encoding undone, where it is one. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Whatever else it takes, the platform's parser makes a host of a path. */
const withAuthority = /^[a-z][a-z0-9+.-]*:\/\/[^/\\?#]/i

function withoutCredentials(url: string): string {
  return url.slice(0, 200).replace(/\/\/[^/]*@/, '//')
}

const forbidden =
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u0020\u007f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
