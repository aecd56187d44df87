import { Resolver, type ResolvedAddress, type ResolveOptions } from './resolver.ts'

/** What is asked for in place of a host. */
export type HostOverride = string | { readonly host: string; readonly port: number }

/** Options of an {@link OverrideResolver}. */
export interface OverrideResolverOptions {
  /** Asked after the mapping. Closed with this one. */
  resolver: Resolver
  /**
   * From `'example.com'` to another host; from `'example.com:443'` to a host and a port, or to a host alone; from
   * `'example.com:443:IPv6'` likewise, when only that kind of address is asked for. The most exact key counts.
   */
  mapping: Readonly<Record<string, HostOverride>>
}

/**
 * Sends some hosts elsewhere, as a hosts file does, without touching the system's.
 *
 * @example
 * new OverrideResolver({
 *   resolver: new Resolver(),
 *   mapping: { 'example.com': '127.0.0.1', 'login.example.com:443': { host: 'localhost', port: 1443 } },
 * })
 *
 * Tornado: netutil.OverrideResolver.
 */
export class OverrideResolver extends Resolver {
  readonly #resolver: Resolver
  readonly #mapping: ReadonlyMap<string, HostOverride>

  constructor({ resolver, mapping }: OverrideResolverOptions) {
    super()
    this.#resolver = resolver
    this.#mapping = new Map(Object.entries(mapping))
  }

  override async resolve(
    host: string,
    port: number,
    options: ResolveOptions = {},
  ): Promise<ResolvedAddress[]> {
    const override =
      this.#mapping.get(`${host}:${port}:${options.family}`) ??
      this.#mapping.get(`${host}:${port}`) ??
      this.#mapping.get(host)
    if (override === undefined) return await this.#resolver.resolve(host, port, options)
    if (typeof override === 'string') return await this.#resolver.resolve(override, port, options)
    return await this.#resolver.resolve(override.host, override.port, options)
  }

  override close(): void {
    this.#resolver.close()
  }
}
