import { HTTP1ClientConnection, type DeadlineSweeper, type ResolvedParameters } from '@tornado-ts/http1'
import type { HTTPHeaders } from '@tornado-ts/httputil'
import type { IOStream, StreamOptions } from '@tornado-ts/iostream'
import type { TCPClient } from '@tornado-ts/iostream/tcp'
import { openConnection, planConnection, proxyOf, type ConnectionPlan } from './connect-origin.ts'
import { isPlain, keyOf, tlsSessionKey } from './connection-key.ts'
import { PooledConnection, type ConnectionPool, type Lane } from './connection-pool.ts'
import { CallbackDeadline, type Deadline, type DeadlineList, type Deadlines } from './deadlines.ts'
import { toConnectError } from './engine-errors.ts'
import { HTTPQueueFullError, HTTPTimeoutError, type TimeoutPhase } from './errors.ts'
import { FetchTask } from './fetch-task.ts'
import type { ProxiedTargets } from './proxied-targets.ts'
import { ProxyAuthorization } from './proxy-authorization.ts'
import type { Applicant, RequestQueue } from './request-queue.ts'
import type { Queued, TaskFifo } from './task-fifo.ts'
import type { TaskRegister } from './task-register.ts'
import type { TLSSessions } from './tls-sessions.ts'

/** What all exchanges of a client share. */
export interface ExchangeHost {
  readonly queue: RequestQueue
  readonly pool: ConnectionPool
  readonly deadlines: Deadlines
  readonly tcpClient: TCPClient
  /** There are only with an address guard. */
  readonly proxiedTargets: ProxiedTargets | null
  readonly tlsSessions: TLSSessions
  readonly sweeper: DeadlineSweeper
  readonly parameters: ResolvedParameters
  readonly streamOptions: StreamOptions
  readonly maxQueueSize: number
  readonly tasks: TaskRegister
}

/**
 * The half of a fetch of the simple client that gets a connection: it waits for its turn, takes one that was kept, or makes
 * one. What is said over it is up to the other half.
 */
export abstract class ConnectionTask extends FetchTask implements Deadline, Applicant {
  dueMs = 0
  list: DeadlineList | null = null
  previous: Deadline | null = null
  next: Deadline | null = null
  fifo: TaskFifo<Queued> | null = null
  before: Queued | null = null
  behind: Queued | null = null
  lane!: Lane

  protected readonly host: ExchangeHost
  protected phase: 'none' | 'queued' | 'connecting' | 'exchanging' = 'none'
  /** `null` while nothing sets the connection apart from others to the same origin. */
  protected plan: ConnectionPlan | null = null
  protected connection: PooledConnection | null = null
  /** A kept connection had died: this time one that is new. */
  protected mustBeNew = false
  #giveUp: AbortController | null = null
  #check: CallbackDeadline | null = null
  #atProxy: ProxyAuthorization | null = null
  /** Admitted now, it has not waited. */
  #submitting = false

  constructor(host: ExchangeHost, ...[request, settings, callback]: ConstructorParameters<typeof FetchTask>) {
    super(request, settings, callback)
    this.host = host
  }

  /** There is a connection: sends the request. */
  protected abstract send(connection: PooledConnection): void

  /** What the exchange was waiting for has come, or does not matter any more. */
  protected abstract endWaits(): void

  protected override beginExchange(): void {
    const { queue, pool, deadlines, maxQueueSize } = this.host
    const { request, settings, target } = this
    this.mustBeNew = false
    this.submittedMs = performance.now()
    if (isPlain(request) && isPlain(settings) && !this.crossedOrigin) {
      this.plan = null
      this.lane = pool.lane(target.origin)
    } else {
      this.plan = this.#makePlan()
      this.lane = pool.lane(keyOf(target.origin, this.plan))
    }
    this.#addProxyCredentials()
    if (queue.refuses(this.lane)) {
      this.fail(new HTTPQueueFullError(maxQueueSize))
      return
    }
    this.phase = 'queued'
    this.lane.claims++
    this.#submitting = true
    const isAdmitted = queue.submit(this)
    this.#submitting = false
    if (isAdmitted) return
    const timeoutMs = request.queueTimeoutMs ?? settings.queueTimeoutMs
    if (timeoutMs > 0) deadlines.add(this, timeoutMs, this.submittedMs)
  }

  admitted(): void {
    const { deadlines, proxiedTargets } = this.host
    if (this.list !== null) deadlines.remove(this)
    const nowMs = this.#submitting ? this.submittedMs : performance.now()
    this.startedMs = nowMs
    const timeoutMs = this.request.requestTimeoutMs ?? this.settings.requestTimeoutMs
    if (timeoutMs > 0) deadlines.add(this, timeoutMs, nowMs)
    const plan = this.plan
    if (proxiedTargets === null || plan === null || plan.proxy === null) this.#takeConnection(nowMs)
    else this.#checkTarget(proxiedTargets, plan)
  }

