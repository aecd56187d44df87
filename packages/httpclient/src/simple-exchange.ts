import { HTTP1ClientConnection, type DeadlineSweeper, type ResolvedParameters } from '@tornado-ts/http1'
import { RequestStartLine, type HTTPHeaders, type ResponseStartLine } from '@tornado-ts/httputil'
import type { IOStream, StreamOptions } from '@tornado-ts/iostream'
import type { Proxy } from '@tornado-ts/iostream/proxy'
import type { TCPClient } from '@tornado-ts/iostream/tcp'
import type { BodySource } from './body-source.ts'
import type { GuardedResolver } from './address-guard.ts'
import { openConnection, planConnection, proxyOf, type ConnectionPlan } from './connect-origin.ts'
import { isPlain, keyOf, tlsSessionKey } from './connection-key.ts'
import { PooledConnection, type ConnectionPool, type Lane } from './connection-pool.ts'
import { CallbackDeadline, type Deadline, type DeadlineList, type Deadlines } from './deadlines.ts'
import { DigestAuthorization } from './digest-authorization.ts'
import { toConnectError, toExchangeError } from './engine-errors.ts'
import { HTTPQueueFullError, HTTPStreamClosedError, HTTPTimeoutError, type TimeoutPhase } from './errors.ts'
import { FetchTask } from './fetch-task.ts'
import { parseKeepAlive } from './keep-alive.ts'
import { basicAuthorization } from './request-fields.ts'
import { idempotentMethods } from './retry.ts'
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
  /** Says where proxies may lead to, and how they themselves are reached: they are the program's own choice. */
  readonly guard: { readonly resolver: GuardedResolver; readonly proxyClient: TCPClient } | null
  readonly tlsSessions: TLSSessions
  readonly sweeper: DeadlineSweeper
  readonly parameters: ResolvedParameters
  readonly streamOptions: StreamOptions
  readonly maxQueueSize: number
  readonly tasks: TaskRegister
}

/** A fetch of the simple client: one object from the queue to the last byte. */
export class SimpleExchange extends FetchTask implements Deadline, Applicant {
  dueMs = 0
  list: DeadlineList | null = null
  previous: Deadline | null = null
  next: Deadline | null = null
  fifo: TaskFifo<Queued> | null = null
  before: Queued | null = null
  behind: Queued | null = null
  lane!: Lane

  /** Links of the register. */
  elder: SimpleExchange | null = null
  younger: SimpleExchange | null = null

  readonly #host: ExchangeHost
  #phase: 'none' | 'queued' | 'connecting' | 'exchanging' = 'none'
  #plan: ConnectionPlan | null = null
  #connection: PooledConnection | null = null
  #giveUp: AbortController | null = null
  #firstByte: CallbackDeadline | null = null
  /** Ends a step of its own: the check of a proxy's target, or the wait for a 100. */
  #step: CallbackDeadline | null = null
  /** A kept connection had died: this time one that is new. */
  #mustBeNew = false
  #keepAliveMs: number | null = null
  #proxyDigest: DigestAuthorization | null = null
  #bodyBegun = false
  /** Admitted now, it has not waited. */
  #submitting = false

  constructor(host: ExchangeHost, ...[request, settings, callback]: ConstructorParameters<typeof FetchTask>) {
    super(request, settings, callback)
    this.#host = host
  }

