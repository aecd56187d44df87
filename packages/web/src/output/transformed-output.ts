import {
  HTTPOutputError,
  responses,
  ResponseStartLine,
  type HTTPConnection,
  type HTTPHeaders,
} from '@tornado-ts/httputil'
import { StreamClosedError } from '@tornado-ts/iostream'
import { appLog } from '@tornado-ts/log'
import type { HandlerResponse } from './handler-response.ts'
import { isPromise } from '../is-promise.ts'
import { OutputTransform, type FirstChunk } from './output-transform.ts'

/**
 * Sends a response through transforms.
 *
 * What they do at once is sent at once. While one of them, or the client, takes its time, the rest waits here, in order.
 */
export class TransformedOutput {
  readonly #transforms: readonly OutputTransform[]
  readonly #method: string
  /** Settled when everything handed over so far is sent; `null` when nothing waits. */
  #tail: Promise<void> | null = null
  #waitingSize = 0
  /** Bytes the handler still has to write, or -1 when it has not said. */
  #remaining = -1
  #over = false
  #unwatch: (() => void) | null = null

  /** @param method The request's: an answer to HEAD has no body, whatever its length says. */
  constructor(transforms: readonly OutputTransform[], method: string) {
    this.#transforms = transforms
    this.#method = method
  }

  /** Whether something waits to be sent. */
  get waiting(): boolean {
    return this.#tail !== null
  }

  /** Sends what is written and not sent yet; a promise when the writer should wait. */
  send(response: HandlerResponse, connection: HTTPConnection): void | Promise<void> {
    const chunk = toBytes(response.body.take())
    if (response.headersWritten && chunk.length === 0) return this.#tail ?? undefined
    return this.#next(response, connection, chunk, false)
  }

  /** Sends the last of it and ends the exchange, now or when what is before it is sent. */
  finish(
    response: HandlerResponse,
    connection: HTTPConnection,
    trailers?: HTTPHeaders,
  ): void | Promise<void> {
    const sent = this.#next(response, connection, toBytes(response.body.take()), true)
    if (!isPromise(sent)) {
      this.#end(connection, trailers)
      return undefined
    }
    return this.#follow(
      connection,
      sent.then(() => this.#end(connection, trailers)),
    )
  }

