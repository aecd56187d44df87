import { HTTPHeaders, type HTTPServerRequest } from '@tornado-ts/httputil'
import type { Executor, ModuleFunction } from '@tornado-ts/ioloop'
import { appLog } from '@tornado-ts/log'
import type { Answer } from './answer.ts'
import { toEnviron } from './environ.ts'
import { runFunction, type FunctionCall, type FunctionResult } from './run-function.ts'
import { moduleFunctionRunner } from './run-module-function.ts'
import type { StartResponse, WSGIEnviron, WSGIFunction } from './wsgi-types.ts'

/** An application of TypeScript, or the name of one in a module, which an executor's threads load. */
export type FunctionApplication =
  | WSGIFunction
  | ModuleFunction<[environ: WSGIEnviron, startResponse: StartResponse], Iterable<Uint8Array>>

/** Runs applications of TypeScript: in this thread, or in an executor. */
export class FunctionRunner {
  readonly #application: FunctionApplication
  readonly #executor: Executor | null
  readonly #scriptName: string

  /** @throws {TypeError} On a function of a module without an executor. */
  constructor(application: FunctionApplication, executor: Executor | null, scriptName: string) {
    if (executor === null && typeof application !== 'function') {
      throw new TypeError('A function of a module needs an executor')
    }
    this.#application = application
    this.#executor = executor
    this.#scriptName = scriptName
  }

  /** Answers a request whose body is complete; at once without an executor. */
  run(request: HTTPServerRequest, answer: Answer): void | Promise<void> {
    const call: FunctionCall = {
      environ: toEnviron(request, { scriptName: this.#scriptName }),
      urlScheme: request.protocol,
      body: request.body,
      isMultithread: this.#executor !== null,
    }
    if (this.#executor !== null) return this.#runInExecutor(this.#executor, call, answer)
    try {
      send(answer, runFunction(this.#application as WSGIFunction, call))
    } catch (error) {
      failed(answer, error)
    }
    return undefined
  }

  async #runInExecutor(executor: Executor, call: FunctionCall, answer: Answer): Promise<void> {
    const application = this.#application
    try {
      const result =
        typeof application === 'function'
          ? await executor.submit(runFunction, [application, call])
          : await executor.submit(moduleFunctionRunner, [application.module, application.name, call])
      send(answer, result)
    } catch (error) {
      failed(answer, error)
    }
  }
}

function send(answer: Answer, { status, headers, body, errors }: FunctionResult): void {
  const { method, uri } = answer.request
  if (errors !== '') appLog.error(`${method} ${uri}: ${errors.trimEnd()}`)
  const fields = new HTTPHeaders()
  for (const [name, value] of headers) fields.add(name, value)
  const whole = body.length === 1 ? body[0]! : Buffer.concat(body)
  void answer.begin(Number(status.slice(0, 3)), status.slice(4), fields, whole, true)
  answer.finish()
}

function failed(answer: Answer, error: unknown): void {
  const { method, uri } = answer.request
  appLog.error(`Uncaught exception of the application, ${method} ${uri}`, error)
  answer.fail(500)
}
