const registeredName = /^(?:[A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})*$/
const ipLiteral = /^\[(?:[0-9A-Fa-f:.]+|[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+;=:]+)\]$/
const digits = /^[0-9]*$/
const plainHost = /^[a-z0-9.-]+(?::[0-9]{1,4})?$/

/**
 * Whether a `Host` header value is `uri-host [":" port]`: a name, an IPv4 address or an IP literal in brackets, then
 * perhaps a port of at most 65535. An empty value is valid, as RFC 9112 §3.2 asks for targets without an authority.
 * A comma is not: it can only come of two hosts joined by a proxy. Linear in the length.
 *
 * @see RFC 3986 §3.2.2, RFC 9110 §7.2
 */
export function isValidHost(host: string): boolean {
  if (plainHost.test(host)) return true
  let hostEnd = host.length
  const bracket = host.charCodeAt(0) === 0x5b ? host.indexOf(']') : -1
  const colon = host.indexOf(':', bracket + 1)
  if (colon !== -1) {
    const port = host.slice(colon + 1)
    if (!digits.test(port) || Number(port) > 65_535) return false
    hostEnd = colon
  }
  const name = host.slice(0, hostEnd)
  return bracket === -1 ? registeredName.test(name) : ipLiteral.test(name)
}

/**
 * Splits `host:port` at its last colon; the port is `null` unless digits follow it. Brackets of an IPv6 address stay on.
 *
 * @see Tornado: httputil.split_host_and_port
 */
export function splitHostAndPort(netloc: string): [host: string, port: number | null] {
  const colon = netloc.lastIndexOf(':')
  if (colon < 1 || colon === netloc.length - 1) return [netloc, null]
  const port = netloc.slice(colon + 1)
  return digits.test(port) ? [netloc.slice(0, colon), Number(port)] : [netloc, null]
}
