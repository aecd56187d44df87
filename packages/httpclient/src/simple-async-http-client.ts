import { DeadlineSweeper, resolveParameters, shortestTimeout } from '@tornado-ts/http1'
import { OverrideResolver, Resolver, type HostOverride } from '@tornado-ts/iostream/netutil'
import { TCPClient } from '@tornado-ts/iostream/tcp'
import { AsyncHTTPClient, defaultClient, type AsyncHTTPClientOptions } from './async-http-client.ts'
import { GuardedResolver, type AddressGuard } from './address-guard.ts'
import { ConnectionPool } from './connection-pool.ts'
import { Deadlines } from './deadlines.ts'
import { ClientClosedError } from './errors.ts'
import type { HTTPRequest } from './http-request.ts'
import type { HTTPResponse } from './http-response.ts'
import { ProxiedTargets } from './proxied-targets.ts'
import { RequestQueue } from './request-queue.ts'
import type { ExchangeHost } from './connection-task.ts'
import { SimpleExchange } from './simple-exchange.ts'
import { TaskRegister } from './task-register.ts'
import { TLSSessions } from './tls-sessions.ts'

/** Limits and surroundings of a {@link SimpleAsyncHTTPClient}. */
export interface SimpleAsyncHTTPClientOptions extends AsyncHTTPClientOptions {
  /** Most requests at once; others wait. @default 10 */
  maxClients?: number
  /** Most requests at once to one origin. @default Infinity */
  maxConnectionsPerOrigin?: number
  /** Most requests that wait; beyond it a fetch fails at once. @default 65_536 */
  maxQueueSize?: number
  /** Most connections kept open for requests to come. @default 100 */
  maxIdleConnections?: number
  /**
   * How long a connection is kept for requests to come; less when the server says so. 0 keeps none. In ms.
   * @default 4_000
   */
  keepAliveTimeoutMs?: number
  /** Other hosts to go to than those that URLs name: see `OverrideResolver`. @default none */
  hostnameMapping?: Readonly<Record<string, HostOverride>>
  /** Finds the addresses of hosts; not closed with the client. @default `new Resolver()`, which is */
  resolver?: Resolver
  /** Refuses addresses after the look-up: `denyPrivateAddresses`, or a function. @default allows all */
  addressGuard?: AddressGuard
  /** Most bytes of a connection's buffers, and the default of `maxBodySize`. In bytes. @default 104_857_600 (100 MiB) */
  maxBufferSize?: number
  /** Largest head of a response. In bytes. @default 65_536 (64 KiB) */
  maxHeaderSize?: number
  /** Most header fields of a response. @default 100 */
  maxFieldCount?: number
}

/**
 * The client without dependencies, over `@tornado-ts/http1`. Tornado: simple_httpclient.SimpleAsyncHTTPClient.
 */
export class SimpleAsyncHTTPClient extends AsyncHTTPClient {
  readonly #host: ExchangeHost
  readonly #resolver: Resolver
  /** Others may use one that was given. */
  readonly #ownsResolver: boolean

  /** @throws {RangeError} When a limit is not a number above zero. */
  constructor(options: SimpleAsyncHTTPClientOptions = {}) {
    const { maxBufferSize = 104_857_600, maxBodySize = maxBufferSize } = options
    super({ ...options, maxBodySize })
    const { maxClients = 10, maxConnectionsPerOrigin = Infinity, maxQueueSize = 65_536 } = options
    const { maxIdleConnections = 100, keepAliveTimeoutMs = 4_000, maxHeaderSize, maxFieldCount } = options
    for (const [name, value] of Object.entries({ maxClients, maxConnectionsPerOrigin, maxBufferSize }))
      if (!(value > 0)) throw new RangeError(`${name} must be above zero: ${value}`)
    const parameters = resolveParameters({
      maxBodySize: this.settings.maxBodySize,
      idleConnectionTimeoutMs: Infinity,
      ...(maxHeaderSize === undefined ? {} : { maxHeaderSize }),
      ...(maxFieldCount === undefined ? {} : { maxFieldCount }),
    })
    this.#ownsResolver = options.resolver === undefined
    this.#resolver = makeResolver(options)
    this.#host = {
      queue: new RequestQueue({ maxClients, maxConnectionsPerOrigin, maxQueueSize }),
      pool: new ConnectionPool({ maxIdleConnections, keepAliveTimeoutMs }),
      deadlines: new Deadlines(),
      tcpClient: new TCPClient({ resolver: this.#resolver }),
      proxiedTargets: this.#resolver instanceof GuardedResolver ? new ProxiedTargets(this.#resolver) : null,
      tlsSessions: new TLSSessions(),
      sweeper: new DeadlineSweeper(shortestTimeout(parameters)),
      parameters,
      streamOptions: { maxBufferSize },
      maxQueueSize,
      tasks: new TaskRegister(),
    }
  }

  static {
    defaultClient.implementation = this
  }

  /** Requests under way, with a connection or getting one. */
  get activeCount(): number {
    return this.#host.queue.active
  }

  /** Requests that wait. */
  get queueSize(): number {
    return this.#host.queue.size
  }

  /** Connections kept for requests to come. */
  get idleCount(): number {
    return this.#host.pool.idleCount
  }

  override fetchImpl(request: HTTPRequest, callback: (response: HTTPResponse) => void): void {
    const { tasks } = this.#host
    const task: SimpleExchange = new SimpleExchange(this.#host, request, this.settings, (response) => {
      tasks.remove(task)
      callback(response)
    })
    tasks.add(task)
    task.start()
  }

  override close(): void {
    if (this.closed) return
    super.close()
    const { tasks, pool, deadlines, tlsSessions } = this.#host
    tasks.failAll(() => new ClientClosedError())
    pool.close()
    deadlines.close()
    tlsSessions.clear()
    this.settings.digestSessions.clear()
    if (this.#ownsResolver) this.#resolver.close()
  }
}

function makeResolver({ resolver, hostnameMapping, addressGuard }: SimpleAsyncHTTPClientOptions): Resolver {
  let made = resolver ?? new Resolver()
  if (hostnameMapping !== undefined) made = new OverrideResolver({ resolver: made, mapping: hostnameMapping })
  return addressGuard === undefined ? made : new GuardedResolver(made, addressGuard)
}
