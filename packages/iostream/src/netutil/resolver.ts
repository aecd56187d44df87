import { Configurable, type Implementation } from '@tornado-ts/ioloop'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ResolverError } from '../errors.ts'

/** The two kinds of Internet addresses, as Node names them. */
export type AddressFamily = 'IPv4' | 'IPv6'

/** One address of a host. */
export interface ResolvedAddress {
  readonly family: AddressFamily
  /** In numbers. */
  readonly address: string
  readonly port: number
}

/** Settings of {@link Resolver.resolve}. */
export interface ResolveOptions {
  /** Only addresses of this kind. @default both */
  family?: AddressFamily | undefined
  /** Aborting gives up waiting, with the signal's reason. */
  signal?: AbortSignal | undefined
}

/**
 * Finds the addresses of hosts. `new Resolver()` makes the configured one, {@link DefaultLoopResolver} at first:
 *
 * @example
 * Resolver.configure(CaresResolver, { servers: ['192.0.2.53'] })
 *
 * Tornado: netutil.Resolver.
 */
export class Resolver extends Configurable implements Disposable {
  static override configurableBase(): typeof Resolver {
    return Resolver
  }

  static override configurableDefault(): Implementation<Resolver, object> {
    return DefaultLoopResolver
  }

  /**
   * The addresses of a host, the preferred ones first; never none. An address in numbers is its own.
   *
   * @throws {ResolverError} (rejection) When there are none, or they cannot be found out.
   */
  resolve(_host: string, _port: number, _options?: ResolveOptions): Promise<ResolvedAddress[]> {
    throw new TypeError('resolve must be overridden')
  }

  /** Gives up what the resolver holds. */
  close(): void {}

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * Asks the system: hosts file, DNS and whatever else it is set up with, in the system's order of preference. The calls
 * run in Node's thread pool, so they do not block the loop.
 *
 * Tornado: netutil.DefaultLoopResolver.
 */
export class DefaultLoopResolver extends Resolver {
  override async resolve(
    host: string,
    port: number,
    { family, signal }: ResolveOptions = {},
  ): Promise<ResolvedAddress[]> {
    try {
      const found = await orAbort(
        lookup(host, {
          all: true,
          order: 'verbatim',
          family: family === undefined ? 0 : familyNumber(family),
        }),
        signal,
      )
      return found.map((each) => ({ family: familyName(each.family), address: each.address, port }))
    } catch (error) {
      if (signal?.aborted === true) throw error
      const { code = 'EAI_FAIL' } = error as NodeJS.ErrnoException
      throw new ResolverError(`Cannot resolve ${host}: ${(error as Error).message}`, code, host, {
        cause: error,
      })
    }
  }
}

/** A host that is an address in numbers, as its own only address; `null` for a name. */
export function resolveLiteral(host: string, port: number): ResolvedAddress | null {
  const version = isIP(host)
  return version === 0 ? null : { family: familyName(version), address: host, port }
}

/** The outcome of `promise`, or the signal's reason if that comes first. */
export async function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([aborted, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function familyName(version: number): AddressFamily {
  return version === 6 ? 'IPv6' : 'IPv4'
}

function familyNumber(family: AddressFamily): 4 | 6 {
  return family === 'IPv6' ? 6 : 4
}
