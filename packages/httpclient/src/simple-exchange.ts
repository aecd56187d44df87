import { RequestStartLine, type HTTPHeaders, type ResponseStartLine } from '@tornado-ts/httputil'
import type { BodySource } from './body-source.ts'
import type { PooledConnection } from './connection-pool.ts'
import { ConnectionTask } from './connection-task.ts'
import { CallbackDeadline } from './deadlines.ts'
import { toExchangeError } from './engine-errors.ts'
import { HTTPStreamClosedError, HTTPTimeoutError } from './errors.ts'
import { parseKeepAlive } from './keep-alive.ts'
import { idempotentMethods } from './retry.ts'

/** A fetch of the simple client: one object from the queue to the last byte. */
export class SimpleExchange extends ConnectionTask {
  /** Links of the register. */
  elder: SimpleExchange | null = null
  younger: SimpleExchange | null = null

  #firstByte: CallbackDeadline | null = null
  #continue: CallbackDeadline | null = null
  #keepAliveMs: number | null = null
  #bodyBegun = false

  override headersReceived(startLine: ResponseStartLine, headers: HTTPHeaders): void | Promise<void> {
    if (startLine.code >= 200) {
      this.#keepAliveMs = parseKeepAlive(headers)
      this.endWaits()
    }
    return super.headersReceived(startLine, headers)
  }

  protected override continueReceived(): void {
    if (this.#continue !== null) this.host.deadlines.remove(this.#continue)
    if (!this.#bodyBegun && this.request.expect100Continue && this.body !== null)
      this.#sendBody(this.connection!)
  }

  protected override send(connection: PooledConnection): void {
    const { request, method, headers, body } = this
    const { http1 } = connection
    this.phase = 'exchanging'
    this.connection = connection
    this.#bodyBegun = false
    try {
      const path = this.plan?.forwards === true ? this.target.href : this.target.path
      const startLine = new RequestStartLine(method, path, 'HTTP/1.1')
      if (body === null) {
        void http1.writeHeaders(startLine, headers)
        http1.finish()
        this.#awaitFirstByte(connection)
      } else if (request.expect100Continue) {
        void http1.writeHeaders(startLine, headers)
        this.#awaitContinue(connection)
      } else if (body instanceof Uint8Array) {
        this.#bodyBegun = true
        const written = http1.writeHeaders(startLine, headers, body)
        http1.finish()
        this.#awaitFirstByte(connection, written)
      } else {
        void http1.writeHeaders(startLine, headers)
        this.#sendBody(connection)
      }
      const maxBodySize = request.maxBodySize
      if (maxBodySize !== undefined) http1.setMaxBodySize(maxBodySize)
    } catch (error) {
      this.fail(error as Error)
      return
    }
    http1.takeResponse(this, (reusable, error) => {
      if (error === null) this.#completed(connection, reusable)
      else this.#failed(connection, error)
    })
  }

  /** The server's time begins when the request is written, however long that takes. */
  #awaitFirstByte(connection: PooledConnection, written?: void | Promise<void>): void {
    const timeoutMs = this.request.firstByteTimeoutMs ?? this.settings.firstByteTimeoutMs
    if (timeoutMs <= 0) return
    if (written instanceof Promise) {
      // Where it fails, the connection does, too.
      written.then(() => this.#awaitFirstByte(connection)).catch(() => {})
      return
    }
    if (this.connection !== connection || this.responseBegun) return
    this.#firstByte = new CallbackDeadline(() => this.fail(new HTTPTimeoutError('first-byte')))
    this.host.deadlines.add(this.#firstByte, timeoutMs, performance.now())
  }

  /** A server that says nothing may not know of such expectations (RFC 9110 §10.1.1). */
  #awaitContinue(connection: PooledConnection): void {
    const timeoutMs = this.request.continueTimeoutMs ?? this.settings.continueTimeoutMs
    if (timeoutMs <= 0) return
    this.#continue = new CallbackDeadline(() => {
      if (this.connection === connection && !this.#bodyBegun) this.#sendBody(connection)
    })
    this.host.deadlines.add(this.#continue, timeoutMs, performance.now())
  }

  protected override endWaits(): void {
    const { deadlines } = this.host
    if (this.#firstByte !== null) deadlines.remove(this.#firstByte)
    if (this.#continue !== null) deadlines.remove(this.#continue)
  }

  #sendBody(connection: PooledConnection): void {
    this.#bodyBegun = true
    const { http1 } = connection
    const body = this.body!
    if (body instanceof Uint8Array) {
      const written = http1.write(body)
      http1.finish()
      this.#awaitFirstByte(connection, written)
      return
    }
    this.#produce(connection, body).catch((error: Error) => {
      // After an early answer nobody wants the rest.
      if (this.connection === connection && !connection.stream.closed()) this.fail(error)
    })
  }

  async #produce(connection: PooledConnection, body: BodySource): Promise<void> {
    const { http1 } = connection
    await body.produce(async (chunk) => {
      if (this.connection !== connection) throw new HTTPStreamClosedError('The request is over')
      await http1.write(chunk)
    })
    if (this.connection !== connection) return
    http1.finish()
    this.#awaitFirstByte(connection)
  }

  #completed(connection: PooledConnection, reusable: boolean): void {
    if (this.connection !== connection) return
    const { pool, deadlines } = this.host
    this.connection = null
    this.phase = 'none'
    deadlines.remove(this)
    connection.uses++
    if (reusable) pool.keep(this.lane, connection, performance.now(), this.#keepAliveMs)
    else connection.close()
    this.release()
    this.exchangeEnded()
  }

  #failed(connection: PooledConnection, error: Error): void {
    if (this.connection !== connection) return
    if (this.#mayTryAgain(connection, error)) {
      this.connection = null
      this.mustBeNew = true
      this.endWaits()
      this.resetResponse()
      this.connect()
      return
    }
    this.fail(toExchangeError(error, connection.http1.inputEnded))
  }

  /** The server had closed a kept connection before it saw the request (RFC 9112 §9.3.1). */
  #mayTryAgain({ uses, http1 }: PooledConnection, error: Error): boolean {
    if (uses === 0 || http1.responseBegun || this.mustBeNew || error.name !== 'StreamClosedError')
      return false
    if (!idempotentMethods.has(this.method)) return false
    return this.body === null || this.body instanceof Uint8Array || this.body.repeatable
  }
}
