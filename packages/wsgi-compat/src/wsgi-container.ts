import type {
  HTTPConnection,
  HTTPMessageDelegate,
  HTTPServerConnectionDelegate,
  HTTPServerRequest,
} from '@tornado-ts/httputil'
import type { Executor } from '@tornado-ts/ioloop'
import { appLog } from '@tornado-ts/log'
import { Answer } from './answer.ts'
import { ContainerDelegate, type BodySink, type RequestSink } from './container-delegate.ts'
import { isBelow, toEnviron, type Environ } from './environ.ts'
import { FastCGIRequest } from './fastcgi-request.ts'
import { FunctionRunner, type FunctionApplication } from './function-runner.ts'
import { GatewayAnswer } from './gateway-answer.ts'
import type { Gateway, GatewayApplication, GatewayOptions } from './gateway.ts'
import { SpooledBody } from './spooled-body.ts'

/** Limits of a {@link WSGIContainer}, and where it is mounted. */
export interface WSGIContainerOptions extends GatewayOptions {
  /**
   * The prefix under which the application is mounted, such as `/old`: its `SCRIPT_NAME`. Paths that are not below it are
   * answered 404. @default '': the application sees the whole path
   */
  scriptName?: string
  /**
   * Most bytes of a body that are gathered in memory before a worker gets the request. A larger one goes on as it arrives, or,
   * if it is chunked, through a temporary file: applications want a `CONTENT_LENGTH`. @default 65_536 (64 KiB)
   */
  requestBufferSize?: number
  /** Most bytes of a body; a larger one is answered 413. @default that of the server, 100 MiB */
  maxBodySize?: number
  /** Largest head of a response of a FastCGI server, in bytes; beyond it the request gets 502. @default 65_536 (64 KiB) */
  maxHeaderSize?: number
  /** Runs a function of TypeScript, in place of this thread. Tornado: WSGIContainer(executor). @default null */
  executor?: Executor | null
  /** `SERVER_SOFTWARE`, and the header `Server` where the application sends none. @default 'tornado-ts' */
  serverSoftware?: string
}

/**
 * Serves a WSGI application: one of Python in processes of its own (`pythonApp`), one behind a FastCGI server (`fastcgi`), or a
 * function of TypeScript.
 *
 * It is what an `HTTPServer` serves, or the target of a rule of an `Application`, which then goes on with its other routes.
 * Python's processes are started at once; `ready` tells when they are.
 *
 * @example
 * const container = new WSGIContainer(pythonApp('shop.wsgi:application', { processes: 4 }))
 * await container.ready()
 * new HTTPServer(container).listen(8888)
 *
 * Tornado: wsgi.WSGIContainer.
 */
export class WSGIContainer implements HTTPServerConnectionDelegate, RequestSink, AsyncDisposable {
  readonly requestBufferSize: number

  readonly #gateway: Gateway | null
  readonly #functions: FunctionRunner | null
  readonly #scriptName: string
  readonly #serverSoftware: string
  readonly #maxBodySize: number | null
  readonly #maxHeaderSize: number

