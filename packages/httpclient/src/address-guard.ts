import { Resolver, type ResolvedAddress, type ResolveOptions } from '@tornado-ts/iostream/netutil'
import { BlockList } from 'node:net'
import { ForbiddenAddressError } from './errors.ts'

/** Says of an address whether a client may connect to it. */
export type AddressGuard = (address: ResolvedAddress, host: string) => boolean

/**
 * Allows public addresses alone: not those of this machine, of private networks, link-local ones (cloud metadata), multicast
 * and what is reserved, nor IPv6 addresses that embed such an IPv4 address.
 *
 * It is asked after the look-up, with the address that is then connected to: a name that resolves to something else the
 * next time gains nothing. It holds for redirects, too. Where a proxy leads to is looked up here as well and refused when
 * nothing there is allowed, but a proxy that looks up names itself may find something else.
 */
export function denyPrivateAddresses({ family, address }: ResolvedAddress): boolean {
  const bare = address.replace(/%.*$/, '')
  return family === 'IPv6' ? !privateIPv6.check(bare, 'ipv6') : !privateIPv4.check(bare, 'ipv4')
}

/** Hands out only the addresses that a guard allows. */
export class GuardedResolver extends Resolver {
  readonly #resolver: Resolver
  readonly #guard: AddressGuard

  constructor(resolver: Resolver, guard: AddressGuard) {
    super()
    this.#resolver = resolver
    this.#guard = guard
  }

  /** Hands out all of them. */
  get unguarded(): Resolver {
    return this.#resolver
  }

  override async resolve(host: string, port: number, options?: ResolveOptions): Promise<ResolvedAddress[]> {
    const addresses = await this.#resolver.resolve(host, port, options)
    const allowed = addresses.filter((address) => this.#guard(address, host))
    if (allowed.length === 0)
      throw new ForbiddenAddressError(
        host,
        addresses.map(({ address }) => address),
      )
    return allowed
  }

  override close(): void {
    this.#resolver.close()
  }
}

/** IANA's registries of special-purpose addresses, those that are not globally reachable. */
const privateIPv4 = new BlockList()
// Apart: a list takes an IPv4 address for its IPv6 form, which is refused as such.
const privateIPv6 = new BlockList()
for (const [network, size] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  privateIPv4.addSubnet(network, size, 'ipv4')
for (const [network, size] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  privateIPv6.addSubnet(network, size, 'ipv6')
