import { TaskFifo } from '@tornado-ts/httpclient'
import type { CurlExchange } from './curl-exchange.ts'
import { CurlMulti } from './curl-multi.ts'
import { CurlTransfer } from './curl-transfer.ts'

/** Limits of a {@link CurlHost}. */
export interface CurlHostOptions {
  readonly maxClients: number
  readonly maxQueueSize: number
  readonly maxHeaderSize: number
  readonly keepAliveTimeoutMs: number
  /** Lines for `CURLOPT_CONNECT_TO`. */
  readonly connectTo: readonly string[]
}

/** What the exchanges of a client share: handles, and the queue of those who wait for one, first come, first served. */
export class CurlHost {
  readonly maxQueueSize: number
  readonly maxHeaderSize: number
  readonly keepAliveTimeoutMs: number
  readonly connectTo: readonly string[]
  readonly #maxClients: number
  readonly #multi: CurlMulti
  readonly #free: CurlTransfer[] = []
  readonly #waiting = new TaskFifo<CurlExchange>()
  #active = 0
  #serving = false
  #closed = false

  constructor(options: CurlHostOptions) {
    this.maxQueueSize = options.maxQueueSize
    this.maxHeaderSize = options.maxHeaderSize
    this.keepAliveTimeoutMs = options.keepAliveTimeoutMs
    this.connectTo = options.connectTo
    this.#maxClients = options.maxClients
    this.#multi = new CurlMulti(Math.min(Math.max(options.maxClients, 10), 100_000))
  }

  /** Whether libcurl has all of these features. */
  has(features: number): boolean {
    return this.#multi.curl.has(features)
  }

  get active(): number {
    return this.#active
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Whether there is neither a handle nor room to wait for one. */
  get isFull(): boolean {
    return this.#active >= this.#maxClients && this.#waiting.size >= this.maxQueueSize
  }

  /** Gives the exchange a handle at once, `true`, or lets it wait. */
  submit(exchange: CurlExchange): boolean {
    if (this.#active >= this.#maxClients) {
      this.#waiting.push(exchange)
      return false
    }
    this.#admit(exchange)
    return true
  }

  withdraw(exchange: CurlExchange): void {
    if (exchange.fifo !== null) this.#waiting.remove(exchange)
  }

  /** A handle is not needed any more; one whose options may have touched what no reset undoes is not used again. */
  release(transfer: CurlTransfer, reusable: boolean): void {
    this.#active--
    if (reusable && !this.#closed) {
      transfer.release()
      this.#free.push(transfer)
    } else transfer.destroy()
    if (this.#serving) return
    this.#serving = true
    while (this.#active < this.#maxClients) {
      const next = this.#waiting.shift()
      if (next === null) break
      this.#admit(next)
    }
    this.#serving = false
  }

  close(): void {
    this.#closed = true
    for (const transfer of this.#free) transfer.destroy()
    this.#free.length = 0
    this.#multi.close()
  }

  #admit(exchange: CurlExchange): void {
    this.#active++
    exchange.admitted(this.#free.pop() ?? new CurlTransfer(this.#multi))
  }
}