  /** Nothing more is sent. */
  close(): void {
    if (this.#over) return
    this.#over = true
    this.#unwatch?.()
    for (const transform of this.#transforms) transform.close()
  }

  #next(
    response: HandlerResponse,
    connection: HTTPConnection,
    chunk: Uint8Array,
    finishing: boolean,
  ): void | Promise<void> {
    const first = !response.headersWritten
    response.headersWritten = true
    if (first) this.#expect(response)
    this.#count(connection, chunk.length, finishing)
    const step = first
      ? () => this.#sendFirst(response, connection, chunk, finishing)
      : () => this.#sendChunk(connection, chunk, finishing)
    if (this.#tail === null) {
      const sent = step()
      if (first && !finishing) this.#watch(connection)
      return isPromise(sent) ? this.#follow(connection, sent) : undefined
    }
    this.#waitingSize += chunk.length
    if (this.#waitingSize > maxWaitingSize)
      this.#fail(connection, `More than ${maxWaitingSize} bytes wait to be sent`)
    return this.#follow(
      connection,
      this.#tail.then(() => {
        this.#waitingSize -= chunk.length
        return step()
      }),
    )
  }

  /** Makes `sent` what the next piece waits for. */
  #follow(connection: HTTPConnection, sent: Promise<void>): Promise<void> {
    const tail = sent.then(
      () => {
        if (this.#tail === tail) this.#tail = null
      },
      (error: unknown) => {
        if (this.#over) throw new StreamClosedError()
        this.#broken(connection, error)
        throw error
      },
    )
    this.#tail = tail
    // Nobody has to wait for it.
    tail.catch(() => undefined)
    return tail
  }

  #broken(connection: HTTPConnection, error: unknown): void {
    this.close()
    connection.abort()
    if ((error as Error | null)?.name !== 'StreamClosedError') appLog.error('Cannot send a response', error)
  }

  #sendFirst(
    response: HandlerResponse,
    connection: HTTPConnection,
    chunk: Uint8Array,
    finishing: boolean,
  ): void | Promise<void> {
    const { reason } = response
    const given: FirstChunk = [response.statusCode, response.headers, chunk]
    const made = this.#through(given, (transform, [statusCode, headers, bytes]) =>
      transform.transformFirstChunk(statusCode, headers, bytes, finishing),
    )
    const send = ([statusCode, headers, bytes]: FirstChunk): void | Promise<void> => {
      if (this.#over) throw new StreamClosedError()
      response.addCookiesTo(headers)
      const sameStatus = statusCode === response.statusCode
      const startLine = new ResponseStartLine(
        'HTTP/1.1',
        statusCode,
        sameStatus ? reason : (responses[statusCode] ?? 'Unknown'),
      )
      return connection.writeHeaders(startLine, headers, bytes)
    }
    return isPromise(made) ? made.then(send) : send(made)
  }

  #sendChunk(connection: HTTPConnection, chunk: Uint8Array, finishing: boolean): void | Promise<void> {
    const made = this.#through(chunk, (transform, bytes) => transform.transformChunk(bytes, finishing))
    const send = (bytes: Uint8Array): void | Promise<void> => {
      if (this.#over) throw new StreamClosedError()
      return bytes.length === 0 ? undefined : connection.write(bytes)
    }
    return isPromise(made) ? made.then(send) : send(made)
  }

  #through<Value extends object>(
    value: Value,
    call: (transform: OutputTransform, value: Value) => Value | Promise<Value>,
    from = 0,
  ): Value | Promise<Value> {
    let current = value
    for (let i = from; i < this.#transforms.length; i++) {
      const made = call(this.#transforms[i]!, current)
      if (isPromise(made)) return made.then((later) => this.#through(later, call, i + 1))
      current = made
    }
    return current
  }

  #end(connection: HTTPConnection, trailers: HTTPHeaders | undefined): void {
    if (this.#over) return
    this.close()
    connection.finish(trailers)
  }

  /** A transform may take the length out of the head: then nobody behind it can tell whether the body is whole. */
  #expect({ headers, statusCode }: HandlerResponse): void {
    const length = headers.get('Content-Length')
    const hasBody = this.#method !== 'HEAD' && statusCode !== 204 && statusCode !== 304
    if (length !== undefined && hasBody && /^[0-9]+$/.test(length)) this.#remaining = Number(length)
  }

  #count(connection: HTTPConnection, size: number, finishing: boolean): void {
    if (this.#remaining < 0) return
    this.#remaining -= size
    if (this.#remaining < 0) this.#fail(connection, 'Tried to write more data than Content-Length')
    if (finishing && this.#remaining > 0)
      this.#fail(connection, `Tried to write ${this.#remaining} bytes less than Content-Length`)
  }

  #fail(connection: HTTPConnection, message: string): never {
    this.close()
    connection.abort()
    throw new HTTPOutputError(message)
  }

  /** A response in pieces may be given up at any time between two of them. */
  #watch(connection: HTTPConnection): void {
    if (this.#over || !this.#transforms.some(({ close }) => close !== nothingToClose)) return
    const { signal } = connection
    const close = (): void => this.close()
    this.#unwatch = () => signal.removeEventListener('abort', close)
    if (signal.aborted) this.close()
    else signal.addEventListener('abort', close, { once: true })
  }
}

/** Bytes that may wait for a transform; as much as a stream's write buffer holds. */
const maxWaitingSize = 100 * 1024 * 1024
const nothingToClose = OutputTransform.prototype.close

function toBytes(chunk: string | Uint8Array): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}
