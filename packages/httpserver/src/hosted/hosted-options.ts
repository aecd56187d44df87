import { toContextReader, type ContextReader, type ProxyHeaderOptions } from '../client-context.ts'

/** Limits of requests that come by another server, and what is believed of proxies. */
export interface HostedOptions extends ProxyHeaderOptions {
  /** Largest body; beyond it the answer is 413. In bytes. @default 104_857_600 (100 MiB) */
  maxBodySize?: number
  /** Longest time a body may take; beyond it the answer is 408. `Infinity` for no limit. @default Infinity */
  bodyTimeoutMs?: number
  /** Decompresses bodies as `HTTPServer` does. @default false */
  decompressRequest?: boolean
  /** What `request.protocol` says. @default what the connection is */
  protocol?: 'http' | 'https'
}

/** {@link HostedOptions}, resolved once for all requests. */
export interface HostedParameters {
  readonly maxBodySize: number
  readonly bodyTimeoutMs: number
  readonly decompressRequest: boolean
  readonly protocol: 'http' | 'https' | undefined
  readonly readContext: ContextReader | null
}

/** @throws {RangeError} When a limit is not above zero. */
export function toHostedParameters(options: HostedOptions): HostedParameters {
  const { maxBodySize = 104_857_600, bodyTimeoutMs = Infinity, decompressRequest = false, protocol } = options
  for (const [name, value] of Object.entries({ maxBodySize, bodyTimeoutMs })) {
    if (!(value > 0)) throw new RangeError(`${name} must be above zero: ${value}`)
  }
  return { maxBodySize, bodyTimeoutMs, decompressRequest, protocol, readContext: toContextReader(options) }
}
