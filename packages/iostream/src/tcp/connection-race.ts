import { Socket } from 'node:net'
import { StreamClosedError } from '../errors.ts'
import type { ResolvedAddress } from '../netutil/resolver.ts'

/** Settings of a {@link ConnectionRace}. */
export interface RaceOptions {
  readonly staggerMs: number
  readonly sourceIp?: string | undefined
  readonly sourcePort?: number | undefined
}

/** Connects to the one of several addresses that answers first (RFC 8305 §5). */
export class ConnectionRace {
  readonly #addresses: ResolvedAddress[]
  readonly #options: RaceOptions
  readonly #signal: AbortSignal
  readonly #attempts = new Set<Socket>()
  readonly #outcome: PromiseWithResolvers<Socket> = Promise.withResolvers()
  #timer: NodeJS.Timeout | undefined

  constructor(addresses: readonly ResolvedAddress[], options: RaceOptions, signal: AbortSignal) {
    this.#addresses = interleaveFamilies(addresses)
    this.#options = options
    this.#signal = signal
  }

  /** Resolves with the connected socket; all others are closed, as they are when it rejects. */
  async run(): Promise<Socket> {
    this.#signal.throwIfAborted()
    const onAbort = (): void => this.#outcome.reject(this.#signal.reason)
    this.#signal.addEventListener('abort', onAbort)
    this.#startNext()
    try {
      const winner = await this.#outcome.promise
      this.#attempts.delete(winner)
      return winner
    } finally {
      this.#signal.removeEventListener('abort', onAbort)
      clearTimeout(this.#timer)
      for (const socket of this.#attempts) socket.destroy()
    }
  }

  #startNext(): void {
    clearTimeout(this.#timer)
    const address = this.#addresses.shift()
    if (address === undefined) return
    const { sourceIp, sourcePort, staggerMs } = this.#options
    const socket = new Socket({ allowHalfOpen: true }).setNoDelay(true)
    this.#attempts.add(socket)
    socket.once('connect', () => {
      socket.off('error', onError)
      this.#outcome.resolve(socket)
    })
    const onError = (error: Error): void => this.#failed(socket, error)
    socket.on('error', onError)
    socket.connect({
      host: address.address,
      port: address.port,
      autoSelectFamily: false,
      ...(sourceIp === undefined ? {} : { localAddress: sourceIp }),
      ...(sourcePort === undefined ? {} : { localPort: sourcePort }),
    })
    if (this.#addresses.length > 0) this.#timer = setTimeout(() => this.#startNext(), staggerMs)
  }

  #failed(socket: Socket, error: NodeJS.ErrnoException): void {
    this.#attempts.delete(socket)
    if (this.#addresses.length > 0) this.#startNext()
    else if (this.#attempts.size === 0) {
      // What this machine refuses is no failure of a connection.
      const isOwn = error.syscall === 'bind' || error.code === 'EINVAL'
      this.#outcome.reject(isOwn ? error : new StreamClosedError(error))
    }
  }
}

/** By turns of both kinds, beginning with the kind of the first; each kind in its order (RFC 8305 §4). */
export function interleaveFamilies(addresses: readonly ResolvedAddress[]): ResolvedAddress[] {
  const first = addresses[0]?.family
  const primary = addresses.filter(({ family }) => family === first)
  const secondary = addresses.filter(({ family }) => family !== first)
  return primary
    .flatMap((address, index) => [address, ...secondary.slice(index, index + 1)])
    .concat(secondary.slice(primary.length))
}
