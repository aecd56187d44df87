import { readFile } from 'node:fs/promises'
import { Resolver as DnsResolver } from 'node:dns/promises'
import { ResolverError } from '../errors.ts'
import { orAbort, resolveLiteral, Resolver, type ResolvedAddress, type ResolveOptions } from './resolver.ts'

/** Options of a {@link CaresResolver}. */
export interface CaresResolverOptions {
  /** DNS servers to ask, `'192.0.2.53'` or `'192.0.2.53:5353'`. @default those of the system */
  servers?: readonly string[]
  /** How long to wait for a server's answer before the next try, in ms. @default 2_000 */
  timeoutMs?: number
  /** How often each server is asked. @default 3 */
  tries?: number
  /** File of names that need no DNS. @default '/etc/hosts', where there is one */
  hostsFile?: string
}

/**
 * Asks DNS servers itself, with c-ares: no thread waits, so many lookups can be under way at once.
 *
 * Both kinds of addresses are asked for at the same time; IPv6 ones come first (RFC 8305 §4). Names of the hosts file,
 * and `localhost` (RFC 6761 §6.3), are not asked for.
 *
 * Tornado: platform.caresresolver.CaresResolver.
 */
export class CaresResolver extends Resolver {
  readonly #dns: DnsResolver
  readonly #hostsFile: string

  constructor(options: CaresResolverOptions = {}) {
    super()
    const { servers, timeoutMs = 2_000, tries = 3, hostsFile = '/etc/hosts' } = options
    this.#dns = new DnsResolver({ timeout: timeoutMs, tries })
    if (servers !== undefined) this.#dns.setServers(servers)
    this.#hostsFile = hostsFile
  }

  override async resolve(
    host: string,
    port: number,
    { family, signal }: ResolveOptions = {},
  ): Promise<ResolvedAddress[]> {
    const literal = resolveLiteral(host, port)
    const known = literal === null ? await this.#readHosts(host, port) : [literal]
    if (known.length === 0) return await orAbort(this.#ask(host, port, family), signal)
    const wanted = known.filter((each) => family === undefined || each.family === family)
    if (wanted.length > 0) return wanted
    throw new ResolverError(
      `Requested socket family ${family} but got ${known[0]!.family}`,
      'EADDRFAMILY',
      host,
    )
  }

  /** Gives up the lookups that are under way. */
  override close(): void {
    this.#dns.cancel()
  }

  async #ask(host: string, port: number, family: ResolveOptions['family']): Promise<ResolvedAddress[]> {
    const [v6, v4] = await Promise.allSettled([
      family === 'IPv4' ? [] : this.#dns.resolve6(host),
      family === 'IPv6' ? [] : this.#dns.resolve4(host),
    ])
    const addresses: ResolvedAddress[] = [
      ...answersOf(v6).map((address) => ({ family: 'IPv6', address, port }) as const),
      ...answersOf(v4).map((address) => ({ family: 'IPv4', address, port }) as const),
    ]
    if (addresses.length > 0) return addresses
    const failed = [v4, v6].find((each) => each.status === 'rejected')
    const { code = 'ENODATA', message } = (failed?.reason ??
      new Error('no addresses')) as NodeJS.ErrnoException
    throw new ResolverError(`C-Ares returned error ${code}: ${message} while resolving ${host}`, code, host, {
      cause: failed?.reason,
    })
  }

  async #readHosts(host: string, port: number): Promise<ResolvedAddress[]> {
    const name = host.toLowerCase().replace(/\.$/, '')
    const text = await readFile(this.#hostsFile, 'utf8').catch(() => '')
    const found = text.split('\n').flatMap((line) => {
      const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
      const isNamed = names.some((each) => each.toLowerCase() === name)
      return (isNamed ? resolveLiteral(address, port) : null) ?? []
    })
    if (found.length > 0 || (name !== 'localhost' && !name.endsWith('.localhost'))) return found
    return ['127.0.0.1', '::1'].map((address) => resolveLiteral(address, port)!)
  }
}

function answersOf(result: PromiseSettledResult<string[]>): string[] {
  return result.status === 'fulfilled' ? result.value : []
}