  #takeConnection(nowMs: number): void {
    const kept = this.host.pool.take(this.lane, nowMs)
    if (kept === null) this.connect()
    else if (nowMs - kept.idleSinceMs < livenessCheckMs) this.send(kept)
    else this.#checkAndSend(kept)
  }

  expire(): void {
    this.fail(new HTTPTimeoutError(timeoutPhases[this.phase]))
  }

  protected override breakExchange(reason: Error): void {
    const phase = this.phase
    if (phase === 'none') return
    this.phase = 'none'
    this.host.deadlines.remove(this)
    if (this.#check !== null) this.host.deadlines.remove(this.#check)
    this.endWaits()
    if (phase === 'queued') {
      this.lane.claims--
      this.host.queue.withdraw(this)
      return
    }
    this.#giveUp?.abort(reason)
    this.#giveUp = null
    this.connection?.close()
    this.connection = null
    this.release()
  }

  protected override answersChallenge(code: number, headers: HTTPHeaders): boolean {
    if (code !== 407) return super.answersChallenge(code, headers)
    return this.#atProxy?.challenge(headers) === true
  }

  /** Over a tunnel they have been told already, and the server must not see them. */
  #addProxyCredentials(): void {
    const proxy = this.plan?.forwards === true ? this.plan.proxy! : null
    this.#atProxy =
      proxy === null ? null : ProxyAuthorization.of(proxy, this.settings.digestSessions, this.#atProxy)
    const field = this.#atProxy?.field(this.method, this.target.href) ?? null
    if (field === null) return
    this.headers = this.headers.copy()
    this.headers.set('Proxy-Authorization', field)
  }

  #makePlan(): ConnectionPlan {
    const { request, settings, target, crossedOrigin } = this
    return planConnection(request, settings, target, {
      proxy: proxyOf(request, settings, target),
      crossedOrigin,
    })
  }

  /** Before a proxy is used: it must not lead to where the client itself may not go. */
  #checkTarget(targets: ProxiedTargets, plan: ConnectionPlan): void {
    const { deadlines } = this.host
    this.phase = 'connecting'
    const giveUp = new AbortController()
    this.#giveUp = giveUp
    const timeoutMs = this.request.connectTimeoutMs ?? this.settings.connectTimeoutMs
    const step = new CallbackDeadline(() => this.fail(new HTTPTimeoutError('connect')))
    this.#check = step
    if (timeoutMs > 0) deadlines.add(step, timeoutMs, performance.now())
    targets.check(plan, giveUp.signal).then(
      (address) => {
        if (this.#giveUp !== giveUp) return
        this.#giveUp = null
        deadlines.remove(step)
        // What was allowed is what is gone to, with each try.
        this.plan = { ...plan, address }
        this.#takeConnection(performance.now())
      },
      (error: Error) => {
        if (this.#giveUp === giveUp) this.fail(error)
      },
    )
  }

  protected connect(): void {
    const { tcpClient, proxiedTargets, tlsSessions, streamOptions } = this.host
    const { request, settings } = this
    this.phase = 'connecting'
    let plan: ConnectionPlan
    try {
      plan = this.plan ??= this.#makePlan()
    } catch (error) {
      this.fail(error as Error)
      return
    }
    const giveUp = new AbortController()
    this.#giveUp = giveUp
    const connectTimeoutMs = request.connectTimeoutMs ?? settings.connectTimeoutMs
    const timeoutMs = connectTimeoutMs > 0 ? connectTimeoutMs : undefined
    const beganMs = performance.now()
    const sessionKey = plan.tls === null ? null : tlsSessionKey(this.lane.key, plan.tls)
    openConnection(plan, {
      tcpClient: plan.proxy === null || proxiedTargets === null ? tcpClient : proxiedTargets.tcpClient,
      timeoutMs,
      signal: giveUp.signal,
      streamOptions,
      ...(sessionKey === null ? {} : tlsSessions.optionsFor(sessionKey)),
    }).then(
      (stream) => {
        if (this.#giveUp !== giveUp) {
          stream.close()
          return
        }
        this.#giveUp = null
        this.connectMs = performance.now() - beganMs
        this.send(this.#adopt(stream, plan))
      },
      (error: Error) => {
        if (sessionKey !== null) tlsSessions.drop(sessionKey)
        if (this.#giveUp !== giveUp) return
        this.#giveUp = null
        this.fail(toConnectError(error))
      },
    )
  }

  #adopt(stream: IOStream, { secure }: ConnectionPlan): PooledConnection {
    const { parameters, sweeper } = this.host
    const context = {
      remoteIp: stream.socket.remoteAddress ?? '0.0.0.0',
      protocol: secure ? ('https' as const) : ('http' as const),
    }
    return new PooledConnection(
      new HTTP1ClientConnection(stream, { params: parameters, sweeper, context }),
      stream,
    )
  }

  /** A connection that was idle for a while: its end may have come in without being noticed yet. */
  #checkAndSend(kept: PooledConnection): void {
    this.phase = 'exchanging'
    this.connection = kept
    // Two turns, so that there is a look at the sockets in between.
    setImmediate(() => {
      setImmediate(() => {
        if (this.connection !== kept) return
        if (kept.http1.reusable) {
          this.send(kept)
          return
        }
        this.connection = null
        const other = this.host.pool.take(this.lane, performance.now())
        if (other === null) this.connect()
        else this.#checkAndSend(other)
      })
    })
  }

  /** The connection, or the place for it, is somebody else's now. */
  protected release(): void {
    this.lane.claims--
    this.host.queue.release(this.lane)
  }
}

const timeoutPhases: Readonly<Record<'none' | 'queued' | 'connecting' | 'exchanging', TimeoutPhase>> = {
  none: 'request',
  queued: 'queue',
  connecting: 'connect',
  exchanging: 'request',
}
/** After so long a kept connection is looked at before it is used. */
const livenessCheckMs = 100
