import { BlockList, isIP } from 'node:net'
import { parseProxyUrl, type ProxySelector, type ProxyTarget } from './proxy-setting.ts'

/** Variables that say which proxy to use, in upper or lower case. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

/**
 * Chooses proxies as curl and others do: `HTTPS_PROXY` for TLS, `HTTP_PROXY` for the rest, `ALL_PROXY` for what neither names, none
 * for the hosts of `NO_PROXY`. Lower-case names win. The environment is handed over by the program:
 *
 * @example
 * new AsyncHTTPClient({ defaults: { proxy: proxyFromEnvironment(process.env) } })
 *
 * `NO_PROXY` is a list of hosts (`example.com` with all below it, `.example.com`, `*.example.com`), addresses, networks
 * (`10.0.0.0/8`, `fd00::/8`), each perhaps with a port, or `*`. An IPv6 zone does not count. In a CGI program `HTTP_PROXY` can be
 * set by a client's header, so with `REQUEST_METHOD` there only `http_proxy` counts (httpoxy).
 *
 * @throws {TypeError} When a variable holds no URL of a proxy.
 */
export function proxyFromEnvironment(environment: ProxyEnvironment): ProxySelector {
  const read = (name: string): string | undefined => {
    const value = environment[name.toLowerCase()] ?? environment[name]
    return value === undefined || value.trim() === '' ? undefined : value.trim()
  }
  const all = read('ALL_PROXY')
  const isCgi = environment['REQUEST_METHOD'] !== undefined
  const httpProxy = (isCgi ? environment['http_proxy'] : read('HTTP_PROXY')) ?? all
  const httpsProxy = read('HTTPS_PROXY') ?? all
  const http = httpProxy === undefined || httpProxy === '' ? null : parseProxyUrl(httpProxy)
  const https = httpsProxy === undefined ? null : parseProxyUrl(httpsProxy)
  const rules = (read('NO_PROXY') ?? '')
    .split(/[\s,]+/)
    .filter((rule) => rule !== '')
    .map(toRule)
  return (target) => (rules.some((rule) => rule(target)) ? null : target.secure ? https : http)
}

type Rule = (target: ProxyTarget) => boolean

function toRule(text: string): Rule {
  if (text === '*') return () => true
  const network = /^\[?([^\]/]+)\]?\/([0-9]{1,3})$/.exec(text)
  if (network !== null) return networkRule(network[1]!, Number(network[2]))
  const [host, port] = splitPort(text)
  const matches = isIP(host) === 0 ? nameRule(host) : networkRule(host, isIP(host) === 6 ? 128 : 32)
  return (target) => (port === null || port === target.port) && matches(target)
}

function nameRule(text: string): Rule {
  const name = text
    .toLowerCase()
    .replace(/^\*?\./, '')
    .replace(/\.$/, '')
  return ({ host }) => {
    const asked = host.toLowerCase().replace(/\.$/, '')
    return asked === name || (isIP(withoutZone(asked)) === 0 && asked.endsWith(`.${name}`))
  }
}

function networkRule(address: string, size: number): Rule {
  const version = isIP(address)
  if (version === 0 || size > (version === 6 ? 128 : 32)) return () => false
  const family = version === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(withoutZone(address), size, family)
  return ({ host }) => {
    const bare = withoutZone(host)
    const asked = isIP(bare)
    return asked !== 0 && list.check(bare, asked === 6 ? 'ipv6' : 'ipv4')
  }
}

/** A zone names a network interface of this machine, not another address. */
function withoutZone(host: string): string {
  return host.replace(/%.*$/, '')
}

function splitPort(text: string): [host: string, port: number | null] {
  const bracketed = /^\[([^\]]+)\](?::([0-9]+))?$/.exec(text)
  if (bracketed !== null) return [bracketed[1]!, bracketed[2] === undefined ? null : Number(bracketed[2])]
  if (isIP(text) === 6) return [text, null]
  const match = /^([^:]+):([0-9]+)$/.exec(text)
  return match === null ? [text, null] : [match[1]!, Number(match[2])]
}