  protected override beginExchange(): void {
    const { queue, pool, deadlines, maxQueueSize } = this.#host
    const { request, settings, target } = this
    this.#mustBeNew = false
    this.submittedMs = performance.now()
    if (isPlain(request) && isPlain(settings) && !this.crossedOrigin) {
      this.#plan = null
      this.lane = pool.lane(target.origin)
    } else {
      this.#plan = this.#makePlan()
      this.lane = pool.lane(keyOf(target.origin, this.#plan))
    }
    this.#addProxyCredentials()
    if (queue.isFull) {
      this.fail(new HTTPQueueFullError(maxQueueSize))
      return
    }
    this.#phase = 'queued'
    this.lane.claims++
    this.#submitting = true
    const isAdmitted = queue.submit(this)
    this.#submitting = false
    if (isAdmitted) return
    const timeoutMs = request.queueTimeoutMs ?? settings.queueTimeoutMs
    if (timeoutMs > 0) deadlines.add(this, timeoutMs, this.submittedMs)
  }

  admitted(): void {
    const { deadlines, guard } = this.#host
    if (this.list !== null) deadlines.remove(this)
    const nowMs = this.#submitting ? this.submittedMs : performance.now()
    this.startedMs = nowMs
    const timeoutMs = this.request.requestTimeoutMs ?? this.settings.requestTimeoutMs
    if (timeoutMs > 0) deadlines.add(this, timeoutMs, nowMs)
    const proxy = this.#plan?.proxy ?? null
    if (guard === null || proxy === null) this.#takeConnection(nowMs)
    else this.#checkTarget(guard.resolver, proxy)
  }

  #takeConnection(nowMs: number, address?: string): void {
    const kept = this.#host.pool.take(this.lane, nowMs)
    if (kept === null) this.#connect(address)
    else if (nowMs - kept.idleSinceMs < livenessCheckMs) this.#send(kept)
    else this.#checkAndSend(kept)
  }

  expire(): void {
    this.fail(new HTTPTimeoutError(timeoutPhases[this.#phase]))
  }

  override headersReceived(startLine: ResponseStartLine, headers: HTTPHeaders): void | Promise<void> {
    if (startLine.code >= 200) {
      this.#keepAliveMs = parseKeepAlive(headers)
      this.#endWaits()
    }
    return super.headersReceived(startLine, headers)
  }

  protected override continueReceived(): void {
    if (this.#step !== null) this.#host.deadlines.remove(this.#step)
    if (!this.#bodyBegun && this.request.expect100Continue && this.body !== null)
      this.#sendBody(this.#connection!)
  }

  protected override breakExchange(reason: Error): void {
    const phase = this.#phase
    if (phase === 'none') return
    this.#phase = 'none'
    this.#host.deadlines.remove(this)
    this.#endWaits()
    if (phase === 'queued') {
      this.lane.claims--
      this.#host.queue.withdraw(this)
      return
    }
    this.#giveUp?.abort(reason)
    this.#giveUp = null
    this.#connection?.close()
    this.#connection = null
    this.#release()
  }

  protected override answersChallenge(code: number, headers: HTTPHeaders): boolean {
    if (code !== 407) return super.answersChallenge(code, headers)
    return this.#proxyDigest?.challenge(headers.getList('Proxy-Authenticate')) === true
  }

  /** Over a tunnel they have been told already, and the server must not see them. */
  #addProxyCredentials(): void {
    const proxy = this.#plan?.proxy
    if (proxy?.username === undefined || !this.#plan!.forwards) {
      this.#proxyDigest = null
      return
    }
    const credentials = this.#credentialsFor(proxy, proxy.username)
    if (credentials === null) return
    this.headers = this.headers.copy()
    this.headers.set('Proxy-Authorization', credentials)
  }

  #credentialsFor({ protocol, host, port, authMode, password = '' }: Proxy, username: string): string | null {
    if (authMode !== 'digest') {
      this.#proxyDigest = null
      return basicAuthorization(username, password)
    }
    const place = `proxy ${protocol}://${host}:${port}`
    // The same over hops by the same proxy: it knows what it was asked already.
    if (this.#proxyDigest?.place !== place)
      this.#proxyDigest = new DigestAuthorization(this.settings.digestSessions, place, username, password)
    return this.#proxyDigest.authorize(this.method, this.target.href)
  }

  #makePlan(): ConnectionPlan {
    const { request, settings, target, crossedOrigin } = this
    return planConnection(request, settings, target, {
      proxy: proxyOf(request, settings, target),
      crossedOrigin,
    })
  }

  /** Where a proxy would lead to is looked up here, too, for a guard that knows addresses. */
  #checkTarget(resolver: GuardedResolver, { protocol }: Proxy): void {
    this.#phase = 'connecting'
    const giveUp = new AbortController()
    this.#giveUp = giveUp
    const { host, port } = this.target
    const { deadlines } = this.#host
    const timeoutMs = this.request.connectTimeoutMs ?? this.settings.connectTimeoutMs
    const step = new CallbackDeadline(() => this.fail(new HTTPTimeoutError('connect')))
    this.#step = step
    if (timeoutMs > 0) deadlines.add(step, timeoutMs, performance.now())
    const family = protocol === 'socks4' || !this.#plan!.allowIpv6 ? ('IPv4' as const) : undefined
    resolver.resolve(host, port, { family, signal: giveUp.signal }).then(
      (addresses) => {
        if (this.#giveUp !== giveUp) return
        this.#giveUp = null
        deadlines.remove(step)
        // A proxy that is told addresses gets the one that was allowed.
        const isToldNames = protocol !== 'socks4' && protocol !== 'socks5'
        this.#takeConnection(performance.now(), isToldNames ? undefined : addresses[0]!.address)
      },
      (error: Error) => {
        if (this.#giveUp !== giveUp) return
        this.#giveUp = null
        this.fail(error)
      },
    )
  }

  #connect(address?: string): void {
    const { tcpClient, guard, tlsSessions, streamOptions } = this.#host
    const { request, settings } = this
    this.#phase = 'connecting'
    let plan: ConnectionPlan
    try {
      plan = this.#plan ??= this.#makePlan()
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
      tcpClient: plan.proxy === null || guard === null ? tcpClient : guard.proxyClient,
      address,
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
        this.#send(this.#adopt(stream, plan))
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
    const { parameters, sweeper } = this.#host
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
    this.#phase = 'exchanging'
    this.#connection = kept
    // Two turns, so that there is a look at the sockets in between.
    setImmediate(() => {
      setImmediate(() => {
        if (this.#connection !== kept) return
        if (kept.http1.reusable) {
          this.#send(kept)
          return
        }
        this.#connection = null
        const other = this.#host.pool.take(this.lane, performance.now())
        if (other === null) this.#connect()
        else this.#checkAndSend(other)
      })
    })
  }

  #send(connection: PooledConnection): void {
    const { request, settings, method, headers, body } = this
    const { http1 } = connection
    this.#phase = 'exchanging'
    this.#connection = connection
    this.#bodyBegun = false
    try {
      const path = this.#plan?.forwards === true ? this.target.href : this.target.path
      const startLine = new RequestStartLine(method, path, 'HTTP/1.1')
      if (body === null) {
        void http1.writeHeaders(startLine, headers)
        http1.finish()
      } else if (request.expect100Continue) {
        void http1.writeHeaders(startLine, headers)
        this.#awaitContinue(connection)
      } else if (body instanceof Uint8Array) {
        this.#bodyBegun = true
        void http1.writeHeaders(startLine, headers, body)
        http1.finish()
      } else {
        void http1.writeHeaders(startLine, headers)
        this.#sendBody(connection)
      }
      const maxBodySize = request.maxBodySize
      if (maxBodySize !== undefined) http1.setMaxBodySize(maxBodySize)
      const firstByteTimeoutMs = request.firstByteTimeoutMs ?? settings.firstByteTimeoutMs
      if (firstByteTimeoutMs > 0) {
        this.#firstByte = new CallbackDeadline(() => this.fail(new HTTPTimeoutError('first-byte')))
        this.#host.deadlines.add(this.#firstByte, firstByteTimeoutMs, performance.now())
      }
    } catch (error) {
      this.fail(error as Error)
      return
    }
    http1.takeResponse(this, (reusable, error) => {
      if (error === null) this.#completed(connection, reusable)
      else this.#failed(connection, error)
    })
  }

  /** A server that says nothing may not know of such expectations (RFC 9110 §10.1.1). */
  #awaitContinue(connection: PooledConnection): void {
    const timeoutMs = this.request.continueTimeoutMs ?? this.settings.continueTimeoutMs
    if (timeoutMs <= 0) return
    this.#step = new CallbackDeadline(() => {
      if (this.#connection === connection && !this.#bodyBegun) this.#sendBody(connection)
    })
    this.#host.deadlines.add(this.#step, timeoutMs, performance.now())
  }

  #endWaits(): void {
    const { deadlines } = this.#host
    if (this.#firstByte !== null) deadlines.remove(this.#firstByte)
    if (this.#step !== null) deadlines.remove(this.#step)
  }

  #sendBody(connection: PooledConnection): void {
    this.#bodyBegun = true
    const { http1 } = connection
    const body = this.body!
    if (body instanceof Uint8Array) {
      void http1.write(body)
      http1.finish()
      return
    }
    this.#produce(connection, body).catch((error: Error) => {
      // After an early answer nobody wants the rest.
      if (this.#connection === connection && !connection.stream.closed()) this.fail(error)
    })
  }

  async #produce(connection: PooledConnection, body: BodySource): Promise<void> {
    const { http1 } = connection
    await body.produce(async (chunk) => {
      if (this.#connection !== connection) throw new HTTPStreamClosedError('The request is over')
      await http1.write(chunk)
    })
    if (this.#connection === connection) http1.finish()
  }

  #completed(connection: PooledConnection, reusable: boolean): void {
    if (this.#connection !== connection) return
    const { pool, deadlines } = this.#host
    this.#connection = null
    this.#phase = 'none'
    deadlines.remove(this)
    connection.uses++
    if (reusable) pool.keep(this.lane, connection, performance.now(), this.#keepAliveMs)
    else connection.close()
    this.#release()
    this.exchangeEnded()
  }

  #failed(connection: PooledConnection, error: Error): void {
    if (this.#connection !== connection) return
    if (this.#mayTryAgain(connection, error)) {
      this.#connection = null
      this.#mustBeNew = true
      this.resetResponse()
      this.#connect()
      return
    }
    this.fail(toExchangeError(error, connection.http1.inputEnded))
  }

  /** The server had closed a kept connection before it saw the request (RFC 9112 §9.3.1). */
  #mayTryAgain({ uses, http1 }: PooledConnection, error: Error): boolean {
    if (uses === 0 || http1.responseBegun || this.#mustBeNew || error.name !== 'StreamClosedError')
      return false
    if (!idempotentMethods.has(this.method)) return false
    return this.body === null || this.body instanceof Uint8Array || this.body.repeatable
  }

  #release(): void {
    this.lane.claims--
    this.#host.queue.release(this.lane)
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
