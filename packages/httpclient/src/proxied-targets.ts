import { TCPClient } from '@tornado-ts/iostream/tcp'
import type { GuardedResolver } from './address-guard.ts'
import type { ConnectionPlan } from './connect-origin.ts'

/**
 * Holds an address guard against where proxies are to go. How they themselves are reached is the program's own choice, and
 * not guarded.
 */
export class ProxiedTargets {
  /** Makes connections to proxies. */
  readonly tcpClient: TCPClient
  readonly #resolver: GuardedResolver

  constructor(resolver: GuardedResolver) {
    this.#resolver = resolver
    this.tcpClient = new TCPClient({ resolver: resolver.unguarded })
  }

  /**
   * Looks the target up. A proxy that goes to addresses must get the one that was allowed, which is the answer; one that goes
   * to names looks them up itself.
   *
   * @throws {ForbiddenAddressError} (rejection) When no address is allowed.
   */
  async check(plan: ConnectionPlan, signal: AbortSignal): Promise<string | undefined> {
    const { host, port, proxy, allowIpv6 } = plan
    const protocol = proxy!.protocol
    const family = protocol === 'socks4' || !allowIpv6 ? ('IPv4' as const) : undefined
    const addresses = await this.#resolver.resolve(host, port, { family, signal })
    return protocol === 'socks4' || protocol === 'socks5' ? addresses[0]!.address : undefined
  }
}
