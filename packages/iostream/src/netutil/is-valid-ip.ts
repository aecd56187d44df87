import { isIPv6 } from 'node:net'

/**
 * Whether the text is an address in numbers: IPv6, or IPv4 in one to four parts as the C library reads it (`127.0.0.1`,
 * `127.1`, `0x7f.1`, `4404`). Names, brackets, spaces and NULs make it none. Nothing is looked up.
 *
 * Tornado: netutil.is_valid_ip.
 */
export function isValidIp(ip: string): boolean {
  return isIPv6(ip) || isIPv4Number(ip)
}

/** inet_aton(3): all parts but the last are bytes, the last has the bytes that are left. */
function isIPv4Number(text: string): boolean {
  const parts = text.split('.')
  if (parts.length > 4) return false
  return parts.every((part, index) => {
    if (!/^(0[0-7]*|[1-9][0-9]*|0[xX][0-9a-fA-F]+)$/.test(part)) return false
    const value = /^0[0-7]+$/.test(part) ? Number.parseInt(part, 8) : Number(part)
    return value < (index < parts.length - 1 ? 256 : 256 ** (5 - parts.length))
  })
}
