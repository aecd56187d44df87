import type { Address } from '@tornado-ts/iostream'
import { FastCGIClient, type FastCGIClientOptions } from './fastcgi-client.ts'
import type { Gateway, GatewayApplication, GatewayOptions } from './gateway.ts'

/** Where a FastCGI server listens: a host and a port, or a Unix socket. */
export type FastCGIAddress = { readonly host: string; readonly port: number } | { readonly path: string }

/** How a FastCGI server is used. */
export type FastCGIAppOptions = Omit<
  FastCGIClientOptions,
  'queueTimeoutMs' | 'maxQueueSize' | 'requestTimeoutMs'
>

/** A FastCGI server that somebody else runs: made by {@link fastcgi}. */
export class FastCGIApplication implements GatewayApplication {
  readonly #address: Address
  readonly #options: FastCGIAppOptions

  constructor(address: FastCGIAddress, options: FastCGIAppOptions) {
    this.#address = 'path' in address ? address.path : address
    this.#options = options
  }

  open(options: GatewayOptions): Gateway {
    return new FastCGIClient(this.#address, { ...this.#options, ...options })
  }
}

/** A FastCGI server that runs already, such as php-fpm. */
export function fastcgi(address: FastCGIAddress, options: FastCGIAppOptions = {}): FastCGIApplication {
  return new FastCGIApplication(address, options)
}