  /** @throws {TypeError | RangeError} When an option makes no sense. */
  constructor(wsgiApplication: GatewayApplication | FunctionApplication, options: WSGIContainerOptions = {}) {
    const { scriptName = '', requestBufferSize = 65_536, maxHeaderSize = 65_536, executor = null } = options
    if (scriptName !== '' && !/^(?:\/[^/?#]+)+$/.test(scriptName)) {
      throw new TypeError(`scriptName must begin with / and not end with it: ${JSON.stringify(scriptName)}`)
    }
    const { queueTimeoutMs = 30_000, requestTimeoutMs = 60_000, maxQueueSize = 1_000 } = options
    for (const [name, value] of Object.entries({ queueTimeoutMs, requestTimeoutMs })) {
      if (!(value > 0)) throw new RangeError(`${name} must be above 0: ${value}`)
    }
    if (!(requestBufferSize >= 0))
      throw new RangeError(`requestBufferSize must be at least 0: ${requestBufferSize}`)
    this.#scriptName = scriptName
    this.requestBufferSize = requestBufferSize
    this.#maxHeaderSize = maxHeaderSize
    this.#maxBodySize = options.maxBodySize ?? null
    this.#serverSoftware = options.serverSoftware ?? 'tornado-ts'
    if ('open' in wsgiApplication) {
      this.#functions = null
      this.#gateway = wsgiApplication.open({ queueTimeoutMs, requestTimeoutMs, maxQueueSize })
    } else {
      this.#gateway = null
      this.#functions = new FunctionRunner(wsgiApplication, executor, scriptName)
      this.requestBufferSize = Infinity
    }
  }

  /**
   * Resolves when requests can be answered: when all processes of Python have imported the application.
   *
   * @throws {WorkerStartError} (rejection) When they cannot be started; its message holds Python's traceback.
   */
  async ready(): Promise<void> {
    await this.#gateway?.ready()
  }

  /** Takes no further requests; resolves when those under way are answered and the processes gone. */
  async close(): Promise<void> {
    await this.#gateway?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Replaces Python's processes, for which their sources are read anew; no request is lost. */
  reload(): void {
    this.#gateway?.reload?.()
  }

  /** The variables of a request, without those of `wsgi.`. Tornado: WSGIContainer.environ. */
  environ(request: HTTPServerRequest): Environ {
    return toEnviron(request, { scriptName: this.#scriptName })
  }

  startRequest(serverConnection: object, requestConnection: HTTPConnection): HTTPMessageDelegate {
    if (this.#maxBodySize !== null) requestConnection.setMaxBodySize(this.#maxBodySize)
    return new ContainerDelegate(this, serverConnection, requestConnection)
  }

  /**
   * Answers a request whose body is complete, and resolves when that is done: for a `FallbackHandler`.
   *
   * @example
   * ['.*', FallbackHandler, { fallback: (request) => container.handleRequest(request) }]
   *
   * Tornado: WSGIContainer.handle_request.
   */
  handleRequest(request: HTTPServerRequest): Promise<void> {
    const over = Promise.withResolvers<void>()
    const answer = new Answer(request, this.#serverSoftware)
    answer.onOver = over.resolve
    this.#run(request, answer)
    return over.promise
  }

  requestComplete(request: HTTPServerRequest): void {
    this.#run(request, new Answer(request, this.#serverSoftware))
  }

  requestBegan(request: HTTPServerRequest): BodySink | null {
    const answer = new Answer(request, this.#serverSoftware)
    if (this.#refuse(request, answer)) return null
    if (!request.headers.has('Content-Length')) return this.#keep(request, answer)
    const running = this.#prepare(request, answer, null)
    this.#gateway!.submit(running)
    return running
  }

  /** A body of unknown length: the application is asked once it is there. */
  #keep(request: HTTPServerRequest, answer: Answer): SpooledBody {
    return new SpooledBody(this.requestBufferSize, {
      bodyComplete: async (file) => {
        const running = this.#prepare(request, answer, file.size)
        this.#gateway!.submit(running)
        for await (const chunk of file) {
          await running.write(chunk)
          if (running.state === 'over') return
        }
        running.end()
      },
      bodyFailed: (error) => {
        appLog.error(`Cannot keep the body of ${request.method} ${request.uri}`, error)
        answer.fail(500)
      },
    })
  }

  #run(request: HTTPServerRequest, answer: Answer): void {
    if (this.#refuse(request, answer)) return
    if (this.#functions !== null) void this.#functions.run(request, answer)
    else {
      const running = this.#prepare(request, answer, request.body.length)
      // All of it before it is submitted, so that it leaves in one piece.
      if (request.body.length > 0) void running.write(request.body)
      running.end()
      this.#gateway!.submit(running)
    }
  }

  #refuse(request: HTTPServerRequest, answer: Answer): boolean {
    if (isBelow(request, this.#scriptName)) return false
    answer.fail(404)
    return true
  }

  /** `size` is that of the body, where it is known by now. */
  #prepare(request: HTTPServerRequest, answer: Answer, size: number | null): FastCGIRequest {
    const gateway = this.#gateway!
    const params = this.environ(request)
    params['GATEWAY_INTERFACE'] = 'CGI/1.1'
    params['SERVER_SOFTWARE'] = this.#serverSoftware
    params['REQUEST_URI'] = request.uri
    params['REQUEST_SCHEME'] = request.protocol
    if (request.protocol === 'https') params['HTTPS'] = 'on'
    if (size !== null && (size > 0 || params['CONTENT_LENGTH'] !== undefined)) {
      params['CONTENT_LENGTH'] = String(size)
    }
    Object.assign(params, typeof gateway.params === 'function' ? gateway.params(request) : gateway.params)
    const gatewayAnswer = new GatewayAnswer(answer, this.#maxHeaderSize)
    const running = new FastCGIRequest(params, gatewayAnswer)
    gatewayAnswer.onUnusable = answer.onGone = () => running.cancel()
    return running
  }
}
