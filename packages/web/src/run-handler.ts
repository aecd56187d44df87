import { appLog } from '@tornado-ts/log'
import { toHTTPError } from './error-pages/error-answer.ts'
import { Finish, HTTPError } from './errors.ts'
import { abandon, breakOff, logFailure } from './handler-end.ts'
import { methodOf } from './handler-methods.ts'
import { isPromise } from './is-promise.ts'
import { lastPageOf } from './pages/page-writer.ts'
import { decodePathArgs, decodePathKwargs, type PathArgs, type PathKwargs } from './input/path-arguments.ts'
import { RequestHandler, type HandlerResult, type MethodResult } from './request-handler.ts'
import { noKwargs } from './input/request-reader.ts'
import { connectionOf, responseOf } from './output/response-writer.ts'
import { sendReturned, type Returned } from './output/returned-value.ts'
import { TransformedOutput } from './output/transformed-output.ts'
import { checksXsrf } from './security/xsrf-guard.ts'

/** Gives a new handler its default headers and its rule's arguments; `false` when that has failed, which is answered then. */
export function startHandler<Settings extends object>(
  handler: RequestHandler<Settings>,
  kwargs: Readonly<Record<string, unknown>>,
): boolean {
  try {
    responseOf(handler).reset(handler.request.startedMs)
    handler.setDefaultHeaders()
    if (handler.application.transforms.length > 0) openOutput(handler)
    handler.initialize(kwargs)
    // Listening costs a closure for each request: only for handlers that want to know.
    if (handler.onConnectionClose !== RequestHandler.prototype.onConnectionClose) {
      connectionOf(handler).setCloseCallback(() => handler.onConnectionClose())
    }
    return true
  } catch (error) {
    failHandler(handler, error)
    return false
  }
}

/** Runs a handler that was started: all from the check of its method to the end of its response. */
export function executeHandler<Settings extends object>(
  handler: RequestHandler<Settings>,
  pathArgs: PathArgs | undefined,
  pathKwargs: PathKwargs | undefined,
): void {
  try {
    admitRequest(handler, pathArgs, pathKwargs)
    const prepared = handler.prepare()
    if (isPromise(prepared)) void executeAfter(handler, prepared)
    else executeMethod(handler)
  } catch (error) {
    failHandler(handler, error)
  }
}

/** Checks and reads a request, as far as that comes before `prepare`. Throws what is wrong with it. */
export function admitRequest<Settings extends object>(
  handler: RequestHandler<Settings>,
  pathArgs: PathArgs | undefined,
  pathKwargs: PathKwargs | undefined,
): void {
  const { method, body } = handler.request
  if (!(handler.constructor as typeof RequestHandler).SUPPORTED_METHODS.includes(method)) {
    throw new HTTPError(405)
  }
  if (body.length > 0) parseBody(handler)
  if (pathArgs !== undefined) handler.pathArgs = decodePathArgs(handler, pathArgs)
  if (pathKwargs !== undefined) handler.pathKwargs = decodePathKwargs(handler, pathKwargs)
  if (handler.settings.xsrfCookies === true && checksXsrf(method)) handler.checkXsrfCookie()
}

/** Calls the method of the request, and sends what it returns. */
export function callMethod<Settings extends object>(handler: RequestHandler<Settings>): HandlerResult {
  const result = methodResult(handler)
  if (result === undefined) return undefined
  return isPromise(result) ? sendResolved(handler, result) : sendReturned(handler, result)
}

/** Ends the response if the method did not. */
export function finishHandler<Settings extends object>(handler: RequestHandler<Settings>): void {
  if (!responseOf(handler).finished) finishUnended(handler)
}

/** Answers what was thrown. */
export function failHandler<Settings extends object>(
  handler: RequestHandler<Settings>,
  error: unknown,
): void {
  const response = responseOf(handler)
  if (error instanceof Finish) {
    if (!response.finished) void handler.finish(error.chunk)
    return
  }
  // The client is gone: nobody is left to be answered, and nothing went wrong here.
  if (error instanceof Error && error.name === 'StreamClosedError' && handler.request.signal.aborted) {
    abandon(handler)
    return
  }
  const known = toHTTPError(error)
  logFailure(handler, known ?? asMistake(error))
  if (response.finished) return
  try {
    handler.sendError(known?.statusCode ?? 500, { error })
  } catch (failure) {
    appLog.error('Cannot answer an error', failure)
    if (!response.finished) breakOff(handler)
  }
}

/** An {@link HTTPError} of a status that no response can have says nothing of its own accord. */
function asMistake(error: unknown): unknown {
  if (!(error instanceof HTTPError)) return error
  return new RangeError(`Cannot answer an error with status ${error.statusCode}`, { cause: error })
}

function openOutput<Settings extends object>(handler: RequestHandler<Settings>): void {
  const transforms = handler.makeTransforms()
  if (transforms.length > 0) {
    responseOf(handler).output = new TransformedOutput(transforms, handler.request.method)
  }
}

function parseBody<Settings extends object>({ request }: RequestHandler<Settings>): void {
  try {
    request.parseBody()
  } catch (error) {
    if (!(error instanceof Error && error.name === 'HTTPInputError')) throw error
    throw new HTTPError(400, `Invalid body: ${error.message}`, { cause: error })
  }
}

async function executeAfter<Settings extends object>(
  handler: RequestHandler<Settings>,
  prepared: Promise<void>,
): Promise<void> {
  try {
    await prepared
    executeMethod(handler)
  } catch (error) {
    failHandler(handler, error)
  }
}

function executeMethod<Settings extends object>(handler: RequestHandler<Settings>): void {
  const response = responseOf(handler)
  if (response.finished) return
  const result = methodResult(handler)
  if (result !== undefined)
    void finishAfter(handler, isPromise(result) ? result : sendReturned(handler, result))
  else if (!response.finished) finishUnended(handler)
}

function methodResult<Settings extends object>(handler: RequestHandler<Settings>): MethodResult {
  const { pathKwargs, pathArgs } = handler
  const named = pathKwargs !== noKwargs && Object.keys(pathKwargs).length > 0
  const method = methodOf(handler, RequestHandler.prototype)
  return method.apply(handler, (named ? [pathKwargs] : pathArgs) as never[])
}

async function sendResolved<Settings extends object>(
  handler: RequestHandler<Settings>,
  result: Promise<void | Returned>,
): Promise<void> {
  const value = await result
  if (value !== undefined && !responseOf(handler).finished) await sendReturned(handler, value)
}

async function finishAfter<Settings extends object>(
  handler: RequestHandler<Settings>,
  result: Promise<void | Returned>,
): Promise<void> {
  try {
    const value = await result
    if (value !== undefined && !responseOf(handler).finished) await sendReturned(handler, value)
    finishHandler(handler)
  } catch (error) {
    failHandler(handler, error)
  }
}

/** Ends the response of a method that did not; a page that is still being rendered ends it itself. */
function finishUnended<Settings extends object>(handler: RequestHandler<Settings>): void {
  const page = lastPageOf(handler)
  if (page !== null) {
    const { pending, failure } = page
    if (pending !== null) {
      void finishAfter(handler, pending)
      return
    }
    // Whoever caught the error has answered something else.
    if (failure !== null && handler.getStatus() === 200 && responseOf(handler).body.empty) throw failure.error
  }
  void handler.finish()
}
